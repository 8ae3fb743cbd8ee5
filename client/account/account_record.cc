#include "client/account/account_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mailrig::client {
namespace {

using nlohmann::json;

/// Calls `each(name, member)` for every fact that is a plain value: writing and reading cannot disagree.
template <class Record, class Each>
void each_fact(Record& record, Each&& each) {
  each("message", record.message);
  each("last_error", record.last_error);
  each("disabled_by", record.disabled_by);
  each("polls", record.polls);
  each("authentication_failures", record.authentication_failures);
  each("connection_failures", record.connection_failures);
  each("retrieved", record.retrieved);
  each("deleted", record.deleted);
  each("waits_for_edit", record.waits_for_edit);
  each("on_trial", record.on_trial);
  each("storage_full", record.storage_full);
  each("careful", record.careful);
  each("skips_capabilities", record.skips_capabilities);
  each("lost", record.lost);
  each("quarantined", record.quarantined);
  each("message_refusal", record.message_refusal);
  each("refused_removals", record.refused_removals);
  each("lost_logins", record.lost_logins);
  each("session", record.session);
  each("open_session", record.open_session);
  each("last_listing", record.last_listing);
  each("last_harvest", record.last_harvest);
}

template <class Facts, class Each>
void each_queue_fact(Facts& facts, Each&& each) {
  each("queue_portions", facts.portions);
  each("queue_locked", facts.locked);
  each("queue_full_listings", facts.full_listings);
  each("queue_first_listing", facts.first_listing);
  each("queue_last_listing", facts.last_listing);
  each("queue_newest", facts.newest);
  each("queue_beat", facts.beat);
}

template <class Record, class Each>
void each_instant(Record& record, Each&& each) {
  each("due", record.due);
  each("not_before", record.not_before);
  each("quarantine_due", record.quarantine_due);
  each("refused_since", record.refused_since);
  each("trouble_since", record.trouble_since);
}

}  // namespace

std::string to_facts(const AccountRecord& record) {
  json facts;
  auto put = [&](const char* name, const auto& value) {
    // What is as it always is needs no word: most accounts say little.
    if (value != std::decay_t<decltype(value)>{}) facts[name] = value;
  };
  each_fact(record, put);
  const QueueWatch::Facts queue = record.queue.facts();
  each_queue_fact(queue, put);
  facts["state"] = to_string(record.state);
  each_instant(record, [&](const char* name, const std::optional<Instant>& instant) {
    if (instant) facts[name] = instant->time_since_epoch().count();
  });
  if (record.login_delay != Duration{}) facts["login_delay"] = record.login_delay.count();
  return facts.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<AccountRecord> parse_facts(std::string_view text) {
  AccountRecord record;
  QueueWatch::Facts queue;
  try {
    json facts = json::parse(text);
    auto get = [&](const char* name, auto& value) {
      if (auto found = facts.find(name); found != facts.end()) found->get_to(value);
    };
    each_fact(record, get);
    each_queue_fact(queue, get);
    std::optional<AccountState> state = parse_account_state(facts.at("state").get<std::string>());
    if (!state) return Error{Errc::environment, "the database has an account in an unknown state", Step::store};
    record.state = *state;
    each_instant(record, [&](const char* name, std::optional<Instant>& instant) {
      if (facts.contains(name)) instant = Instant{Duration{facts[name].get<std::int64_t>()}};
    });
    if (facts.contains("login_delay")) record.login_delay = Duration{facts["login_delay"].get<std::int64_t>()};
  } catch (const json::exception& trouble) {
    return Error{Errc::environment,
                 fmt::format("the database has facts of an account that cannot be read: {}", trouble.what()),
                 Step::store};
  }
  record.queue = QueueWatch::from(queue);
  return record;
}

}  // namespace mailrig::client
