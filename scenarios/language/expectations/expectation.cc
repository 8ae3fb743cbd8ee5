// Judging: the path is walked over a tree of values, then each matcher is put to what stands there.

#include "scenarios/language/expectations/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "scenarios/language/expectations/pattern.h"
#include "scenarios/language/expectations/quantity.h"

namespace mailrig::scenarios {
namespace {

/// How many names a message lists.
constexpr std::size_t listed_max = 24;
/// How much of a value a message shows.
constexpr std::size_t shown_octets_max = 400;

/// The value without what clients said of passwords, as far as a message shows it.
Value without_secrets(const Value& value) {
  const Value made = value.made();
  if (made.is(Value::Kind::list)) {
    Value::List items;
    for (std::size_t i = 0; i < made.items().size() && i < shown_octets_max; ++i)
      items.push_back(without_secrets(made.items()[i]));
    return Value(std::move(items));
  }
  if (!made.is(Value::Kind::map)) return made;
  Value::Map entries;
  for (const auto& [key, entry] : made.entries())
    entries.emplace_back(key, key == "secrets" ? Value("<not shown>") : without_secrets(entry));
  return Value(std::move(entries));
}

std::string show(const Value& value) {
  const bool scalar = !value.is(Value::Kind::list) && !value.is(Value::Kind::map);
  return to_json(scalar ? value : without_secrets(value), shown_octets_max);
}

// --- Walking

using MadeValues = std::unordered_map<std::string, Value>;  // by the text of the path that leads there

struct Found {
  enum class Kind : std::uint8_t { value, nothing, unknown };
  Kind kind = Kind::value;
  Value value = {};
  std::string what = {};      // nothing, unknown: what was found instead
  std::string expected = {};  // unknown: what there is
};

/// Maps whose keys are not of this program: a key that is not there is absent and no slip of the pen.
bool has_open_keys(const Path& path, std::size_t depth) {
  const auto& segments = path.segments();
  if (depth < 3 || segments[0].name != "servers") return false;
  const std::string& what = segments[2].name;
  if (what == "commands" || what == "records") return true;
  return what == "accepted" && depth >= 5 && segments[4].name == "headers";
}

/// What is counted and has not happened yet is 0.
bool counts_from_zero(const Path& path, std::size_t depth) {
  const auto& segments = path.segments();
  if (depth + 1 == segments.size() && depth == 3)
    return segments[0].name == "servers" && segments[2].name == "commands";
  return depth == 1 && segments.size() == 3 && segments[0].name == "latency" && segments[2].name == "count";
}

Found unknown_name(const Path& path, std::size_t depth, const Value& map) {
  Found found{.kind = Found::Kind::unknown};
  const std::string& name = path.segments()[depth].name;
  found.what = depth == 0 ? fmt::format("there is no \"{}\"", printable(name))
                          : fmt::format("there is no \"{}\" in {}", printable(name), path.prefix(depth));
  std::vector<std::string_view> names;
  for (const auto& [key, value] : map.entries()) names.push_back(key);
  std::string_view meant = nearest(name, names);
  if (names.empty())
    found.expected = "nothing: it is empty";
  else if (names.size() <= listed_max)
    found.expected = "one of " + join_words(names, " or ");
  else
    found.expected = fmt::format("one of its {} names", names.size());
  if (!meant.empty()) found.expected += fmt::format("; did you mean \"{}\"?", meant);
  return found;
}

Found wrong_kind(const Path& path, std::size_t depth, const Value& value) {
  Found found{.kind = Found::Kind::unknown};
  const Path::Segment& segment = path.segments()[depth];
  std::string before = depth == 0 ? "the root" : path.prefix(depth);
  found.what = fmt::format("{} is {}", before, to_string(value.kind()));
  if (segment.is_index)
    found.expected =
        value.is(Value::Kind::map) ? fmt::format("a name, not [{}]", segment.index) : "a path that ends there";
  else
    found.expected = value.is(Value::Kind::list)
                         ? fmt::format("the number of an item such as [0] before \"{}\"", printable(segment.name))
                         : "a path that ends there";
  return found;
}

/// What is there, made; once only where the values that were made are kept.
void make(const Path& path, std::size_t depth, Value& at, MadeValues* kept) {
  if (kept == nullptr) {
    at = at.made();
    return;
  }
  const auto [found, is_new] = kept->try_emplace(path.prefix(depth));
  if (is_new) found->second = at.made();
  at = Value(found->second);
}

/// One step down. Nothing: `at` has moved on.
std::optional<Found> step(const Path& path, std::size_t depth, Value& at, MadeValues* kept) {
  const Path::Segment& segment = path.segments()[depth];
  make(path, depth, at, kept);
  if (at.is_null())
    return Found{.kind = Found::Kind::nothing, .what = fmt::format("nothing: {} is null", path.prefix(depth))};
  if (segment.is_index) {
    if (!at.is(Value::Kind::list)) return wrong_kind(path, depth, at);
    auto size = static_cast<std::int64_t>(at.items().size());
    std::int64_t index = segment.index < 0 ? segment.index + size : segment.index;
    if (index < 0 || index >= size)
      return Found{.kind = Found::Kind::nothing,
                   .what = fmt::format("nothing: {} has {}", path.prefix(depth),
                                       size == 0   ? "no items"
                                       : size == 1 ? "1 item"
                                                   : fmt::format("{} items", size))};
    at = Value(at.items()[static_cast<std::size_t>(index)]);
    return std::nullopt;
  }
  if (!at.is(Value::Kind::map)) return wrong_kind(path, depth, at);
  const Value* entry = at.find(segment.name);
  if (entry == nullptr) {
    if (counts_from_zero(path, depth)) return Found{.kind = Found::Kind::value, .value = 0};
    if (has_open_keys(path, depth))
      return Found{.kind = Found::Kind::nothing,
                   .what = fmt::format("nothing: {} has no \"{}\"", path.prefix(depth), printable(segment.name))};
    return unknown_name(path, depth, at);
  }
  at = Value(*entry);
  return std::nullopt;
}

Found walk(const Path& path, const Value& root, MadeValues* kept) {
  Value at = root;
  for (std::size_t depth = 0; depth < path.segments().size(); ++depth)
    if (auto end = step(path, depth, at, kept)) return std::move(*end);
  at = at.made();
  if (at.is_null()) return {.kind = Found::Kind::nothing, .what = "nothing"};
  return {.value = std::move(at)};
}

// --- Matching

bool equal(const Value& a, const Value& b) { return a == b || compare(a, b) == 0; }

bool contains(const Value& actual, const Value& wanted) {
  if (actual.is(Value::Kind::text))
    return wanted.is(Value::Kind::text) && actual.text().find(wanted.text()) != std::string::npos;
  return actual.is(Value::Kind::list) &&
         std::ranges::any_of(actual.items(), [&](const Value& item) { return equal(item, wanted); });
}

bool any_found_in(const std::vector<std::shared_ptr<const Pattern>>& patterns, const std::string& text) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return pattern->found_in(text); });
}

/// A clause's answer; `actual` only where the value itself would not tell what is wrong.
struct Answer {
  bool held = false;
  std::string actual = {};
};

Answer unfit(const Value& actual, std::string_view needs) {
  return {false, fmt::format("{}, which is not {}", show(actual), needs)};
}

Answer order(Matcher matcher, const Value& actual, const Value& wanted) {
  std::partial_ordering order = compare(actual, wanted);
  if (order == std::partial_ordering::unordered)
    return {false, fmt::format("{}, which cannot be compared with {}", show(actual), show(wanted))};
  switch (matcher) {
    case Matcher::lt: return {order < 0};
    case Matcher::le: return {order <= 0};
    case Matcher::gt: return {order > 0};
    default: return {order >= 0};
  }
}

Answer count(const Condition::Clause& clause, const Value& actual) {
  std::size_t number = 0;
  if (actual.is(Value::Kind::list)) {
    number = static_cast<std::size_t>(std::ranges::count_if(actual.items(), [&](const Value& item) {
      Value made = item.made();
      return clause.patterns.empty() || (made.is(Value::Kind::text) && any_found_in(clause.patterns, made.text()));
    }));
  } else if (actual.is(Value::Kind::map) && clause.patterns.empty()) {
    number = actual.entries().size();
  } else if (actual.is(Value::Kind::text) && !clause.patterns.empty()) {
    number = clause.patterns.front()->count_in(actual.text());
  } else {
    return unfit(actual, "a list");
  }
  Value counted(static_cast<std::int64_t>(number));
  bool held = std::ranges::all_of(clause.number->clauses(), [&](const Condition::Clause& inner) {
    if (inner.matcher == Matcher::eq) return equal(counted, inner.wanted);
    if (inner.matcher == Matcher::ne) return !equal(counted, inner.wanted);
    return order(inner.matcher, counted, inner.wanted).held;
  });
  return {held, fmt::format("{}{}", number, clause.patterns.empty() ? "" : " that match")};
}

Answer in_order(const Value& actual, const Value& wanted) {
  if (!actual.is(Value::Kind::list)) return unfit(actual, "a list");
  std::size_t at = 0;
  for (const Value& prefix : wanted.items()) {
    const auto& items = actual.items();
    auto fits = [&](const Value& item) {
      Value made = item.made();
      return made.is(Value::Kind::text) && made.text().starts_with(prefix.text());
    };
    auto found = std::find_if(items.begin() + static_cast<std::ptrdiff_t>(at), items.end(), fits);
    if (found == items.end()) {
      std::string where = at == 0 ? "at all" : fmt::format("after item [{}]", at - 1);
      return {false, fmt::format("nothing {} begins with {}: {}", where, show(prefix), show(actual))};
    }
    at = static_cast<std::size_t>(found - items.begin()) + 1;
  }
  return {true};
}

/// none_match and all_match: of a list of texts; a text alone is a list of one.
Answer each_matches(const Condition::Clause& clause, const Value& actual, bool should) {
  if (!actual.is(Value::Kind::list) && !actual.is(Value::Kind::text)) return unfit(actual, "a list of texts");
  const Value::List one = actual.is(Value::Kind::text) ? Value::List{actual} : Value::List{};
  const Value::List& items = actual.is(Value::Kind::text) ? one : actual.items();
  for (std::size_t i = 0; i < items.size(); ++i) {
    Value item = items[i].made();
    if (!item.is(Value::Kind::text)) return {false, fmt::format("item [{}] is {}, which is not a text", i, show(item))};
    if (any_found_in(clause.patterns, item.text()) != should)
      return {false, fmt::format("item [{}] {}: {}", i, should ? "does not match" : "matches", show(item))};
  }
  return {true};
}

Answer put(const Condition::Clause& clause, const Value& actual) {
  const Value& wanted = clause.wanted;
  bool text = actual.is(Value::Kind::text);
  switch (clause.matcher) {
    case Matcher::eq: return {equal(actual, wanted)};
    case Matcher::ne: return {!equal(actual, wanted)};
    case Matcher::lt:
    case Matcher::le:
    case Matcher::gt:
    case Matcher::ge: return order(clause.matcher, actual, wanted);
    case Matcher::contains:
    case Matcher::not_contains:
      if (!text && !actual.is(Value::Kind::list)) return unfit(actual, "a text or a list");
      return {contains(actual, wanted) == (clause.matcher == Matcher::contains)};
    case Matcher::starts_with: return text ? Answer{actual.text().starts_with(wanted.text())} : unfit(actual, "a text");
    case Matcher::ends_with: return text ? Answer{actual.text().ends_with(wanted.text())} : unfit(actual, "a text");
    case Matcher::matches:
      if (text) return {clause.patterns.front()->found_in(actual.text())};
      if (!actual.is(Value::Kind::list)) return unfit(actual, "a text or a list of texts");
      return {std::ranges::any_of(actual.items(), [&](const Value& item) {
        Value made = item.made();
        return made.is(Value::Kind::text) && clause.patterns.front()->found_in(made.text());
      })};
    case Matcher::one_of:
      return {std::ranges::any_of(wanted.items(), [&](const Value& one) { return equal(actual, one); })};
    case Matcher::count: return count(clause, actual);
    case Matcher::in_order: return in_order(actual, wanted);
    case Matcher::none_match: return each_matches(clause, actual, false);
    case Matcher::all_match: return each_matches(clause, actual, true);
    case Matcher::absent: return {!wanted.boolean()};
    case Matcher::secret: return {equal(actual, wanted)};
  }
  return {};
}

// --- Saying

std::string describe_patterns(const std::vector<std::shared_ptr<const Pattern>>& patterns) {
  std::vector<std::string> texts;
  for (const auto& pattern : patterns) texts.push_back("/" + printable(pattern->text()) + "/");
  std::vector<std::string_view> views(texts.begin(), texts.end());
  return join_words(views, " or ");
}

std::string describe(const Condition::Clause& clause) {
  std::string wanted = clause.matcher == Matcher::secret ? std::string() : show(clause.wanted);
  switch (clause.matcher) {
    case Matcher::eq: return wanted;
    case Matcher::ne: return "anything but " + wanted;
    case Matcher::lt: return "less than " + wanted;
    case Matcher::le: return "at most " + wanted;
    case Matcher::gt: return "more than " + wanted;
    case Matcher::ge: return "at least " + wanted;
    case Matcher::contains: return "what contains " + wanted;
    case Matcher::not_contains: return "what does not contain " + wanted;
    case Matcher::starts_with: return "a text that begins with " + wanted;
    case Matcher::ends_with: return "a text that ends with " + wanted;
    case Matcher::matches: return "a text that matches " + describe_patterns(clause.patterns);
    case Matcher::one_of: return "one of " + wanted;
    case Matcher::count:
      return clause.patterns.empty()
                 ? describe(*clause.number) + " items"
                 : fmt::format("{} that match {}", describe(*clause.number), describe_patterns(clause.patterns));
    case Matcher::in_order: return "in this order, others between them or not: " + wanted;
    case Matcher::none_match: return "no item that matches " + describe_patterns(clause.patterns);
    case Matcher::all_match: return "only items that match " + describe_patterns(clause.patterns);
    case Matcher::absent: return clause.wanted.boolean() ? "nothing" : "something";
    case Matcher::secret: return "the secret of the scenario";
  }
  return wanted;
}

/// Of two lists: the first item in which they differ. Nothing where both are seen at a glance.
std::optional<std::string> list_difference(const Value& wanted, const Value& actual) {
  constexpr std::size_t at_a_glance_octets = 120;
  constexpr std::size_t item_octets = 200;
  const std::string shown = show(actual);
  if (std::max(shown.size(), show(wanted).size()) <= at_a_glance_octets) return std::nullopt;
  const std::size_t both = std::min(wanted.items().size(), actual.items().size());
  std::size_t at = 0;
  while (at < both && equal(wanted.items()[at].made(), actual.items()[at].made())) ++at;
  auto item = [at](const Value& list) {
    return at < list.items().size() ? to_json(without_secrets(list.items()[at]), item_octets) : "its end";
  };
  return fmt::format("{}; they differ from item [{}] on ({} and {} items): expected {}, found {}", shown, at,
                     wanted.items().size(), actual.items().size(), item(wanted), item(actual));
}

/// Of two texts that are longer than a message shows: where they part, and what is there. Nothing for shorter ones.
std::optional<std::string> difference(const Value& wanted, const Value& actual) {
  if (wanted.is(Value::Kind::list) && actual.is(Value::Kind::list)) return list_difference(wanted, actual);
  constexpr std::size_t context_octets = 20;
  constexpr std::size_t around_octets = 60;
  if (!wanted.is(Value::Kind::text) || !actual.is(Value::Kind::text)) return std::nullopt;
  const std::string& left = wanted.text();
  const std::string& right = actual.text();
  if (std::max(left.size(), right.size()) <= around_octets) return std::nullopt;
  const auto at = static_cast<std::size_t>(std::ranges::mismatch(left, right).in1 - left.begin());
  const std::size_t from = at - std::min(at, context_octets);
  auto around = [&](const std::string& text) {
    if (at == text.size()) return std::string("its end");
    return fmt::format("{}{}{}", from > 0 ? "..." : "", to_json(Value(text.substr(from, around_octets))),
                       from + around_octets < text.size() ? "..." : "");
  };
  return fmt::format("{}; they differ from octet {} on ({} and {} octets): expected {}, found {}", show(actual), at + 1,
                     left.size(), right.size(), around(left), around(right));
}

CheckResult judge_found(Found found, const Condition& condition) {
  if (found.kind == Found::Kind::unknown) return {false, true, std::move(found.expected), std::move(found.what)};
  if (found.kind == Found::Kind::nothing) {
    if (condition.wants_absence() && condition.clauses().size() == 1) return {.held = true};
    return {false, false, describe(condition), std::move(found.what)};
  }
  for (const Condition::Clause& clause : condition.clauses()) {
    Answer answer = put(clause, found.value);
    if (answer.held) continue;
    if (condition.is_secret()) return {false, false, describe(condition), "another value, which is not shown"};
    if (clause.matcher == Matcher::eq && answer.actual.empty())
      answer.actual = difference(clause.wanted, found.value).value_or("");
    return {false, false, describe(condition), answer.actual.empty() ? show(found.value) : std::move(answer.actual)};
  }
  return {.held = true};
}

}  // namespace

std::string describe(const Condition& condition) {
  std::vector<std::string> texts;
  for (const auto& clause : condition.clauses()) texts.push_back(describe(clause));
  std::vector<std::string_view> views(texts.begin(), texts.end());
  return join_words(views);
}

bool holds(const Condition& condition, const Value& actual) {
  return std::ranges::all_of(condition.clauses(),
                             [&](const Condition::Clause& clause) { return put(clause, actual).held; });
}

namespace {

bool excludes(const Condition& fixed, const Condition& other) {
  return std::ranges::any_of(fixed.clauses(), [&](const Condition::Clause& clause) {
    if (clause.matcher == Matcher::eq || clause.matcher == Matcher::secret) return !holds(other, clause.wanted);
    if (clause.matcher == Matcher::absent && clause.wanted.boolean()) return !other.wants_absence();
    // A bound from below against one from above.
    if (clause.matcher != Matcher::gt && clause.matcher != Matcher::ge) return false;
    return std::ranges::any_of(other.clauses(), [&](const Condition::Clause& upper) {
      if (upper.matcher != Matcher::lt && upper.matcher != Matcher::le) return false;
      const std::partial_ordering order = compare(clause.wanted, upper.wanted);
      const bool both_take_it = clause.matcher == Matcher::ge && upper.matcher == Matcher::le;
      return order > 0 || (order == 0 && !both_take_it);
    });
  });
}

}  // namespace

bool contradict(const Condition& one, const Condition& other) { return excludes(one, other) || excludes(other, one); }

CheckResult judge(const Path& path, const Condition& condition, const Value& root) {
  return judge_found(walk(path, root, nullptr), condition);
}

CheckResult ObservedTree::judge(const Path& path, const Condition& condition) {
  return judge_found(walk(path, root_, &made_), condition);
}

}  // namespace mailrig::scenarios
