#pragma once
/// What has become of an account: counters, state, when it is due. Kept in the store (accounts.facts), so that a
/// restart keeps it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "client/account/account_state.h"
#include "client/account/queue_watch.h"

namespace mailrig::client {

inline constexpr unsigned authentication_failures_max = 10;  // docs/guide.md#authentication-failure-when-retrieving
inline constexpr unsigned connection_failures_max = 50;      // docs/guide.md#connection-failure-when-retrieving

struct AccountRecord {
  AccountState state = AccountState::ok;
  std::string message = {};      // what the user is told
  std::string last_error = {};   // for a support engineer
  std::string disabled_by = {};  // "authentication" or "connection"; empty: it is not disabled
  std::uint64_t polls = 0;
  unsigned authentication_failures = 0;
  unsigned connection_failures = 0;
  std::uint64_t retrieved = 0;
  std::uint64_t deleted = 0;

  std::optional<Instant> due = {};         // nothing: only when told to
  std::optional<Instant> not_before = {};  // back-off: not due earlier
  Duration login_delay{};                  // between logins, as the server wants it
  bool waits_for_edit = false;             // polling again would only do harm
  bool on_trial = false;                   // was disabled and edited: the next login decides
  bool storage_full = false;
  bool careful = false;             // replies went astray in the last session
  bool skips_capabilities = false;  // the server fell silent at CAPA
  std::uint64_t lost = 0;  // messages that failed and then were gone from the server; until the account is edited
  std::uint64_t quarantined = 0;     // messages that are listed and could not be retrieved again and again
  std::string message_refusal = {};  // a refusal that was seen to be about one message: other mail came after it
  unsigned refused_removals = 0;     // sessions in a row in which no DELE was carried out and one was refused
  std::optional<Instant> quarantine_due = {};  // when what is quarantined is tried again
  std::optional<Instant> refused_since = {};   // every retrieval was refused since
  std::optional<Instant> trouble_since = {};   // the server has had passing trouble since
  unsigned lost_logins = 0;                    // in a row, the connection ended between USER and the answer to PASS
  std::uint64_t session = 0;                   // number of the session that is going on or was last
  std::uint64_t open_session = 0;              // one whose QUIT is not confirmed yet; 0: none
  std::uint64_t last_listing = 0;              // the session of the last complete listing
  std::uint64_t last_harvest = 0;              // the last session that brought new mail and ended in good order
  QueueWatch queue = {};
};

std::string to_facts(const AccountRecord& record);
/// Error environment: these are no facts. A fact that is missing has its default.
Result<AccountRecord> parse_facts(std::string_view facts);

}  // namespace mailrig::client
