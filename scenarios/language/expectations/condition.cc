#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "fakeservers/core/base64.h"
#include "scenarios/language/expectations/expectation.h"
#include "scenarios/language/expectations/pattern.h"
#include "scenarios/language/expectations/quantity.h"

namespace mailrig::scenarios {
namespace {

using enum Matcher;

constexpr std::array<std::string_view, 18> names{
    "eq",        "ne",      "lt",     "le",    "gt",       "ge",         "contains",  "not_contains", "starts_with",
    "ends_with", "matches", "one_of", "count", "in_order", "none_match", "all_match", "absent",       "secret"};

/// As other languages and test frameworks call them.
std::string_view matcher_of_others(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> others{{{"gte", "ge"},
                                                                                  {"lte", "le"},
                                                                                  {"min", "ge"},
                                                                                  {"max", "le"},
                                                                                  {">=", "ge"},
                                                                                  {"<=", "le"},
                                                                                  {">", "gt"},
                                                                                  {"<", "lt"},
                                                                                  {"equals", "eq"},
                                                                                  {"neq", "ne"},
                                                                                  {"regex", "matches"},
                                                                                  {"in", "one_of"}}};
  const auto* found = std::ranges::find(others, name, &std::pair<std::string_view, std::string_view>::first);
  return found == others.end() ? std::string_view() : found->second;
}

Error wrong(std::string_view matcher, std::string_view takes, const Value& found) {
  return {.code = Errc::bad_input,
          .message = fmt::format("\"{}\" takes {}, not {}", matcher, takes, to_json(found, 60)),
          .reason = std::string(matcher)};
}

bool is_list_of_texts(const Value& value) {
  return value.is(Value::Kind::list) &&
         std::ranges::all_of(value.items(), [](const Value& item) { return item.is(Value::Kind::text); });
}

Status compile_into(Condition::Clause& clause, std::string_view name) {
  if (clause.wanted.is(Value::Kind::text)) {
    auto pattern = Pattern::compile(clause.wanted.text());
    if (!pattern)
      return Error{.code = Errc::bad_input, .message = pattern.error().message, .reason = std::string(name)};
    clause.patterns.push_back(std::move(*pattern));
    return {};
  }
  if (!is_list_of_texts(clause.wanted) || clause.wanted.items().empty())
    return wrong(name, "a pattern or a list of patterns", clause.wanted);
  for (const Value& item : clause.wanted.items()) {
    auto pattern = Pattern::compile(item.text());
    if (!pattern)
      return Error{.code = Errc::bad_input, .message = pattern.error().message, .reason = std::string(name)};
    clause.patterns.push_back(std::move(*pattern));
  }
  return {};
}

Status check_count(Condition::Clause& clause) {
  constexpr std::string_view takes = "a whole number, or an object of eq, ne, lt, le, gt and ge";
  const Value& wanted = clause.wanted;
  bool number = wanted.is(Value::Kind::integer) && wanted.integer() >= 0;
  bool object = wanted.is(Value::Kind::map) && !wanted.entries().empty() &&
                std::ranges::all_of(wanted.entries(), [](const auto& entry) {
                  constexpr std::array<std::string_view, 6> comparisons{"eq", "ne", "lt", "le", "gt", "ge"};
                  return std::ranges::find(comparisons, entry.first) != comparisons.end() &&
                         entry.second.is(Value::Kind::integer);
                });
  if (!number && !object) return wrong("count", takes, wanted);
  auto inner = Condition::parse(wanted);
  if (!inner) return inner.error();
  clause.number = std::make_shared<const Condition>(std::move(*inner));
  return {};
}

/// Checks what a matcher was given, and prepares it.
Status prepare(Condition::Clause& clause) {
  std::string_view name = to_string(clause.matcher);
  const Value& wanted = clause.wanted;
  switch (clause.matcher) {
    case eq:
    case ne:
    case contains:
    case not_contains: return {};
    case lt:
    case le:
    case gt:
    case ge:
      if (!quantity_of(wanted))
        return wrong(name, "a number, or a text that is a span of time, a point in time or a number of octets", wanted);
      return {};
    case secret:
      if (!wanted.is(Value::Kind::text))
        return Error{.code = Errc::bad_input, .message = "\"secret\" takes a text", .reason = "secret"};
      return {};
    case starts_with:
    case ends_with:
      if (!wanted.is(Value::Kind::text)) return wrong(name, "a text", wanted);
      return {};
    case matches:
      if (!wanted.is(Value::Kind::text)) return wrong(name, "a pattern", wanted);
      return compile_into(clause, name);
    case none_match:
    case all_match: return compile_into(clause, name);
    case one_of:
      if (!wanted.is(Value::Kind::list) || wanted.items().empty()) return wrong(name, "a list of values", wanted);
      return {};
    case in_order:
      if (!is_list_of_texts(wanted) || wanted.items().empty()) return wrong(name, "a list of texts", wanted);
      return {};
    case count: return check_count(clause);
    case absent:
      if (!wanted.is(Value::Kind::boolean)) return wrong(name, "true or false", wanted);
      return {};
  }
  return {};
}

}  // namespace

std::string_view to_string(Matcher matcher) { return names[static_cast<std::size_t>(matcher)]; }

namespace {

/// { "base64": "AP8=" } as the octets that it stands for, alone or as an item of a list; all else as it is. Error: what
/// is not base64.
Result<Value> with_octets(const Value& value) {
  if (value.is(Value::Kind::list)) {
    Value::List items;
    for (const Value& item : value.items()) {
      Result<Value> one = with_octets(item);
      if (!one) return one;
      items.push_back(std::move(*one));
    }
    return Value(std::move(items));
  }
  const Value* encoded = value.is(Value::Kind::map) && value.entries().size() == 1 ? value.find("base64") : nullptr;
  if (encoded == nullptr) return value;
  if (!encoded->is(Value::Kind::text)) return wrong("base64", "a text", *encoded);
  std::optional<std::string> octets = fakeservers::from_base64(encoded->text());
  if (!octets) return wrong("base64", "base64 with its padding (RFC 4648 section 4)", *encoded);
  return Value(std::move(*octets));
}

}  // namespace

Result<Condition> Condition::parse(const Value& written) {
  Condition condition;
  Result<Value> decoded = with_octets(written);
  if (!decoded) return decoded.error();
  const Value& wanted = *decoded;
  if (!wanted.is(Value::Kind::map)) {
    condition.clauses_.push_back({eq, wanted});
    return condition;
  }
  if (wanted.entries().empty())
    return Error{Errc::bad_input,
                 fmt::format("an empty object demands nothing; the matchers are {}", join_words(names))};
  for (const auto& [name, given] : wanted.entries()) {
    Result<Value> octets = with_octets(given);
    if (!octets) {
      Error error = octets.error();
      error.reason = name;
      return error;
    }
    const Value& value = *octets;
    const auto* found = std::ranges::find(names, name);
    if (found == names.end()) {
      std::string message = fmt::format("there is no matcher \"{}\"", printable(name));
      std::string_view meant = matcher_of_others(name);
      if (meant.empty()) meant = nearest(name, names);
      message += meant.empty()
                     ? fmt::format("; the matchers are {}, and an object is compared by {{ \"eq\": {{ ... }} }}",
                                   join_words(names))
                     : fmt::format("; did you mean \"{}\"?", meant);
      return Error{.code = Errc::bad_input, .message = std::move(message), .reason = name};
    }
    Clause clause{static_cast<Matcher>(found - names.begin()), value};
    if (auto good = prepare(clause); !good) return good.error();
    condition.clauses_.push_back(std::move(clause));
  }
  // { "count": 2, "matches": "^RETR" } counts what matches.
  auto counting = std::ranges::find(condition.clauses_, count, &Clause::matcher);
  auto matching = std::ranges::find(condition.clauses_, matches, &Clause::matcher);
  if (counting != condition.clauses_.end() && matching != condition.clauses_.end()) {
    counting->patterns = std::move(matching->patterns);
    condition.clauses_.erase(matching);
  }
  return condition;
}

std::span<const std::string_view> matcher_names() { return names; }

bool Condition::is_secret() const {
  return std::ranges::any_of(clauses_, [](const Clause& clause) { return clause.matcher == secret; });
}

bool Condition::wants_absence() const {
  return std::ranges::any_of(clauses_,
                             [](const Clause& clause) { return clause.matcher == absent && clause.wanted.boolean(); });
}

}  // namespace mailrig::scenarios
