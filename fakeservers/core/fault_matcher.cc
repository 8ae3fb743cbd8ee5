#include "fakeservers/core/fault_matcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>

#include "base/edit_distance.h"
#include "base/text.h"

namespace mailrig::fakeservers {
namespace {

// How many exchanges of one `on` a report chooses the nearest from: the first and the last ones.
constexpr std::size_t first_exchanges_kept = 32;
constexpr std::size_t last_exchanges_kept = 32;
// Of an argument or a name that is compared; addresses are shorter.
constexpr std::size_t compared_octets_max = 64;

bool fits_state(const FaultRule& rule, bool tls) {
  return rule.state == FaultRule::State::either || (rule.state == FaultRule::State::tls) == tls;
}

bool is_one(const FaultRule::Range& range) { return range.from == range.until; }

std::uint64_t distance(const FaultRule::Range& range, std::uint64_t number) {
  if (range.holds(number)) return 0;
  return number < range.from ? range.from - number : number - range.until;
}

/// Of two numbers their difference; of other texts how many octets differ.
std::uint64_t distance(std::string_view a, std::string_view b) {
  auto number = [](std::string_view text) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
  };
  const auto left = number(a), right = number(b);
  if (left && right) return std::max(*left, *right) - std::min(*left, *right);
  return edit_distance(a.substr(0, compared_octets_max), b.substr(0, compared_octets_max));
}

std::string of_range(const FaultRule::Range& range) {
  if (is_one(range)) return fmt::format("{}", range.from);
  if (range.until == FaultRule::Range{}.until) return fmt::format("{} or later", range.from);
  return fmt::format("{} to {}", range.from, range.until);
}

std::string name_of(std::string_view on) { return on.empty() ? "an empty line" : std::string(on); }

std::string where(std::string_view on, std::string_view connection) {
  return fmt::format("{} on {}", name_of(on), connection);
}

}  // namespace

FaultMatcher::FaultMatcher(std::vector<FaultRule> rules) {
  std::map<std::string, std::size_t> known;
  entries_.reserve(rules.size());
  for (FaultRule& rule : rules) add(std::move(rule), known);
  for (Selector& selector : selectors_) std::ranges::sort(selector.starts, std::greater());
}

void FaultMatcher::add(FaultRule rule, std::map<std::string, std::size_t>& known) {
  const auto [at, is_new] = group_of_.try_emplace(rule.on, groups_.size());
  if (is_new) groups_.emplace_back();
  const std::size_t index = entries_.size();
  const std::size_t chosen = selector_of(rule, at->second, known);
  Selector& selector = selectors_[chosen];
  if (rule.in_session.holds_always())
    selector.starts.emplace_back(rule.occurrence.from, index);
  else if (is_one(rule.in_session))
    selector.in_session[rule.in_session.from].push_back(index);
  else
    selector.in_session_ranges.push_back(index);
  entries_.emplace_back();
  entries_.back().rule = std::move(rule);
  entries_.back().selector = chosen;
}

std::size_t FaultMatcher::selector_of(const FaultRule& rule, std::size_t group,
                                      std::map<std::string, std::size_t>& known) {
  auto text = [](const std::optional<std::string>& part) {
    return part ? fmt::format("{}:{}", part->size(), *part) : std::string("-");
  };
  std::string key = fmt::format("{} {} {} {} {} {}", group, text(rule.argument), text(rule.mailbox),
                                rule.connection.from, rule.connection.until, static_cast<int>(rule.state));
  const auto [at, is_new] = known.try_emplace(std::move(key), selectors_.size());
  if (!is_new) return at->second;
  selectors_.emplace_back();
  selectors_.back().group = group;
  selectors_.back().first = entries_.size();
  Group& list = groups_[group];
  ++list.untouched;
  if (rule.argument)
    list.by_argument[*rule.argument].push_back(at->second);
  else if (rule.mailbox)
    list.by_mailbox[*rule.mailbox].push_back(at->second);
  else if (is_one(rule.connection))
    list.by_connection[rule.connection.from].push_back(at->second);
  else
    list.others.push_back(at->second);
  return at->second;
}

const FaultRule* FaultMatcher::match(const Exchange& exchange) {
  std::vector<Group*> groups;
  auto look_at = [&](std::string_view on) {
    auto found = group_of_.find(on);
    if (found != group_of_.end() && std::ranges::find(groups, &groups_[found->second]) == groups.end())
      groups.push_back(&groups_[found->second]);
  };
  look_at("any");
  look_at(exchange.on);
  if (!exchange.also_on.empty()) look_at(exchange.also_on);

  std::vector<std::size_t> fitting;  // selectors
  for (Group* group : groups) {
    ++group->seen;
    if (group->untouched > 0) remember(*group, exchange);
    auto choose = [&](const std::vector<std::size_t>& selectors) {
      for (std::size_t selector : selectors)
        if (fits(entries_[selectors_[selector].first].rule, exchange)) fitting.push_back(selector);
    };
    auto choose_from = [&](const auto& map, const auto& key) {
      if (auto found = map.find(key); found != map.end()) choose(found->second);
    };
    choose_from(group->by_argument, exchange.argument);
    choose_from(group->by_mailbox, exchange.mailbox);
    choose_from(group->by_connection, std::uint64_t{exchange.connection_number});
    choose(group->others);
  }

  constexpr auto none = static_cast<std::size_t>(-1);
  std::size_t winner = none;
  std::vector<std::size_t> candidates;  // those that count in each session
  for (std::size_t selector : fitting) {
    count(selectors_[selector], exchange, candidates);
    if (!selectors_[selector].active.empty()) winner = std::min(winner, *selectors_[selector].active.begin());
  }
  for (std::size_t rule : candidates) winner = std::min(winner, rule);
  if (winner == none) return nullptr;
  ++entries_[winner].fired;
  auto lose = [&](std::size_t rule) {
    Entry& entry = entries_[rule];
    if (entry.fired > 0 || !entry.lost.empty()) return;
    ++compared_;
    entry.lost = fmt::format("{}: an earlier rule took it: {}", where(exchange.on, exchange.connection),
                             describe(entries_[winner].rule));
  };
  for (std::size_t rule : candidates) lose(rule);
  for (std::size_t selector : fitting) {
    for (std::size_t rule : selectors_[selector].unsettled) lose(rule);
    selectors_[selector].unsettled.clear();
  }
  return &entries_[winner].rule;
}

bool FaultMatcher::fits(const FaultRule& rule, const Exchange& exchange) const {
  ++compared_;
  return rule.connection.holds(exchange.connection_number) && (!rule.mailbox || *rule.mailbox == exchange.mailbox) &&
         (!rule.argument || *rule.argument == exchange.argument) && fits_state(rule, exchange.tls);
}

void FaultMatcher::count(Selector& selector, const Exchange& exchange, std::vector<std::size_t>& in_session) {
  if (++selector.seen == 1) --groups_[selector.group].untouched;
  selector.last = where(exchange.on, exchange.connection);
  while (!selector.starts.empty() && selector.starts.back().first <= selector.seen) {
    const std::size_t rule = selector.starts.back().second;
    selector.starts.pop_back();
    ++compared_;
    selector.active.insert(rule);
    selector.unsettled.insert(rule);
    if (!entries_[rule].rule.occurrence.holds_always())
      selector.ends.emplace(entries_[rule].rule.occurrence.until, rule);
  }
  while (!selector.ends.empty() && selector.ends.begin()->first < selector.seen) {
    selector.active.erase(selector.ends.begin()->second);
    selector.unsettled.erase(selector.ends.begin()->second);
    selector.ends.erase(selector.ends.begin());
  }
  if (selector.in_session.empty() && selector.in_session_ranges.empty()) return;
  const std::uint64_t here = ++selector.seen_in_session[exchange.connection_number];
  if (here >= selector.most_in_session) {
    selector.most_in_session = here;
    selector.longest = selector.last;
  }
  if (auto found = selector.in_session.find(here); found != selector.in_session.end())
    in_session.insert(in_session.end(), found->second.begin(), found->second.end());
  for (std::size_t rule : selector.in_session_ranges) {
    ++compared_;
    if (entries_[rule].rule.in_session.holds(here)) in_session.push_back(rule);
  }
}

void FaultMatcher::remember(Group& group, const Exchange& exchange) {
  Seen seen{.on = std::string(exchange.on),
            .argument = std::string(exchange.argument.substr(0, 512)),
            .connection = std::string(exchange.connection),
            .mailbox = std::string(exchange.mailbox),
            .connection_number = exchange.connection_number,
            .tls = exchange.tls,
            .argument_is_secret = exchange.argument_is_secret};
  if (group.exchanges.size() < first_exchanges_kept + last_exchanges_kept)
    group.exchanges.push_back(std::move(seen));
  else
    group.exchanges[first_exchanges_kept + group.seen % last_exchanges_kept] = std::move(seen);
}

/// The exchange with the most fields that fit; of equals the one whose differing field is nearest, then the first.
FaultMatcher::Miss FaultMatcher::nearest_of(const Group& group, const FaultRule& rule) {
  std::string nearest;
  std::pair<int, std::uint64_t> least{};  // fields that differ, and how far the one that is told
  for (const Seen& seen : group.exchanges) {
    const bool state = fits_state(rule, seen.tls);
    const bool mailbox = !rule.mailbox || *rule.mailbox == seen.mailbox;
    const bool argument = !rule.argument || *rule.argument == seen.argument;
    const bool connection = rule.connection.holds(seen.connection_number);
    std::uint64_t far = 0;
    std::string differs;
    if (!state) {
      differs = fmt::format("it was {}", seen.tls ? "under TLS" : "in clear");
    } else if (!mailbox) {
      far = distance(seen.mailbox, *rule.mailbox);
      differs = fmt::format("the mailbox was \"{}\", the rule wants \"{}\"", printable(seen.mailbox),
                            printable(*rule.mailbox));
    } else if (!argument && seen.argument_is_secret) {
      differs = "the argument was another";  // and how near it came is not told either
    } else if (!argument) {
      far = distance(seen.argument, *rule.argument);
      differs = fmt::format("the argument was \"{}\", the rule wants \"{}\"", printable(seen.argument),
                            printable(*rule.argument));
    } else if (!connection) {
      far = distance(rule.connection, seen.connection_number);
      differs = fmt::format("the connection was number {}, the rule wants {}", seen.connection_number,
                            of_range(rule.connection));
    }
    const std::pair<int, std::uint64_t> here{!state + !mailbox + !argument + !connection, far};
    if (!nearest.empty() && least <= here) continue;
    least = here;
    nearest = fmt::format("{}: {}", where(seen.on, seen.connection), differs);
  }
  return {std::move(nearest), least};
}

FaultMatcher::Miss FaultMatcher::nearest(const Entry& entry) const {
  constexpr std::pair<int, std::uint64_t> nothing_came{5, 0};  // there are four fields that can differ
  if (entry.fired > 0) return {};
  if (!entry.lost.empty()) return {entry.lost, {0, 0}};
  const Selector& selector = selectors_[entry.selector];
  const Group& group = groups_[selector.group];
  if (group.seen == 0)
    return {fmt::format("{} never came", entry.rule.on == "any" ? "a command" : name_of(entry.rule.on)), nothing_came};
  if (selector.seen == 0) return nearest_of(group, entry.rule);
  if (!entry.rule.in_session.holds_always())
    return {fmt::format("{}: it was number {} in its session, the rule wants {}", selector.longest,
                        selector.most_in_session, of_range(entry.rule.in_session)),
            {1, distance(entry.rule.in_session, selector.most_in_session)}};
  return {fmt::format("{}: it was number {}, the rule wants {}", selector.last, selector.seen,
                      of_range(entry.rule.occurrence)),
          {1, distance(entry.rule.occurrence, selector.seen)}};
}

std::vector<RuleReport> FaultMatcher::reports() const {
  std::vector<RuleReport> reports;
  reports.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Miss miss = nearest(entries_[i]);
    reports.push_back({.rule = describe(entries_[i].rule),
                       .index = i,
                       .fired = entries_[i].fired,
                       .nearest = std::move(miss.text),
                       .miss = miss.size});
  }
  return reports;
}

std::vector<RuleReport> reports_of(const std::deque<FaultMatcher>& books) {
  std::vector<RuleReport> reports;
  for (std::size_t list = 0; list < books.size(); ++list) {
    for (RuleReport& report : books[list].reports()) {
      report.list = list;
      reports.push_back(std::move(report));
    }
  }
  return reports;
}

}  // namespace mailrig::fakeservers
