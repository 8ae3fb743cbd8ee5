#pragma once
/// What the loader says about a text, for tests.
///
///   EXPECT_EQ(told(load(around(isp, home, R"({ "poll": "hom" })"))), "s/t.json:4:20: error: ...");

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>

#include "scenarios/language/load.h"

namespace mailrig::scenarios::testing {

/// Files of a test, by path. The one that is loaded is s/t.json.
using Files = std::map<std::string, std::string>;

inline LoadResult load(std::string_view text, const Files& files = {}) {
  LoadContext context{.read = [&files](const std::string& path) -> Result<std::string> {
    auto found = files.find(path);
    if (found == files.end()) return Error{Errc::environment, fmt::format("cannot read {}: no such file", path)};
    return found->second;
  }};
  return load_scenarios("s/t.json", text, context);
}

/// All diagnostics as they are printed. How many settings a server has is not what these tests are about: it reads N.
inline std::string told(const LoadResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) text += to_text(diagnostic);
  constexpr std::string_view before = "expected: one of ";
  constexpr std::string_view after = "; the nearest are ";
  for (std::size_t at = text.find(after); at != std::string::npos; at = text.find(after, at)) {
    std::size_t number = text.rfind(before, at) + before.size();
    text.replace(number, at - number, "N");
    at = number + 1 + after.size();
    // Of the three that are named these tests hold the first.
    const std::size_t first = text.find(',', at);
    text.erase(first, text.find('\n', at) - first);
  }
  return text;
}

/// The same without lines, carets and places' files: "4:20: error: MESSAGE | EXPECTED | MEANT".
inline std::string told_briefly(const LoadResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics)
    text += fmt::format("{}:{}: {}: {} | {} | {}\n", diagnostic.place.line, diagnostic.place.column,
                        to_string(diagnostic.severity), diagnostic.message, diagnostic.expected, diagnostic.meant);
  return text;
}

/// A story in four lines: id and title, servers, accounts, steps.
inline std::string around(std::string_view servers, std::string_view accounts = "", std::string_view steps = "") {
  return fmt::format(
      "{{ \"id\": \"a/b\", \"title\": \"t\",\n\"servers\": {{ {} }},\n\"accounts\": {{ {} }},\n\"steps\": [ {} ] }}\n",
      servers, accounts, steps);
}
inline constexpr std::string_view isp = R"("isp": { "mailboxes": { "ann": { "password": "pw" } } })";
inline constexpr std::string_view home = R"("home": { "pop3": "isp", "user": "ann", "password": "pw" })";

/// A story with `isp`, `home`, an expectation and these steps, the first of which begins in column 59 of line 4.
inline LoadResult load_steps(std::string_view steps) {
  return load(around(isp, home, fmt::format("{}, {}", R"({ "expect": { "accounts.home.state": "ok" } })", steps)));
}

}  // namespace mailrig::scenarios::testing
