#pragma once
/// Decides whose fault the failed retrievals of one session are: a message's, or the account's.
///
///   FailedRetrievals failures(record, known, now);
///   failures.refused(uid, "the server refused to hand out messages: \"Too many requests\"");
///   failures.on_success();      // other mail came after it: that refusal was about the message
///   failures.conclude();        // at the end of the session
///   failures.trouble();         // what was refused and is no message's fault
///
/// The pattern decides, not the words, since a limit of the provider ("Download exceed") and a damaged message read
/// alike. A refusal is a message's fault when
///   - other mail was handed out after it in the same session, or
///   - it reads like one for which that was seen before in this account (numbers aside), or
///   - the message was to blame before, or
///   - every retrieval of the account has been refused for `refusals_last_max`.
/// Otherwise the account is in trouble: no message is blamed and all are tried at the next poll.
///
/// A transfer that is cut off, stalls or has no end closes the session, so nothing can come after it. It is the
/// message's fault when other mail was handed out before it, no other mail was asked for, or the message was to blame
/// before.
///
/// A message that is to blame gets points; at `failure_points_max` it is quarantined: it stays on the server and is
/// tried once in `quarantine_pause`, after all other mail.

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "client/account/account_record.h"
#include "client/store/uid_index.h"

namespace mailrig::client {

// Three refusals or stalled transfers, or six cut connections, which are seldom the message's fault.
inline constexpr unsigned failure_points_max = 6;
inline constexpr unsigned refusal_points = 2;
inline constexpr unsigned cut_points = 1;
// A damaged message costs one refusal a day then; a stalling one, which costs the patience of one session, likewise.
inline constexpr Duration quarantine_pause = 24h;
// Limits of providers last from a minute to a day (docs/providers/gmail.md#limits). What is refused for longer than a
// long weekend is given up, and told.
inline constexpr Duration refusals_last_max = 3 * 24h;

/// Retrievals that were refused alike and are no message's fault.
struct RefusedRetrievals {
  std::uint64_t messages = 0;
  std::string why;  // of the first of them: printable
};

class FailedRetrievals {
 public:
  /// All of them live as long as this.
  FailedRetrievals(AccountRecord& record, UidIndex& known, Instant now) : record_(record), known_(known), now_(now) {}

  /// The server answered RETR by something else than the message, and the session goes on. `blame`: it may be held
  /// against the message at all.
  void refused(KnownUid& uid, std::string_view why, bool blame);
  /// The transfer did not come to its end. `alone`: no other message was asked for in this session.
  void broken(KnownUid& uid, unsigned points, bool alone);
  /// A message was retrieved.
  void on_success();
  void conclude();

  std::optional<RefusedRetrievals> trouble() const { return trouble_; }

 private:
  struct Refusal {
    KnownUid* uid;
    std::string why;
    bool blame;
  };

  void blame(KnownUid& uid, unsigned points);
  bool is_about_message(const Refusal& refusal) const;
  bool lasted_too_long() const { return record_.refused_since && now_ - *record_.refused_since >= refusals_last_max; }

  AccountRecord& record_;
  UidIndex& known_;
  Instant now_;
  std::vector<Refusal> open_;  // since the last success
  bool succeeded_ = false;
  std::optional<RefusedRetrievals> trouble_;
};

}  // namespace mailrig::client
