#include "client/account/poll_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "client/account/account_messages.h"

namespace mailrig::client {
namespace {

using Kind = Pop3Refusal::Kind;

// docs/providers/gmail.md#limits: a lockout lasts "between one minute and 24 hours".
constexpr Duration bandwidth_pause = 24h;
// Beyond what the server asks for, since its clock and ours differ.
constexpr Duration login_delay_margin = 1min;
// Where it does not say how long: twice as long each time, up to this.
constexpr Duration login_delay_max = 1h;

// Of CertificateClass: where the TLS handshake fails for these, the trouble is the connection and no certificate.
constexpr std::array<std::string_view, 4> connection_classes{"not-tls", "handshake-stalled", "truncated", "other"};

bool is_about_certificate(const Error& error) {
  if (error.code == Errc::certificate_refused) return true;
  return error.code == Errc::tls_failed && !error.reason.empty() &&
         std::ranges::find(connection_classes, error.reason) == connection_classes.end();
}

PollVerdict verdict_of(const Pop3Refusal& refusal) {
  switch (refusal.kind) {
    case Kind::authentication: return PollVerdict::authentication;
    case Kind::unlock: return PollVerdict::unlock;
    case Kind::app_password:
    case Kind::basic_disabled:
    case Kind::unknown_user:
    case Kind::permanent:
    case Kind::no_login:
    case Kind::needs_tls: return PollVerdict::user;
    case Kind::unavailable: return PollVerdict::connection;
    default: return PollVerdict::wait;
  }
}

std::string to_last_error(const Error& error) {
  std::string text = to_string(error);
  if (!error.reason.empty()) text += fmt::format(" [{}]", error.reason);
  return text;
}

void disable(AccountRecord& record, std::string_view by) {
  record.state = AccountState::disabled;
  record.disabled_by = by;
  record.on_trial = false;
}

void on_authentication_failure(const PollOutcome& outcome, AccountRecord& record) {
  // A trial that fails is no eleventh failure: the account is as disabled as it was.
  const bool fails_trial = record.on_trial && record.authentication_failures >= authentication_failures_max;
  if (fails_trial || ++record.authentication_failures >= authentication_failures_max) {
    disable(record, "authentication");
  } else {
    record.state = AccountState::authentication_failing;
  }
  record.message = message_for_authentication(record, *outcome.report.refusal);
}

void on_connection_failure(const PollOutcome& outcome, const AccountSettings& settings, AccountRecord& record) {
  if (outcome.report.lost_at_login) ++record.lost_logins;
  if (outcome.report.capabilities_failed) record.skips_capabilities = true;
  record.state = AccountState::connection_failing;
  if (++record.connection_failures >= connection_failures_max) disable(record, "connection");
  record.message = outcome.report.logged_in ? message_for_broken_session(settings, outcome.status.error())
                                            : message_for_connection(settings, record, outcome.status.error());
}

/// The server answered, so the states that say that it does not are over.
void settle_state(const Pop3Report& report, AccountRecord& record) {
  if (record.state == AccountState::connection_failing || record.state == AccountState::certificate_error)
    record.state = AccountState::ok;
  bool login_was_refused =
      record.state == AccountState::authentication_failing || record.state == AccountState::unlock_needed;
  if (report.logged_in && login_was_refused) record.state = AccountState::ok;
}

/// What passes by itself changes no state, unless it does not pass.
void on_passing_trouble(const PollOutcome& outcome, AccountRecord& record, std::string message) {
  settle_state(outcome.report, record);
  if (!record.trouble_since) record.trouble_since = outcome.now;
  const bool lasts = outcome.now - *record.trouble_since >= passing_trouble_max;
  if (record.state == AccountState::action_needed) record.state = AccountState::ok;
  if (record.state != AccountState::ok) return;
  record.message = std::move(message);
  if (!lasts) return;
  record.state = AccountState::action_needed;
  record.message = message_for_lasting_trouble(*record.trouble_since, record.message);
}

void on_wait(const PollOutcome& outcome, const AccountSettings& settings, AccountRecord& record) {
  const Pop3Refusal& refusal = *outcome.report.refusal;
  if (refusal.kind == Kind::bandwidth) {
    // The provider says how long it lasts: a day.
    record.trouble_since.reset();
    record.not_before = outcome.now + bandwidth_pause;
  }
  on_passing_trouble(outcome, record, message_for_refusal(settings, refusal));
  if (refusal.kind != Kind::login_delay) return;
  Duration wanted = refusal.retry_after + login_delay_margin;
  if (refusal.retry_after == Duration{}) wanted = std::min(2 * interval_of(settings, record), login_delay_max);
  record.login_delay = std::max(record.login_delay, wanted);
  record.not_before = outcome.now + wanted;
}

void on_user_needed(const PollOutcome& outcome, const AccountSettings& settings, AccountRecord& record) {
  record.state = AccountState::action_needed;
  const std::optional<Pop3Refusal>& refusal = outcome.report.refusal;
  if (!refusal) {
    record.message = message_for_setting(outcome.status.error());
    // Without STLS the next poll may find the server mended; a user name that cannot be said stays what it is.
    record.waits_for_edit = outcome.status.error().code == Errc::bad_input;
    return;
  }
  record.message = message_for_refusal(settings, *refusal);
  // What has to be changed with us cannot change by itself; what has to be changed there may have been.
  record.waits_for_edit =
      refusal->kind != Kind::permanent && refusal->kind != Kind::no_login && refusal->kind != Kind::unknown_user;
}

void on_done(const PollOutcome& outcome, const AccountSettings& settings, AccountRecord& record) {
  record.storage_full = outcome.storage_full;
  record.not_before.reset();
  if (outcome.report.removed > 0) record.refused_removals = 0;
  if (outcome.report.removed == 0 && outcome.report.removals_refused > 0) ++record.refused_removals;
  if (outcome.refused && !outcome.storage_full)
    return on_passing_trouble(outcome, record, message_for_refused_retrievals(*outcome.refused));
  record.trouble_since.reset();
  if (outcome.storage_full) {
    record.state = AccountState::action_needed;
    record.message = message_for_storage(settings);
    record.waits_for_edit = true;
  } else if (record.queue.is_full()) {
    record.state = AccountState::queue_full;
    record.message = message_for_queue_full();
  } else {
    record.state = record.refused_removals >= refused_removals_max ? AccountState::action_needed : AccountState::ok;
    record.message = message_for_done(record, outcome.report);
  }
}

}  // namespace

PollVerdict verdict_of(const PollOutcome& outcome) {
  if (outcome.status) return PollVerdict::done;
  const Error& error = outcome.status.error();
  if (outcome.report.refusal) return verdict_of(*outcome.report.refusal);
  // A lost answer to QUIT undoes nothing: what was not deleted is listed again.
  if (error.step == Step::quit && outcome.report.logged_in) return PollVerdict::done;
  if (is_about_certificate(error)) return PollVerdict::certificate;
  switch (error.code) {
    case Errc::cancelled: return PollVerdict::stopped;
    case Errc::environment:
    case Errc::internal: return PollVerdict::own_trouble;
    case Errc::bad_input:
    case Errc::peer_refused: return PollVerdict::user;  // the latter: no STLS
    default: return PollVerdict::connection;
  }
}

void judge_poll(const PollOutcome& outcome, const AccountSettings& settings, AccountRecord& record) {
  const Pop3Report& report = outcome.report;
  if (report.greeted) record.connection_failures = 0;
  if (report.logged_in) {
    record.authentication_failures = 0;
    record.lost_logins = 0;
    record.on_trial = false;
    record.disabled_by.clear();
    record.careful = report.astray;
    if (record.state == AccountState::disabled) record.state = AccountState::ok;
  }
  if (report.offer.login_delay_seconds)
    record.login_delay =
        std::max<Duration>(record.login_delay,
                           std::chrono::seconds(std::min<std::uint64_t>(*report.offer.login_delay_seconds, 24 * 3600)));
  record.last_error = outcome.status ? std::string() : to_last_error(outcome.status.error());
  switch (verdict_of(outcome)) {
    case PollVerdict::done: on_done(outcome, settings, record); break;
    case PollVerdict::authentication: on_authentication_failure(outcome, record); break;
    case PollVerdict::connection: on_connection_failure(outcome, settings, record); break;
    case PollVerdict::certificate:
      record.state = AccountState::certificate_error;
      record.message = message_for_certificate(settings, outcome.status.error());
      break;
    case PollVerdict::unlock:
      record.state = AccountState::unlock_needed;
      record.message = message_for_unlock(settings, *report.refusal);
      record.queue.on_lock();
      break;
    case PollVerdict::wait: on_wait(outcome, settings, record); break;
    case PollVerdict::user: on_user_needed(outcome, settings, record); break;
    case PollVerdict::own_trouble:
      record.state = AccountState::action_needed;
      record.message = message_for_own_trouble(outcome.status.error());
      break;
    case PollVerdict::stopped: break;
  }
}

Duration interval_of(const AccountSettings& settings, const AccountRecord& record) {
  return std::max(settings.every.value_or(every_default), record.login_delay);
}

bool is_polled(const AccountRecord& record) { return record.state != AccountState::disabled || record.on_trial; }

void schedule_next(Instant start, Instant now, const AccountSettings& settings, AccountRecord& record) {
  record.due.reset();
  if (!settings.pop3 || !settings.every || !is_polled(record) || record.waits_for_edit) return;
  Duration interval = interval_of(settings, record);
  Instant due = start + interval;
  // A session that took longer than the interval is followed by the next poll in the rhythm, not by several at once.
  if (due <= now) due += ((now - due) / interval + 1) * interval;
  if (record.not_before) due = std::max(due, *record.not_before);
  record.due = due;
}

}  // namespace mailrig::client
