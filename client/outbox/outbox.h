#pragma once
/// What one account sends: queued in the store, sent by SMTP, tried again where that may help, told about everywhere.
///
///   Outbox outbox(surroundings, "work");
///   outbox.load(store);                                      // what a former run left
///   outbox.add(settings, Value::map().set("to", "bert@customer.test").set("text", "Dear Bert\r\n"), store);
///   co_await outbox.send_due(settings, store);
///   outbox.observe();                                        // accounts.NAME.sent of docs/scenario-format.md
///
/// A message is durable before it is sent. A copy goes to the folder Sent when the server has answered 250, and never
/// before. 4xx, 421 and broken connections: again after 30 minutes, then twice as long each time up to 4 hours; given
/// up after 5 days (RFC 5321 §4.5.4.1). A provider's daily limit (5.4.5, 5.4.6): after a day. A refused login: not
/// before the account is edited. After three attempts whose answer was lost: not at all, the user decides.

#include <optional>
#include <string>
#include <vector>

#include "base/value.h"
#include "client/account/account.h"
#include "client/connect.h"
#include "client/smtp/result.h"

namespace mailrig::client {

inline constexpr Duration outbox_first_retry = 30min;
inline constexpr Duration outbox_longest_retry = 4h;
inline constexpr Duration outbox_daily_limit_retry = 24h;
inline constexpr Duration outbox_gives_up_after = 5 * 24h;
// The whole message was out and no answer came: each further attempt may be one more copy for the recipients.
inline constexpr unsigned outbox_doubts_max = 3;

struct OutboxMessage;

class Outbox {
 public:
  Outbox(const ClientContext& surroundings, std::string account);
  ~Outbox();

  /// Errors: environment, of the store.
  Status load(MessageStore& store);

  /// `message`: to, cc, bcc (a text or a list), and either subject and text, or raw (a whole message); from, where it
  /// is not the account's address. Date and Message-ID are added where they are missing, Bcc is taken out, nothing else
  /// of a raw message is touched. Errors: bad_input names what is wrong with it; environment, of the store.
  Status add(const AccountSettings& settings, const Value& message, MessageStore& store);

  /// Sends all that is due now over one connection. What became of it is in the store and in observe(); the error is
  /// the store's.
  Task<Status> send_due(const AccountSettings& settings, MessageStore& store);

  /// The account was edited: what waits for another login is due again.
  Status account_edited(MessageStore& store);

  /// When the next message is due; nothing while none waits for a time.
  std::optional<Instant> next_due() const;
  /// How many wait (queued).
  std::size_t waiting() const;
  /// accounts.NAME.sent: every message in the order of adding.
  Value observe() const;

 private:
  std::vector<std::size_t> due_now() const;
  Task<Status> send_some(std::vector<std::size_t> due, const AccountSettings& settings, MessageStore& store);
  Status save_copies(const AccountSettings& settings, MessageStore& store);
  Result<bool> has_copy(const OutboxMessage& message, MessageStore& store) const;

  const ClientContext& surroundings_;
  std::string account_;
  std::vector<OutboxMessage> messages_;
  bool sending_ = false;
};

}  // namespace mailrig::client
