#include "fakeservers/fault_book.h"

#include <fmt/format.h>

#include "base/text.h"

namespace mailrig::fakeservers {
namespace {

bool is_about(const FaultRule& rule, const Exchange& exchange) {
  return rule.on == "any" || rule.on == exchange.on || (!exchange.also_on.empty() && rule.on == exchange.also_on);
}

bool fits_state(const FaultRule& rule, const Exchange& exchange) {
  return rule.state == FaultRule::State::either || (rule.state == FaultRule::State::tls) == exchange.tls;
}

}  // namespace

FaultBook::FaultBook(std::vector<FaultRule> rules) {
  entries_.reserve(rules.size());
  for (FaultRule& rule : rules) {
    entries_.emplace_back();
    entries_.back().rule = std::move(rule);
  }
}

const FaultRule* FaultBook::match(const Exchange& exchange) {
  Entry* winner = nullptr;
  for (Entry& entry : entries_) {
    const FaultRule& rule = entry.rule;
    if (!is_about(rule, exchange)) continue;
    ++entry.seen;
    bool fits = rule.occurrence.holds(entry.seen) && rule.connection.holds(exchange.connection_number) &&
                (!rule.mailbox || *rule.mailbox == exchange.mailbox) &&
                (!rule.argument || *rule.argument == exchange.argument) && fits_state(rule, exchange);
    if (fits && winner == nullptr) {
      winner = &entry;
      ++entry.fired;
    } else if (entry.fired == 0) {
      note_near_miss(entry, exchange, fits ? &winner->rule : nullptr);
    }
  }
  return winner == nullptr ? nullptr : &winner->rule;
}

/// The exchange with the most fields that fit stays; of equals the first, so that a run's finding is the same every
/// time.
void FaultBook::note_near_miss(Entry& entry, const Exchange& exchange, const FaultRule* winner) {
  const FaultRule& rule = entry.rule;
  int fields = 0;
  std::string differs;
  auto field = [&](bool fits, auto&& say) {
    if (fits)
      ++fields;
    else if (differs.empty())
      differs = say();
  };
  auto of_range = [](const FaultRule::Range& range) {
    if (range.from == range.until) return fmt::format("{}", range.from);
    if (range.until == FaultRule::Range{}.until) return fmt::format("{} or later", range.from);
    return fmt::format("{} to {}", range.from, range.until);
  };
  field(fits_state(rule, exchange), [&] { return fmt::format("it was {}", exchange.tls ? "under TLS" : "in clear"); });
  field(!rule.mailbox || *rule.mailbox == exchange.mailbox, [&] {
    return fmt::format("the mailbox was \"{}\", the rule wants \"{}\"", printable(exchange.mailbox),
                       printable(*rule.mailbox));
  });
  field(!rule.argument || *rule.argument == exchange.argument, [&] {
    if (exchange.argument_is_secret) return std::string("the argument was another");
    return fmt::format("the argument was \"{}\", the rule wants \"{}\"", printable(exchange.argument),
                       printable(*rule.argument));
  });
  field(rule.connection.holds(exchange.connection_number), [&] {
    return fmt::format("the connection was number {}, the rule wants {}", exchange.connection_number,
                       of_range(rule.connection));
  });
  field(rule.occurrence.holds(entry.seen),
        [&] { return fmt::format("it was number {}, the rule wants {}", entry.seen, of_range(rule.occurrence)); });
  if (winner != nullptr) differs = fmt::format("an earlier rule took it: {}", describe(*winner));
  if (fields <= entry.nearest_fields) return;
  entry.nearest_fields = fields;
  entry.nearest = fmt::format("{} on {}: {}", exchange.on, exchange.connection, differs);
}

std::vector<RuleReport> FaultBook::reports() const {
  std::vector<RuleReport> reports;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    std::string nearest = entry.fired > 0 ? std::string{}
                          : entry.seen == 0
                              ? fmt::format("{} never came", entry.rule.on == "any" ? "a command" : entry.rule.on)
                              : entry.nearest;
    reports.push_back({.rule = describe(entry.rule), .index = i, .fired = entry.fired, .nearest = std::move(nearest)});
  }
  return reports;
}

}  // namespace mailrig::fakeservers
