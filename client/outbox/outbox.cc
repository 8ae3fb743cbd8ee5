#include "client/outbox/outbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/outbox/outbox_message.h"
#include "client/smtp/session.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

// Over one connection. Providers count messages a connection too (Postfix: 100, Exchange: 20 a minute and more); the
// rest goes over the next one.
constexpr std::size_t messages_per_session_max = 100;

SmtpSettings smtp_settings(const AccountSettings& account) {
  return {.tls = account.smtp->tls,
          .user = account.login_of_smtp(),
          .password = account.password_of_smtp(),
          .greeting_patience = account.patience.greeting,
          .reply_patience = account.patience.reply,
          .final_patience = 2 * account.patience.reply};
}

}  // namespace

Outbox::Outbox(const ClientContext& surroundings, std::string account)
    : surroundings_(surroundings), account_(std::move(account)) {}
Outbox::~Outbox() = default;

Status Outbox::load(MessageStore& store) {
  Result<std::vector<OutboxItem>> items = store.outbox(account_);
  if (!items) return items.error();
  messages_.clear();
  for (OutboxItem& item : *items) {
    Result<OutboxMessage> message = OutboxMessage::from_item(std::move(item));
    if (!message) return message.error();
    messages_.push_back(*std::move(message));
  }
  return {};
}

Status Outbox::add(const AccountSettings& settings, const Value& message, MessageStore& store) {
  World& world = surroundings_.world;
  const Instant now = world.calendar.now();
  if (!settings.smtp)
    return Error{Errc::bad_input, fmt::format("account {} has no SMTP server to send through", account_)};
  Result<OutgoingMessage> outgoing = make_outgoing(message, settings.own_address(), now, world.prng);
  if (!outgoing) return outgoing.error();
  OutboxMessage queued = OutboxMessage::from_outgoing(*std::move(outgoing), now);
  Result<std::int64_t> id = store.add_to_outbox(queued.to_item(account_));
  if (!id) return id.error();
  queued.id = *id;
  messages_.push_back(std::move(queued));
  return {};
}

Task<Status> Outbox::send_due(const AccountSettings& settings, MessageStore& store) {
  if (sending_) co_return Status{};  // whoever is at it takes what has been added meanwhile
  sending_ = true;
  Status status = save_copies(settings, store);
  std::vector<std::size_t> due = due_now();
  while (status && !due.empty()) {
    status = co_await send_some(due, settings, store);
    if (status) status = save_copies(settings, store);
    due = due_now();
  }
  sending_ = false;
  co_return status;
}

std::vector<std::size_t> Outbox::due_now() const {
  std::vector<std::size_t> due;
  const Instant now = surroundings_.world.calendar.now();
  for (std::size_t i = 0; i < messages_.size() && due.size() < messages_per_session_max; ++i)
    if (messages_[i].is_due(now)) due.push_back(i);
  return due;
}

Task<Status> Outbox::send_some(std::vector<std::size_t> due, const AccountSettings& settings, MessageStore& store) {
  World& world = surroundings_.world;
  std::vector<SmtpResult> results;
  Status reached;
  if (settings.smtp) {
    // A copy: the settings and the list of messages may change while we wait.
    const AccountSettings account = settings;
    std::vector<std::string> texts;
    texts.reserve(due.size());
    std::vector<SmtpMessage> messages;
    std::vector<std::string> senders;
    senders.reserve(due.size());
    for (std::size_t i : due) {
      texts.push_back(messages_[i].raw);
      senders.push_back(messages_[i].from);
      messages.push_back(
          {.from = senders.back(), .recipients = messages_[i].waiting_recipients(), .content = texts.back()});
    }
    Result<std::unique_ptr<Stream>> stream = co_await connect_to(surroundings_, account, *account.smtp);
    if (stream) {
      SmtpSession session(smtp_settings(account), std::move(messages),
                          make_dialogue(surroundings_, account_ + "/smtp"));
      Status ended = co_await drive(session, **stream, world, drive_options(surroundings_, account));
      static_cast<void>(ended);  // the results tell
      results = session.results();
    } else {
      reached = std::move(stream).error();
    }
  } else {
    reached = Error{Errc::bad_input, "the account has no SMTP server to send through"};
  }
  const Instant now = world.calendar.now();
  for (std::size_t n = 0; n < due.size(); ++n) {
    OutboxMessage& message = messages_[due[n]];
    if (n < results.size())
      message.on_result(results[n], now);
    else if (!results.empty())
      continue;  // the server was not offered it: it is due still, and goes over the next connection
    else
      message.on_trouble(SmtpTrouble::temporary,
                         reached ? "the session ended before its time" : to_string(reached.error()), now);
    note_action(world, account_, fmt::format("message {} to be sent: {}", message.id, to_string(message.state)));
    if (Status kept = store.update_outbox(message.to_item(account_)); !kept) co_return kept;
  }
  co_return Status{};
}

/// The order matters: a crash after the server's 250 must not send the message again, so the state is durable first,
/// and a copy that is then still missing is made at the next occasion.
Status Outbox::save_copies(const AccountSettings& settings, MessageStore& store) {
  for (OutboxMessage& message : messages_) {
    if (!message.reached_anyone || message.copied) continue;
    Result<bool> there = has_copy(message, store);
    if (!there) return there.error();
    if (!*there) {
      Sha256 sum;
      sum.update(message.raw);
      MailBatch batch{.account = account_};
      batch.messages.push_back({.raw = message.raw,
                                .sha256 = sum.finish(),
                                .message_id = message.message_id,
                                .folder = "Sent",
                                .stored_at = surroundings_.world.calendar.now(),
                                .for_crm = settings.crm.has_value()});
      if (Status kept = store.commit(batch); !kept) return kept;
    }
    message.copied = true;
    if (Status kept = store.update_outbox(message.to_item(account_)); !kept) return kept;
  }
  return {};
}

/// A crash may have come between saving a copy and noting that.
Result<bool> Outbox::has_copy(const OutboxMessage& message, MessageStore& store) const {
  Result<std::vector<StoredMessage>> same = store.with_message_id(account_, message.message_id);
  if (!same) return same.error();
  return std::any_of(same->begin(), same->end(),
                     [](const StoredMessage& stored) { return stored.folder == "Sent" && stored.uid.empty(); });
}

Status Outbox::account_edited(MessageStore& store) {
  for (OutboxMessage& message : messages_) {
    if (message.state != OutboxMessage::State::authentication_failed) continue;
    message.state = OutboxMessage::State::queued;
    message.next_try = surroundings_.world.calendar.now();
    if (Status kept = store.update_outbox(message.to_item(account_)); !kept) return kept;
  }
  return {};
}

std::optional<Instant> Outbox::next_due() const {
  std::optional<Instant> next;
  for (const OutboxMessage& message : messages_)
    if (message.state == OutboxMessage::State::queued && (!next || message.next_try < *next)) next = message.next_try;
  return next;
}

std::size_t Outbox::waiting() const {
  return static_cast<std::size_t>(std::count_if(messages_.begin(), messages_.end(), [](const OutboxMessage& message) {
    return message.state == OutboxMessage::State::queued;
  }));
}

Value Outbox::observe() const {
  Value list = Value::list();
  for (const OutboxMessage& message : messages_) list.push(message.observe());
  return list;
}

}  // namespace mailrig::client
