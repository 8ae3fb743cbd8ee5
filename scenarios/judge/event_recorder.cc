#include "scenarios/judge/event_recorder.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "scenarios/judge/store_decorator.h"

namespace mailrig::scenarios {
namespace {

/// The same for a message wherever it is spoken of.
std::string message_key(std::string_view server, std::string_view mailbox, std::string_view uid) {
  if (uid.empty()) return {};
  return fmt::format("{}\n{}\n{}", server, mailbox, uid);
}

std::string about(std::string_view uid) {
  return uid.empty() ? std::string() : fmt::format(" of message \"{}\"", printable(uid));
}

}  // namespace

/// Tells of what is durable, and of nothing else.
class EventRecorder::WatchedStore final : public StoreDecorator {
 public:
  WatchedStore(std::unique_ptr<client::MessageStore> below, EventRecorder& recorder)
      : StoreDecorator(std::move(below)), recorder_(recorder) {}

  Status commit(client::MailBatch& batch) override {
    Status done = below().commit(batch);
    if (done) recorder_.on_committed(batch);
    return done;
  }

  Result<std::int64_t> add_to_outbox(const client::OutboxItem& item) override {
    Result<std::int64_t> id = below().add_to_outbox(item);
    if (id) recorder_.on_outbox(item.account, *id, item.state);
    return id;
  }
  Status update_outbox(const client::OutboxItem& item) override {
    Status done = below().update_outbox(item);
    if (done) recorder_.on_outbox(item.account, item.id, item.state);
    return done;
  }

 private:
  EventRecorder& recorder_;
};

EventRecorder::EventRecorder(const Scenario& scenario, const Calendar& calendar, fakeservers::ServerObserver& next)
    : calendar_(calendar), next_(next) {
  for (const Step& step : scenario.steps) {
    for (const TemporalExpectation& expectation : step.temporal) {
      patterns_.push_back(&expectation.event);
      if (expectation.form != TemporalExpectation::Form::never) patterns_.push_back(&expectation.other);
    }
  }
  for (const EventPattern* pattern : patterns_) kinds_ |= std::uint64_t{1} << static_cast<unsigned>(pattern->kind);
}

EventRecorder::~EventRecorder() = default;

Event EventRecorder::made(EventKind kind, const EventFields& fields, std::string message, std::string text) const {
  std::uint64_t bits = 0;
  for (const EventPattern* pattern : patterns_)
    if (pattern->kind == kind && fits(*pattern, fields)) bits |= std::uint64_t{1} << pattern->number;
  return {calendar_.now(), bits, std::move(message), std::move(text)};
}

bool EventRecorder::add(Event event) {
  if (event.fits == 0) return false;
  full_ = full_ || events_.size() >= events_max;
  if (!full_) events_.push_back(std::move(event));
  return !full_;
}

// --- The client

void EventRecorder::set_mailbox(std::string_view account, std::string_view server, std::string_view mailbox) {
  mailboxes_[std::string(account)] = {std::string(server), std::string(mailbox)};
}

std::unique_ptr<client::MessageStore> EventRecorder::watched(std::unique_ptr<client::MessageStore> store) {
  if (!asks_for(EventKind::stored) && !asks_for(EventKind::outbox)) return store;
  return std::make_unique<WatchedStore>(std::move(store), *this);
}

void EventRecorder::on_committed(const client::MailBatch& batch) {
  if (!asks_for(EventKind::stored)) return;
  for (const client::NewMessage& message : batch.messages) {
    if (message.uid.empty()) continue;  // a sent copy
    stored_.emplace(batch.account, message.uid);
    on_stored(batch.account, message.uid);
  }
  // A unique-id of a message that is stored already, under another one.
  for (const client::UidRecord* fact : batch.uids)
    if (fact->message && (fact->flags & client::UidRecord::alike) == 0 &&
        stored_.emplace(batch.account, fact->uid).second)
      on_stored(batch.account, fact->uid);
}

void EventRecorder::on_stored(std::string_view account, std::string_view uid) {
  // The client's own name of a message to which the server gave none begins with a blank.
  if (uid.starts_with(' ')) uid = {};
  const auto found = mailboxes_.find(account);
  const auto& [server, mailbox] = found == mailboxes_.end() ? std::pair<std::string, std::string>() : found->second;
  add(EventKind::stored, {{"account", account}, {"uid", uid}}, message_key(server, mailbox, uid),
      fmt::format("stored{} (account {})", about(uid), printable(account)));
}

void EventRecorder::on_state(std::string_view account, std::string_view state) {
  add(EventKind::state, {{"state", state}, {"account", account}}, {},
      fmt::format("account {} is {}", printable(account), state));
}

void EventRecorder::on_outbox(std::string_view account, std::int64_t id, std::string_view state) {
  if (!asks_for(EventKind::outbox) || std::exchange(outbox_[id], std::string(state)) == state) return;
  add(EventKind::outbox, {{"state", state}, {"account", account}}, {},
      fmt::format("message {} to be sent by {} is {}", id, printable(account), state));
}

// --- The servers

EventRecorder::Dialogue* EventRecorder::find(std::string_view connection) {
  if (patterns_.empty()) return nullptr;
  const auto found = dialogues_.find(connection);
  return found == dialogues_.end() ? nullptr : &found->second;
}

Event EventRecorder::made_of_command(std::string_view connection, const Dialogue& dialogue) const {
  const std::size_t space = dialogue.line.find(' ');
  const std::string_view argument =
      space == std::string::npos ? std::string_view() : std::string_view(dialogue.line).substr(space + 1);
  EventFields fields{
      {"command", dialogue.verb}, {"server", dialogue.server}, {"argument", argument}, {"mailbox", dialogue.mailbox}};
  if (!dialogue.uid.empty()) fields.emplace_back("uid", dialogue.uid);
  return made(EventKind::command, fields, message_key(dialogue.server, dialogue.mailbox, dialogue.uid),
              fmt::format("{}{} ({})", printable(dialogue.line), about(dialogue.uid), connection));
}

void EventRecorder::on_open(std::string_view server, std::string_view connection) {
  next_.on_open(server, connection);
  if (patterns_.empty()) return;
  Dialogue& dialogue = dialogues_[std::string(connection)];
  dialogue = {.server = std::string(server)};
  add(EventKind::connected, {{"server", server}}, {}, fmt::format("connected ({})", connection));
}

void EventRecorder::on_early(std::string_view server, std::string_view connection) {
  next_.on_early(server, connection);
  add(EventKind::early, {{"server", server}}, {}, fmt::format("client talks before the greeting ({})", connection));
}

void EventRecorder::on_command(std::string_view connection, std::string_view verb, std::string_view line) {
  next_.on_command(connection, verb, line);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  dialogue->verb = verb;
  dialogue->line = line;
  dialogue->uid.clear();
  dialogue->answered = false;
  dialogue->noted_at = nowhere;
  if (asks_for(EventKind::command) && add(made_of_command(connection, *dialogue)))
    dialogue->noted_at = events_.size() - 1;
}

void EventRecorder::on_exchange(std::string_view connection, std::string_view name) {
  next_.on_exchange(connection, name);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  dialogue->verb = name;
  dialogue->uid.clear();
  dialogue->noted_at = nowhere;
  dialogue->answered = false;
}

void EventRecorder::on_message(std::string_view connection, std::string_view mailbox, std::string_view uid) {
  next_.on_message(connection, mailbox, uid);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  dialogue->mailbox = mailbox;
  dialogue->uid = uid;
  if (!asks_for(EventKind::command)) return;
  // What was noted of the command becomes an event about this message, at its place.
  Event event = made_of_command(connection, *dialogue);
  if (dialogue->noted_at == nowhere)
    add(std::move(event));
  else if (event.fits != 0)
    events_[dialogue->noted_at] = std::move(event);
}

void EventRecorder::on_reply(std::string_view connection, std::string_view line) {
  next_.on_reply(connection, line);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  if (std::exchange(dialogue->answered, true)) return;
  const std::string_view verb = dialogue->verb.empty() ? std::string_view("greeting") : dialogue->verb;
  EventFields fields{{"reply", line}, {"server", dialogue->server}, {"command", verb}, {"mailbox", dialogue->mailbox}};
  if (!dialogue->uid.empty()) fields.emplace_back("uid", dialogue->uid);
  add(EventKind::reply, fields, message_key(dialogue->server, dialogue->mailbox, dialogue->uid),
      fmt::format("reply \"{}\" to {}{} ({})", printable(line), printable(verb), about(dialogue->uid), connection));
}

void EventRecorder::on_login(std::string_view connection, std::string_view user, bool accepted) {
  next_.on_login(connection, user, accepted);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  if (accepted) dialogue->mailbox = user;
  add(accepted ? EventKind::login : EventKind::login_refused, {{"server", dialogue->server}, {"mailbox", user}}, {},
      fmt::format("login of {} {} ({})", user.empty() ? "an unknown user" : printable(user),
                  accepted ? "accepted" : "refused", connection));
}

void EventRecorder::on_fault(std::string_view connection, std::string_view rule) {
  next_.on_fault(connection, rule);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  add(EventKind::fault, {{"server", dialogue->server}}, {}, fmt::format("fault: {} ({})", printable(rule), connection));
}

void EventRecorder::on_end(std::string_view connection, std::string_view end) {
  next_.on_end(connection, end);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  add(EventKind::ended, {{"end", end}, {"server", dialogue->server}, {"mailbox", dialogue->mailbox}}, {},
      fmt::format("ended: {} ({})", end, connection));
  dialogues_.erase(dialogues_.find(connection));
}

void EventRecorder::on_retrieve(std::string_view connection, const Message& message) {
  next_.on_retrieve(connection, message);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  add(EventKind::retrieved, {{"server", message.server}, {"mailbox", message.mailbox}, {"uid", message.uid}},
      message_key(message.server, message.mailbox, message.uid),
      fmt::format("retrieved{} ({})", about(message.uid), connection));
}

void EventRecorder::on_delete(std::string_view connection, const Message& message) {
  next_.on_delete(connection, message);
}

void EventRecorder::on_accept(std::string_view connection, const fakeservers::Content& message) {
  next_.on_accept(connection, message);
  Dialogue* dialogue = find(connection);
  if (dialogue == nullptr) return;
  add(EventKind::accepted, {{"server", dialogue->server}}, {}, fmt::format("accepted a message ({})", connection));
}

void EventRecorder::on_associate(std::string_view server, std::string_view record, std::string_view message_id) {
  next_.on_associate(server, record, message_id);
  add(EventKind::associated, {{"server", server}}, {},
      fmt::format("associated {} with {} ({})", printable(message_id), printable(record), server));
}

std::optional<Finding> finding_of(const TemporalExpectation& expectation, const EventRecorder& recorder, Instant now,
                                  Instant start, const std::string& why) {
  Finding finding;
  finding.name = name_of(expectation);
  finding.message = why;
  finding.place = expectation.place;
  if (recorder.is_full()) {
    finding.kind = Finding::Kind::error;
    finding.expected = fmt::format("at most {} events that the scenario asks for", EventRecorder::events_max);
    finding.actual = "more";
    return finding;
  }
  TemporalResult result = check(expectation, recorder.all(), now, start);
  if (result.held && !result.open) return std::nullopt;
  finding.kind = Finding::Kind::expectation;
  finding.level = result.open ? Level::info : expectation.level;
  finding.expected = std::move(result.expected);
  finding.actual = std::move(result.actual);
  return finding;
}

}  // namespace mailrig::scenarios
