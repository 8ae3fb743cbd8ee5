#pragma once
/// What must be true: a path into what servers and client say of themselves, and what is to be found there.
///
///   Result<Path> path = Path::parse("servers.gmail.mailboxes['anna@zillum.test'].kept");
///   Result<Condition> condition = Condition::parse(wanted);            // 1200, or { "ge": 300, "lt": 1200 }
///   Judgement judgement = judge(*path, *condition, root);              // root = { accounts, servers, latency }, lazy
///   if (!judgement.held) finding.expected = judgement.expected, finding.actual = judgement.actual;

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/value.h"

namespace mailrig::scenarios {

/// Why a path could not be read: where in its text, and what was meant.
struct PathError {
  std::size_t offset = 0;
  std::string message;
};

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

  /// Names are letters, digits, `_` and `-`; anything goes in ['...'], where \' and \\ stand for themselves.
  static boost::system::result<Path, PathError> parse(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<Segment>& segments() const { return segments_; }
  /// The text of the first `count` segments: "accounts.work".
  std::string prefix(std::size_t count) const;

 private:
  std::string text_;
  std::vector<Segment> segments_;
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
};
std::string_view to_string(Matcher matcher);  // "not_contains"

class Pattern;  // scenarios/pattern.h

/// All clauses must hold.
class Condition {
 public:
  struct Clause {
    Matcher matcher = Matcher::eq;
    Value wanted;
    std::shared_ptr<const Pattern> pattern = {};  // of matches, none_match, all_match and count's "matching"
    std::shared_ptr<const Condition> inner = {};  // of count: what the number must be
  };
  /// A plain value must be equal; an object of matchers is read as such. Errors: bad_input, naming the matcher.
  static Result<Condition> parse(const Value& wanted);
  const std::vector<Clause>& clauses() const { return clauses_; }
  /// True where the only demand is that there is nothing: { "absent": true }.
  bool wants_absence() const;

 private:
  std::vector<Clause> clauses_;
};

struct Judgement {
  bool held = false;
  bool unknown_path = false;  // the path names what nobody knows: `expected` says what there is, with suggestions
  std::string expected;       // "at least 300"
  std::string actual;         // "299"
};

Judgement judge(const Path& path, const Condition& condition, const Value& root);

}  // namespace mailrig::scenarios
