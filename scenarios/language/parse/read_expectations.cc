#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/step.h"
#include "base/text.h"
#include "scenarios/language/expectations/quantity.h"
#include "scenarios/language/parse/scenario_parser.h"
#include "scenarios/language/paths.h"

namespace mailrig::scenarios {
namespace {

constexpr std::string_view roots[] = {"accounts", "servers", "latency"};

std::vector<std::string_view> names_of(std::span<const PathWord> words) {
  std::vector<std::string_view> names;
  for (const PathWord& word : words) names.push_back(word.name);
  return names;
}

std::span<const std::string_view> step_names() {
  static const auto names = [] {
    std::vector<std::string_view> list;
    for (std::size_t i = 1; i < step_count; ++i) list.push_back(to_string(static_cast<mailrig::Step>(i)));
    return list;
  }();
  return names;
}

/// As far as it can be known before the story is played.
class PathChecker {
 public:
  PathChecker(Reading& reading, const Path& path, const Condition& condition, const Node::Entry& entry)
      : reading_(reading), path_(path), condition_(condition), entry_(entry) {}

  std::size_t size() const { return path_.segments().size(); }
  const Path::Segment& at(std::size_t depth) const { return path_.segments()[depth]; }
  Place place(std::size_t depth) const {
    Place key = reading_.at(entry_);
    return {key.origin(), key.offset() + 1 + path_.offset(depth)};
  }

  /// Is segment `depth` one of these names?
  bool is_name(std::size_t depth, std::span<const std::string_view> names, std::string_view what) const {
    if (depth >= size()) {
      reading_.error(reading_.at(entry_), fmt::format("the path ends where {} is missing", what), one_of(names));
      return false;
    }
    if (!at(depth).is_index && std::ranges::find(names, at(depth).name) != names.end()) return true;
    std::string name = at(depth).is_index ? fmt::format("[{}]", at(depth).index) : in_quotes(at(depth).name);
    reading_.unknown(place(depth), fmt::format("there is no {} {}", what, name), names, at(depth).name);
    return false;
  }

  /// Walks on from `depth` where `words` are what there is.
  bool walk(std::size_t depth, std::span<const PathWord> words) const {
    const PathWord* word = nullptr;
    for (; depth < size(); ++depth) {
      if (words.empty()) {
        reading_.error(place(depth), fmt::format("{} has nothing inside", path_.prefix(depth)),
                       "a path that ends there");
        return false;
      }
      word = find(depth, words);
      if (word == nullptr) return false;
      if (word->open) return true;
      words = word->inside;
    }
    return word == nullptr || (fits_number(*word) && fits_choices(*word) && keeps_secret(*word));
  }

 private:
  const PathWord* find(std::size_t depth, std::span<const PathWord> words) const {
    bool list = words.front().name == "[]";
    if (list != at(depth).is_index) {
      reading_.error(
          place(depth),
          list ? fmt::format("{} is a list", path_.prefix(depth)) : fmt::format("{} is no list", path_.prefix(depth)),
          list                        ? "the number of an item such as [0] or [-1]"
          : words.front().name == "*" ? "a name"
                                      : one_of(names_of(words)));
      return nullptr;
    }
    if (list || words.front().name == "*") return &words.front();
    auto found = std::ranges::find(words, at(depth).name, &PathWord::name);
    if (found != words.end()) return &*found;
    reading_.unknown(place(depth), fmt::format("{} has no \"{}\"", path_.prefix(depth), printable(at(depth).name)),
                     names_of(words), at(depth).name);
    return nullptr;
  }

  /// What counts is never a text, however it reads. A text such as "2 MB" is a number too, but only with its unit.
  bool fits_number(const PathWord& word) const {
    if (!word.number) return true;
    auto check = [&](const Value& value) {
      if (value.is(Value::Kind::integer) || value.is_null()) return true;
      const std::optional<Quantity> octets = value.is(Value::Kind::text) ? quantity_of(value) : std::nullopt;
      if (octets && octets->kind == Quantity::Kind::number) return true;
      reading_.error(reading_.at(*entry_.value),
                     fmt::format("{} is a number, never {}", path_.text(), to_json(value, 60)), "a whole number");
      return false;
    };
    using enum Matcher;
    for (const Condition::Clause& clause : condition_.clauses()) {
      const bool compares = clause.matcher == eq || clause.matcher == ne || clause.matcher == lt ||
                            clause.matcher == le || clause.matcher == gt || clause.matcher == ge;
      if (compares && !check(clause.wanted)) return false;
      if (clause.matcher == one_of && !std::ranges::all_of(clause.wanted.items(), check)) return false;
    }
    return true;
  }

  /// What a client says of passwords is compared and never printed.
  bool keeps_secret(const PathWord& word) const {
    if (!word.secret) return true;
    const bool keeps = std::ranges::all_of(condition_.clauses(), [](const Condition::Clause& clause) {
      return clause.matcher == Matcher::secret || clause.matcher == Matcher::absent ||
             (clause.matcher == Matcher::count && clause.patterns.empty());
    });
    if (keeps) return true;
    reading_.error(reading_.at(*entry_.value), fmt::format("{} holds secrets, which are only compared", path_.text()),
                   R"({ "secret": TEXT }, or { "count": N })");
    return false;
  }

  /// A state that does not exist is never met: an expectation of it can only be a slip.
  bool fits_choices(const PathWord& word) const {
    if (word.choices.empty()) return true;
    auto check = [&](const Value& value) {
      if (!value.is(Value::Kind::text) || std::ranges::find(word.choices, value.text()) != word.choices.end())
        return true;
      reading_.unknown(reading_.at(*entry_.value),
                       fmt::format("{} is never \"{}\"", path_.text(), printable(value.text())), word.choices,
                       value.text());
      return false;
    };
    for (const Condition::Clause& clause : condition_.clauses()) {
      if ((clause.matcher == Matcher::eq || clause.matcher == Matcher::ne) && !check(clause.wanted)) return false;
      if (clause.matcher == Matcher::one_of && !std::ranges::all_of(clause.wanted.items(), check)) return false;
    }
    return true;
  }

  Reading& reading_;
  const Path& path_;
  const Condition& condition_;
  const Node::Entry& entry_;
};

}  // namespace

void ScenarioParser::read_expectations(Step& step, const Node& node) {
  if (reading_.map("expect", node) == nullptr) return;
  if (node.entries().empty()) reading_.error(reading_.at(node), "this step expects nothing", "{ PATH: VALUE, ... }");
  step.expectations.reserve(node.entries().size());
  for (const Node::Entry& entry : node.entries())
    if (!is_temporal(entry.key)) read_expectation(step, entry);
  read_temporal(step, node);
}

void ScenarioParser::read_expectation(Step& step, const Node::Entry& entry) {
  Place key = reading_.at(entry);
  auto path = Path::parse(entry.key);
  if (!path) {
    reading_.error({key.origin(), key.offset() + 1 + path.error().offset},
                   "this path cannot be read: " + path.error().message, "such as accounts.work.messages[0].subject");
    return;
  }
  Value wanted = entry.value->to_value();
  auto condition = Condition::parse(wanted);
  if (!condition) {
    const Node::Entry* matcher = entry.value->find_entry(condition.error().reason);
    reading_.error(matcher == nullptr ? reading_.at(*entry.value) : reading_.at(*matcher), condition.error().message);
    return;
  }
  if (!check_path(*path, *condition, entry)) return;
  step.expectations.push_back({std::move(*path), std::move(*condition), std::move(wanted), step.level, std::move(key),
                               reading_.at(*entry.value)});
}

void ScenarioParser::check_what_serve_expects() {
  std::map<std::string_view, std::vector<const Expectation*>> judged_together;
  const bool has_client =
      std::ranges::any_of(scenario_.steps, [](const Step& step) { return is_client_step(step.verb); });
  bool is_set_up = true;
  for (const Step& step : scenario_.steps) {
    // Each of these is a moment of its own (scenarios/run/serve_run.h).
    const bool of_client = is_client_step(step.verb);
    const bool of_server = step.verb != Verb::expect && !of_client;
    if (step.verb == Verb::advance || step.after || (of_client && is_set_up) || (of_server && has_client))
      judged_together.clear();
    is_set_up = is_set_up && !of_client;
    if (step.verb != Verb::expect || step.after) continue;
    for (const Expectation& expectation : step.expectations) {
      if (expectation.path.segments().front().name != "servers") continue;
      std::vector<const Expectation*>& others = judged_together[expectation.path.text()];
      for (const Expectation* other : others) {
        if (!contradict(other->condition, expectation.condition)) continue;
        reading_.error(expectation.place,
                       fmt::format("under `serve` {} is judged together with that of line {}, which expects {}: both "
                                   "cannot hold",
                                   expectation.path.text(), other->place.resolve().line, describe(other->condition)),
                       "\"after\": { \"sessions\": N } in the earlier step: `serve` then judges it at that event");
        break;
      }
      others.push_back(&expectation);
    }
  }
}

bool ScenarioParser::check_path(const Path& path, const Condition& condition, const Node::Entry& entry) {
  PathChecker checker(reading_, path, condition, entry);
  if (!checker.is_name(0, roots, "root")) return false;
  const std::string& root = checker.at(0).name;
  if (root == "latency") return checker.is_name(1, step_names(), "step") && checker.walk(2, latency_paths());
  bool account = root == "accounts";
  const std::vector<std::string>& known = account ? account_names_ : server_names_;
  std::vector<std::string_view> names(known.begin(), known.end());
  if (!checker.is_name(1, names, account ? "account" : "server")) return false;
  if (account) return checker.walk(2, account_paths());
  const ServerSpec* server = scenario_.find_server(checker.at(1).name);
  if (server == nullptr) return false;  // it has errors of its own
  if (!checker.walk(2, server->protocol->paths)) return false;
  if (checker.size() < 4 || checker.at(3).is_index) return true;
  if (checker.at(2).name == "mailboxes") {
    const std::string& user = checker.at(3).name;
    if (server->mailbox_places.contains(user)) return true;
    std::vector<std::string_view> users;
    users.reserve(server->mailbox_places.size());
    for (const auto& [one, place] : server->mailbox_places) users.push_back(one);
    reading_.unknown(checker.place(3), fmt::format("\"{}\" has no mailbox \"{}\"", server->name, printable(user)),
                     users, user);
    return false;
  }
  if (checker.at(2).name == "commands") {
    const auto& words = *server->protocol->faults;
    const std::string& verb = checker.at(3).name;
    bool path_of_http = words.http && verb.find(" /") != std::string::npos;
    if (path_of_http || std::ranges::find(words.verbs, verb) != words.verbs.end()) return true;
    std::string_view meant = nearest(verb, words.verbs);
    reading_.warn(checker.place(3), fmt::format("{} has no command \"{}\"", words.protocol, printable(verb)),
                  one_of(words.verbs), meant.empty() ? "" : in_quotes(meant));
  }
  return true;
}

}  // namespace mailrig::scenarios
