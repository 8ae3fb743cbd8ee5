#include "client/outbox/outbox_message.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "client/outbox/outbox.h"

namespace mailrig::client {
namespace {

using nlohmann::json;

constexpr std::string_view state_names[] = {"queued", "sent", "failed", "authentication-failed", "in-doubt"};
constexpr std::string_view recipient_names[] = {"waiting", "sent", "failed", "in-doubt"};

template <std::size_t n>
std::optional<std::size_t> index_of(const std::string_view (&names)[n], std::string_view name) {
  const auto* found = std::find(std::begin(names), std::end(names), name);
  if (found == std::end(names)) return std::nullopt;
  return static_cast<std::size_t>(found - std::begin(names));
}

std::int64_t count(Instant instant) { return instant.time_since_epoch().count(); }
Instant instant(std::int64_t nanoseconds) { return Instant{Duration{nanoseconds}}; }

std::string with_advice(std::string message, SmtpTrouble trouble) {
  if (!message.ends_with('.')) message += '.';
  return fmt::format("{} {}", message, advice(trouble, message));
}

}  // namespace

std::string_view to_string(OutboxMessage::State state) { return state_names[static_cast<std::size_t>(state)]; }

OutboxMessage OutboxMessage::from_outgoing(OutgoingMessage outgoing, Instant now) {
  OutboxMessage made;
  made.from = std::move(outgoing.from);
  made.message_id = std::move(outgoing.message_id);
  made.raw = std::move(outgoing.raw);
  made.queued_at = now;
  made.next_try = now;
  made.message = "waits to be sent";
  for (std::string& address : outgoing.recipients) made.recipients.push_back({.address = std::move(address)});
  return made;
}

Result<OutboxMessage> OutboxMessage::from_item(OutboxItem item) {
  OutboxMessage made;
  const std::optional<std::size_t> state = index_of(state_names, item.state);
  try {
    if (!state) throw std::out_of_range("an unknown state");
    const json facts = json::parse(item.facts);
    made.id = item.id;
    made.state = static_cast<State>(*state);
    made.from = facts.at("from");
    made.message_id = facts.at("message_id");
    made.raw = std::move(item.raw);
    made.attempts = facts.at("attempts");
    made.doubts = facts.value("doubts", 0U);
    made.queued_at = instant(facts.at("queued_at"));
    made.next_try = instant(facts.at("next_try"));
    made.copied = facts.at("copied");
    made.reached_anyone = facts.at("reached_anyone");
    made.reply_code = facts.at("reply_code");
    made.enhanced = facts.at("enhanced");
    made.message = facts.at("message");
    for (const json& fact : facts.at("recipients")) {
      const std::optional<std::size_t> how = index_of(recipient_names, fact.at("state").get<std::string>());
      if (!how) throw std::out_of_range("an unknown state of a recipient");
      made.recipients.push_back({.address = fact.at("address"),
                                 .state = static_cast<OutboxRecipient::State>(*how),
                                 .reply_code = fact.at("reply_code"),
                                 .message = fact.at("message")});
    }
  } catch (const std::exception& error) {
    return Error{Errc::environment,
                 fmt::format("message {} of the outbox cannot be read from the store: {}", item.id, error.what())};
  }
  return made;
}

OutboxItem OutboxMessage::to_item(std::string_view account) const {
  json facts = {{"from", from},
                {"message_id", message_id},
                {"attempts", attempts},
                {"doubts", doubts},
                {"queued_at", count(queued_at)},
                {"next_try", count(next_try)},
                {"copied", copied},
                {"reached_anyone", reached_anyone},
                {"reply_code", reply_code},
                {"enhanced", enhanced},
                {"message", message},
                {"recipients", json::array()}};
  for (const OutboxRecipient& recipient : recipients)
    facts["recipients"].push_back({{"address", recipient.address},
                                   {"state", recipient_names[static_cast<std::size_t>(recipient.state)]},
                                   {"reply_code", recipient.reply_code},
                                   {"message", recipient.message}});
  // A server's text is printable by now, but an address may be any octets.
  return {.id = id,
          .account = std::string(account),
          .state = std::string(to_string(state)),
          .facts = facts.dump(-1, ' ', false, json::error_handler_t::replace),
          .raw = raw};
}

std::vector<std::string> OutboxMessage::waiting_recipients() const {
  std::vector<std::string> waiting;
  for (const OutboxRecipient& recipient : recipients)
    if (recipient.state == OutboxRecipient::State::waiting) waiting.push_back(recipient.address);
  return waiting;
}

void OutboxMessage::on_result(const SmtpResult& result, Instant now) {
  bool somebody_later = false;
  std::size_t next = 0;
  for (OutboxRecipient& recipient : recipients) {
    if (recipient.state != OutboxRecipient::State::waiting) continue;
    const SmtpJudgement& judgement = result.recipients.at(next++).judgement;
    recipient.reply_code = judgement.code;
    recipient.message = judgement.message;
    if (result.sent && !judgement.trouble)
      recipient.state = OutboxRecipient::State::sent;
    else if (judgement.trouble == SmtpTrouble::permanent)
      recipient.state = OutboxRecipient::State::failed;
    else
      somebody_later = true;
  }
  reached_anyone = reached_anyone || result.sent;
  reply_code = result.judgement.code;
  enhanced = result.judgement.enhanced;
  if (!result.sent) {
    on_trouble(*result.judgement.trouble, result.judgement.message, now);
    if (!result.in_doubt) return;
    if (++doubts >= outbox_doubts_max && state == State::queued)
      leave_in_doubt(result.judgement.message);
    else
      message += " It may have been delivered all the same.";
    return;
  }
  message = result.judgement.message;
  for (const OutboxRecipient& recipient : recipients)
    if (recipient.state == OutboxRecipient::State::failed)
      message += fmt::format("; not sent to {}: {}", printable(recipient.address), recipient.message);
  if (!somebody_later) {
    state = State::sent;
    return;
  }
  ++attempts;
  message += "; some recipients are tried again later";
  wait_or_give_up(outbox_first_retry, now);
}

void OutboxMessage::on_trouble(SmtpTrouble trouble, std::string what, Instant now) {
  ++attempts;
  message = with_advice(std::move(what), trouble);
  switch (trouble) {
    case SmtpTrouble::temporary:
    case SmtpTrouble::encryption: {  // a setting of the account: the user has the days of the queue to mend it
      Duration span = outbox_first_retry;
      for (unsigned i = 1; i < attempts && span < outbox_longest_retry; ++i) span *= 2;
      wait_or_give_up(std::min(span, outbox_longest_retry), now);
      return;
    }
    case SmtpTrouble::daily_limit: wait_or_give_up(outbox_daily_limit_retry, now); return;
    case SmtpTrouble::authentication:
    case SmtpTrouble::no_login:
    case SmtpTrouble::no_mechanism:
    case SmtpTrouble::web_login: state = State::authentication_failed; return;
    case SmtpTrouble::permanent: fail_waiting(); return;
  }
}

void OutboxMessage::wait_or_give_up(Duration span, Instant now) {
  next_try = now + span;
  if (now - queued_at < outbox_gives_up_after) return;
  message = fmt::format("given up after {}: {}", format_duration(now - queued_at), message);
  fail_waiting();
}

/// Who was reached before stays reached: the message as a whole then counts as sent.
void OutboxMessage::fail_waiting() {
  for (OutboxRecipient& recipient : recipients)
    if (recipient.state == OutboxRecipient::State::waiting) recipient.state = OutboxRecipient::State::failed;
  state = reached_anyone ? State::sent : State::failed;
}

/// Each attempt may have brought the recipients a copy.
void OutboxMessage::leave_in_doubt(std::string_view last_attempt) {
  for (OutboxRecipient& recipient : recipients)
    if (recipient.state == OutboxRecipient::State::waiting) recipient.state = OutboxRecipient::State::in_doubt;
  state = State::in_doubt;
  message = fmt::format(
      "The message was sent whole {} times and the server's answer never came, so the recipients may have up to {} "
      "copies or none. It is not sent again by itself: ask a recipient, and send it anew if it has not arrived. The "
      "last attempt: {}",
      doubts, doubts, last_attempt);
}

Value OutboxMessage::observe() const {
  Value list = Value::list();
  for (const OutboxRecipient& recipient : recipients)
    list.push(Value::map()
                  .set("address", recipient.address)
                  .set("state", recipient_names[static_cast<std::size_t>(recipient.state)])
                  .set("reply_code", recipient.reply_code)
                  .set("message", recipient.message));
  return Value::map()
      .set("state", to_string(state))
      .set("reply_code", reply_code)
      .set("enhanced", enhanced)
      .set("message", message)
      .set("recipients", std::move(list))
      .set("message_id", message_id)
      .set("attempts", attempts);
}

}  // namespace mailrig::client
