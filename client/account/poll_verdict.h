#pragma once
/// What a poll means for its account: counters, state, message, and when it is polled next. A function of what was
/// seen; no clock, no network.
///
///   judge_poll({.status = how, .report = session.report(), .now = now}, settings, record);
///   schedule_next(now, settings, record);
///
/// Authentication failures are reset only by a successful login, connection failures only by a greeting; ten and fifty
/// in a row disable. A refused certificate counts towards neither
/// (docs/providers/refusals-and-counters.md#response-codes; docs/guide.md#certificate-error).

#include <optional>

#include "client/account/account.h"
#include "client/account/account_record.h"
#include "client/account/failed_retrievals.h"
#include "client/pop3/session.h"

namespace mailrig::client {

struct PollOutcome {
  Status status = {};  // of the connection or the session
  Pop3Report report = {};
  bool storage_full = false;
  std::optional<RefusedRetrievals> refused = {};  // retrievals that were refused and are no message's fault
  Instant now{};
};

// Passing trouble of the server that lasts longer than this is told as something that the user may have to act on.
inline constexpr Duration passing_trouble_max = 6h;
// So many sessions in a row without a DELE that is carried out: the server does not delete.
inline constexpr unsigned refused_removals_max = 3;

enum class PollVerdict : std::uint8_t {
  done,
  authentication,
  connection,
  certificate,
  unlock,
  wait,         // the server's trouble, or its patience: nobody has to do anything
  user,         // only the user can mend it
  own_trouble,  // our store
  stopped,      // we were told to stop
};
PollVerdict verdict_of(const PollOutcome& outcome);

void judge_poll(const PollOutcome& outcome, const AccountSettings& settings, AccountRecord& record);

/// From the account's interval and what the server wants; nothing while polling is of no use.
void schedule_next(Instant start, Instant now, const AccountSettings& settings, AccountRecord& record);
/// Between two polls.
Duration interval_of(const AccountSettings& settings, const AccountRecord& record);

/// Is this account polled at all? A disabled one is not, but for its trial after an edit.
bool is_polled(const AccountRecord& record);

}  // namespace mailrig::client
