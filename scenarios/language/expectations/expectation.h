#pragma once
/// What must be true: a path into what servers and client say of themselves, and what is to be found there.
///
///   boost::system::result<Path, PathError> path = Path::parse("servers.gmail.mailboxes['anna@zillum.test'].kept");
///   Result<Condition> condition = Condition::parse(wanted);            // 1200, or { "ge": 300, "lt": 1200 }
///   CheckResult judgement = judge(*path, *condition, root);              // root = { accounts, servers, latency },
///   lazy if (!judgement.held) finding.expected = judgement.expected, finding.actual = judgement.actual;
///
/// Durations ("90s" is "1m30s"), octets ("1KiB" is 1024) and instants are compared as such, all else as what it is.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace mailrig::scenarios {

/// Why a path could not be read, and where in its text.
struct PathError {
  std::size_t offset = 0;
  std::string message;
};
[[noreturn]] void throw_exception_from_error(const PathError& error, const boost::source_location& where);

class Path {
 public:
  struct Segment {
    std::string name;        // of a key
    std::int64_t index = 0;  // of a list; negative counts from the end
    bool is_index = false;
    friend bool operator==(const Segment&, const Segment&) = default;
  };

  /// Bounds of what is read; no story needs a tenth of them.
  static constexpr std::size_t octets_max = 1024;
  static constexpr std::size_t segments_max = 32;

  /// Names are letters, digits, `_` and `-`; anything goes in ['...'], where \' and \\ stand for ' and \.
  static boost::system::result<Path, PathError> parse(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<Segment>& segments() const { return segments_; }
  /// The text of the first `count` segments: "accounts.work".
  std::string prefix(std::size_t count) const;
  /// Where the text of segment `index` begins.
  std::size_t offset(std::size_t index) const { return offsets_[index]; }

 private:
  std::string text_;
  std::vector<Segment> segments_;
  std::vector<std::size_t> offsets_;
};

enum class Matcher : std::uint8_t {
  eq,
  ne,
  lt,
  le,
  gt,
  ge,
  contains,
  not_contains,
  starts_with,
  ends_with,
  matches,
  one_of,
  count,
  in_order,
  none_match,
  all_match,
  absent,
  secret,  // equal, and neither value is ever printed
};
std::string_view to_string(Matcher matcher);        // "not_contains"
std::span<const std::string_view> matcher_names();  // in the order of Matcher

class Pattern;  // scenarios/language/expectations/pattern.h

/// All clauses must hold.
class Condition {
 public:
  struct Clause {
    Matcher matcher = Matcher::eq;
    Value wanted;
    std::vector<std::shared_ptr<const Pattern>> patterns =
        {};                                        // of matches, none_match, all_match; of count: what is counted
    std::shared_ptr<const Condition> number = {};  // of count: what it must be
  };

  /// A plain value must be equal; an object is matchers. Errors: bad_input; Error::reason is the matcher that is wrong.
  static Result<Condition> parse(const Value& wanted);
  const std::vector<Clause>& clauses() const { return clauses_; }
  /// True where it demands that there is nothing: { "absent": true }.
  bool wants_absence() const;
  /// No value that it is put to is printed: { "secret": "s3cret" }.
  bool is_secret() const;

 private:
  std::vector<Clause> clauses_;
};

/// Do all clauses hold for this value?
bool holds(const Condition& condition, const Value& actual);

/// Is there no value for which both hold? Sure where it says so; patterns, lists and the like are not looked into.
bool contradict(const Condition& one, const Condition& other);

/// As a person would say it: "at least 300 and less than 1200".
std::string describe(const Condition& condition);

struct CheckResult {
  bool held = false;
  bool unknown_path = false;  // the path leads to what nobody knows: `expected` says what there is and what was meant
  std::string expected = {};  // "at least 300"
  std::string actual = {};    // "299"
};

/// What was never counted is 0 (servers.X.commands.VERB, latency.STEP.count); an item beyond the end of a list and a
/// null are absent.
CheckResult judge(const Path& path, const Condition& condition, const Value& root);

/// The tree of one moment, for many expectations: what one of them had made serves the others too, so that looking at
/// each item of a list costs as much as the list, not its square.
class ObservedTree {
 public:
  explicit ObservedTree(Value root) : root_(std::move(root)) {}
  CheckResult judge(const Path& path, const Condition& condition);

 private:
  Value root_;
  std::unordered_map<std::string, Value> made_;  // by the text of the path that leads there
};

}  // namespace mailrig::scenarios
