#pragma once
/// One message of the outbox: what it is, who still waits for it, and when to try again. Kept in the store as JSON
/// beside the raw message. For client/outbox/outbox*.cc, and for client/crm/association_batch.cc, which reads the
/// envelope of sent mail.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "client/outbox/outgoing_message.h"
#include "client/smtp/result.h"
#include "client/store/store.h"

namespace mailrig::client {

struct OutboxRecipient {
  enum class State : std::uint8_t { waiting, sent, failed, in_doubt };
  std::string address;
  State state = State::waiting;
  unsigned reply_code = 0;
  std::string message = {};
};

struct OutboxMessage {
  /// in_doubt: it was sent whole several times and no answer came; whether it is sent once more is the user's choice.
  enum class State : std::uint8_t { queued, sent, failed, authentication_failed, in_doubt };

  static OutboxMessage from_outgoing(OutgoingMessage outgoing, Instant now);
  /// Error environment: the facts cannot be read.
  static Result<OutboxMessage> from_item(OutboxItem item);
  OutboxItem to_item(std::string_view account) const;

  /// The recipients that a try is for.
  std::vector<std::string> waiting_recipients() const;
  bool is_due(Instant now) const { return state == State::queued && next_try <= now; }
  /// What the server said of a try for the waiting recipients.
  void on_result(const SmtpResult& result, Instant now);
  /// There was no server to say anything.
  void on_trouble(SmtpTrouble trouble, std::string what, Instant now);
  Value observe() const;

  std::int64_t id = 0;
  State state = State::queued;
  std::string from;
  std::string message_id;
  std::string raw;
  std::vector<OutboxRecipient> recipients;
  unsigned attempts = 0;
  unsigned doubts = 0;  // attempts in which the whole message was out and no answer came
  Instant queued_at{};
  Instant next_try{};   // while it is queued
  bool copied = false;  // a copy is in the folder Sent
  bool reached_anyone = false;
  unsigned reply_code = 0;  // of what decided the last try
  std::string enhanced;
  std::string message;  // for the user

 private:
  void wait_or_give_up(Duration span, Instant now);
  void fail_waiting();
  void leave_in_doubt(std::string_view last_attempt);
};

std::string_view to_string(OutboxMessage::State state);

}  // namespace mailrig::client
