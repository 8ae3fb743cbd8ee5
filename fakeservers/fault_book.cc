#include "fakeservers/fault_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/text.h"

namespace mailrig::fakeservers {
namespace {

constexpr int fields_of_a_rule = 5;  // state, mailbox, argument, connection, occurrence

bool fits_state(const FaultRule& rule, const Exchange& exchange) {
  return rule.state == FaultRule::State::either || (rule.state == FaultRule::State::tls) == exchange.tls;
}

bool is_one(const FaultRule::Range& range) { return range.from == range.until; }

}  // namespace

FaultBook::FaultBook(std::vector<FaultRule> rules) {
  entries_.reserve(rules.size());
  for (FaultRule& rule : rules) {
    const auto [at, is_new] = group_of_.try_emplace(rule.on, groups_.size());
    if (is_new) groups_.emplace_back();
    Group& group = groups_[at->second];
    group.starts.emplace_back(rule.occurrence.from, entries_.size());
    group.far.push_back(entries_.size());
    entries_.emplace_back();
    entries_.back().rule = std::move(rule);
    entries_.back().group = at->second;
  }
  for (Group& group : groups_) std::ranges::sort(group.starts, std::greater());
}

const FaultRule* FaultBook::match(const Exchange& exchange) {
  std::vector<Group*> groups;
  for (std::string_view on : {std::string_view("any"), exchange.on, exchange.also_on}) {
    auto found = group_of_.find(on);
    if (found == group_of_.end()) continue;
    Group* group = &groups_[found->second];
    if (std::ranges::find(groups, group) != groups.end()) continue;
    groups.push_back(group);
    count(*group);
  }
  const std::vector<Bucket*> buckets = buckets_for(exchange, groups);
  constexpr auto none = static_cast<std::size_t>(-1);
  std::size_t winner = none;
  for (const Bucket* bucket : buckets)
    for (std::size_t rule : bucket->active) {
      if (rule >= winner) break;
      if (fits(entries_[rule], exchange)) winner = rule;
    }
  if (winner != none) ++entries_[winner].fired;
  for (Bucket* bucket : buckets)
    for (auto at = bucket->unsettled.begin(); at != bucket->unsettled.end();) {
      Entry& entry = entries_[*at];
      const bool lost = entry.fired == 0 && fits(entry, exchange);
      if (lost) note_near_miss(entry, exchange, &entries_[winner].rule);
      at = lost || entry.fired > 0 ? bucket->unsettled.erase(at) : std::next(at);
    }
  for (Group* group : groups)
    std::erase_if(group->far, [&](std::size_t rule) {
      Entry& entry = entries_[rule];
      return entry.fired > 0 || note_near_miss(entry, exchange, nullptr);
    });
  return winner == none ? nullptr : &entries_[winner].rule;
}

/// One more exchange: rules begin to hold, and cease to.
void FaultBook::count(Group& group) {
  ++group.seen;
  while (!group.starts.empty() && group.starts.back().first <= group.seen) {
    const std::size_t rule = group.starts.back().second;
    group.starts.pop_back();
    Entry& entry = entries_[rule];
    if (!entry.rule.occurrence.holds(group.seen)) continue;
    Bucket& bucket = bucket_of(group, entry.rule);
    bucket.active.insert(rule);
    if (entry.nearest_fields < fields_of_a_rule) bucket.unsettled.insert(rule);
    if (!entry.rule.occurrence.holds_always()) group.ends.emplace(entry.rule.occurrence.until, rule);
  }
  while (!group.ends.empty() && group.ends.begin()->first < group.seen) {
    const std::size_t rule = group.ends.begin()->second;
    group.ends.erase(group.ends.begin());
    Bucket& bucket = bucket_of(group, entries_[rule].rule);
    bucket.active.erase(rule);
    bucket.unsettled.erase(rule);
  }
}

FaultBook::Bucket& FaultBook::bucket_of(Group& group, const FaultRule& rule) {
  if (rule.argument) return group.by_argument[*rule.argument];
  if (rule.mailbox) return group.by_mailbox[*rule.mailbox];
  if (is_one(rule.connection)) return group.by_connection[rule.connection.from];
  return group.others;
}

std::vector<FaultBook::Bucket*> FaultBook::buckets_for(const Exchange& exchange, const std::vector<Group*>& groups) {
  std::vector<Bucket*> buckets;
  auto add = [&](auto& map, const auto& key) {
    if (auto found = map.find(key); found != map.end()) buckets.push_back(&found->second);
  };
  for (Group* group : groups) {
    add(group->by_argument, exchange.argument);
    add(group->by_mailbox, exchange.mailbox);
    add(group->by_connection, std::uint64_t{exchange.connection_number});
    buckets.push_back(&group->others);
  }
  return buckets;
}

bool FaultBook::fits(const Entry& entry, const Exchange& exchange) const {
  ++compared_;
  const FaultRule& rule = entry.rule;
  return rule.occurrence.holds(groups_[entry.group].seen) && rule.connection.holds(exchange.connection_number) &&
         (!rule.mailbox || *rule.mailbox == exchange.mailbox) &&
         (!rule.argument || *rule.argument == exchange.argument) && fits_state(rule, exchange);
}

/// The exchange with the most fields that fit stays; of equals the first, so that a run's finding is the same every
/// time.
bool FaultBook::note_near_miss(Entry& entry, const Exchange& exchange, const FaultRule* winner) const {
  ++compared_;
  const FaultRule& rule = entry.rule;
  const std::uint64_t seen = groups_[entry.group].seen;
  const bool state = fits_state(rule, exchange);
  const bool mailbox = !rule.mailbox || *rule.mailbox == exchange.mailbox;
  const bool argument = !rule.argument || *rule.argument == exchange.argument;
  const bool connection = rule.connection.holds(exchange.connection_number);
  const bool occurrence = rule.occurrence.holds(seen);
  const int fields = state + mailbox + argument + connection + occurrence;
  if (fields <= entry.nearest_fields || (fields == fields_of_a_rule && winner == nullptr))
    return entry.nearest_fields >= fields_of_a_rule - 1;
  auto of_range = [](const FaultRule::Range& range) {
    if (is_one(range)) return fmt::format("{}", range.from);
    if (range.until == FaultRule::Range{}.until) return fmt::format("{} or later", range.from);
    return fmt::format("{} to {}", range.from, range.until);
  };
  std::string differs;
  if (winner != nullptr)
    differs = fmt::format("an earlier rule took it: {}", describe(*winner));
  else if (!state)
    differs = fmt::format("it was {}", exchange.tls ? "under TLS" : "in clear");
  else if (!mailbox)
    differs = fmt::format("the mailbox was \"{}\", the rule wants \"{}\"", printable(exchange.mailbox),
                          printable(*rule.mailbox));
  else if (!argument && exchange.argument_is_secret)
    differs = "the argument was another";
  else if (!argument)
    differs = fmt::format("the argument was \"{}\", the rule wants \"{}\"", printable(exchange.argument),
                          printable(*rule.argument));
  else if (!connection)
    differs = fmt::format("the connection was number {}, the rule wants {}", exchange.connection_number,
                          of_range(rule.connection));
  else
    differs = fmt::format("it was number {}, the rule wants {}", seen, of_range(rule.occurrence));
  entry.nearest_fields = fields;
  entry.nearest = fmt::format("{} on {}: {}", exchange.on, exchange.connection, differs);
  return fields >= fields_of_a_rule - 1;
}

std::vector<RuleReport> FaultBook::reports() const {
  std::vector<RuleReport> reports;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    std::string nearest = entry.fired > 0 ? std::string{}
                          : groups_[entry.group].seen == 0
                              ? fmt::format("{} never came", entry.rule.on == "any" ? "a command" : entry.rule.on)
                              : entry.nearest;
    reports.push_back({.rule = describe(entry.rule), .index = i, .fired = entry.fired, .nearest = std::move(nearest)});
  }
  return reports;
}

}  // namespace mailrig::fakeservers
