#pragma once
/// What a suite can cover: the paragraphs of docs/guide.md and the clauses of RFCs, with their level. The file is
/// requirements.json.
///
///   const Requirements& all = bundled_requirements();
///   all.find("rfc1939/5-DELE")->level == Level::must;
///   std::string table = coverage_table(all, scenarios);      // for `mailrig list --requirements`

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "base/result.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

struct Requirement {
  std::string id;     // "rfc1939/5-DELE"
  std::string title;  // what it demands, in one sentence
  Level level = Level::must;
  std::string source;  // "RFC 1939, section 5", "docs/guide.md#delete-mails-from-server"
};

class Requirements {
 public:
  /// Reads a requirements file. Errors: bad_input with file, line and column.
  static Result<Requirements> parse(std::string_view file, std::string_view text);

  /// In the order of the file.
  std::span<const Requirement> all() const { return all_; }
  const Requirement* find(std::string_view id) const;
  /// An id that is probably meant, or "".
  std::string nearest_to(std::string_view id) const;

 private:
  std::vector<Requirement> all_;
  std::map<std::string, std::size_t, std::less<>> by_id_;
};

/// Those that the program carries with it.
const Requirements& bundled_requirements();

struct Coverage {
  const Requirement* requirement = nullptr;
  std::vector<std::string> scenarios;  // ids
};
/// In the order of the file.
std::vector<Coverage> coverage(const Requirements& requirements, std::span<const Scenario> scenarios);
/// For people: by source, what covers it, what nothing covers, and the sums.
std::string coverage_table(const Requirements& requirements, std::span<const Scenario> scenarios);

}  // namespace mailrig::scenarios
