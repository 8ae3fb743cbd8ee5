#pragma once
/// Reads a scenario file, or says what is wrong with it: all of it, with file, line, column, what was expected and what
/// was meant.
///
///   LoadContext context{.read = [](const std::string& path) { return read_file(path); }};
///   LoadResult loaded = load_scenarios("suite/gmail/window.json", text, context);
///   for (const Diagnostic& diagnostic : loaded.diagnostics) std::cerr << to_text(diagnostic);
///
/// Nothing here touches a file system: what a scenario refers to (extends, eml files) comes through `read`.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

struct Diagnostic {
  enum class Severity : std::uint8_t { error, warning };
  Severity severity = Severity::error;
  SourcePlace place;
  std::string message;   // "unknown key \"sevrers\""
  std::string expected;  // "one of id, title ..."; may be empty
  std::string meant;     // "servers"; may be empty
};
std::string_view to_string(Diagnostic::Severity severity);
/// file:12:7: error: ..., the line, a caret, what was expected, what was probably meant; ends in a line end.
std::string to_text(const Diagnostic& diagnostic);

class Requirements;  // scenarios/language/requirements.h

struct LoadContext {
  /// The bytes of a file; the path is relative to where the program runs. Errors: environment.
  std::function<Result<std::string>(const std::string& path)> read = {};
  /// What `covers` may name; nothing: the bundled requirements.
  const Requirements* requirements = nullptr;
  /// What servers may speak; nothing: the built-in protocols. They outlive the scenarios.
  std::span<const fakeservers::ProtocolDescriptor* const> protocols = {};
  std::span<const fakeservers::ProtocolDescriptor* const> known_protocols() const;
};

struct LoadResult {
  std::vector<Scenario> scenarios;  // one a row; empty where there was an error
  std::vector<Diagnostic> diagnostics;
  bool failed() const;  // at least one error
};

LoadResult load_scenarios(std::string_view path, std::string_view contents, const LoadContext& context);

}  // namespace mailrig::scenarios
