#include "client/account/account_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "client/account/account_messages.h"
#include "client/pop3/pop3_sync.h"
#include "client/pop3/session.h"
#include "net/loop.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

// The outbox and the CRM say themselves when to try again; should they still be due after they were tried, this keeps
// them from being tried at the same instant for ever.
constexpr Duration extra_pause = 1min;
// Slow answers of a CRM come after half a minute; what takes longer is waited for beside the retrieval.
constexpr Duration association_patience = 45s;

Pop3Settings pop3_settings(const AccountSettings& settings, const AccountRecord& record, bool login_only) {
  return {.tls = settings.pop3->tls,
          .user = settings.pop3_user(),
          .password = settings.password,
          .greeting_patience = settings.patience.greeting,
          .reply_patience = settings.patience.reply,
          .ask_capabilities = !record.skips_capabilities,
          .careful = record.careful,
          .login_only = login_only};
}

}  // namespace

/// At most one conversation with the POP3 server at a time.
struct AccountWorker::Busy {
  explicit Busy(bool& the_flag) : flag(the_flag) { flag = true; }
  ~Busy() { flag = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  bool& flag;
};

AccountWorker::AccountWorker(std::shared_ptr<const ClientContext> surroundings, std::shared_ptr<MessageStore> store,
                             AccountSettings settings)
    : surroundings_(std::move(surroundings)),
      store_(std::move(store)),
      settings_(std::move(settings)),
      outbox_(*surroundings_, settings_.name),
      crm_(*surroundings_, settings_.name) {}

Status AccountWorker::load() {
  Result<std::string> facts = store_->account_facts(settings_.name);
  if (!facts) return facts.error();
  if (facts->empty()) {
    schedule_next(now(), now(), settings_, record_);
  } else {
    Result<AccountRecord> record = parse_facts(*facts);
    if (!record) return record.error();
    record_ = *std::move(record);
    if (!record_.due) schedule_next(now(), now(), settings_, record_);
  }
  return outbox_.load(*store_);
}

std::optional<Instant> AccountWorker::next_extra() const {
  std::optional<Instant> due = outbox_.next_due();
  if (std::optional<Instant> crm = crm_due(); crm && (!due || *crm < *due)) due = crm;
  if (due) due = std::max(*due, extra_not_before_);
  return due;
}

std::optional<Instant> AccountWorker::next_due() const {
  std::optional<Instant> due = next_extra();
  if (!busy_ && record_.due && (!due || *record_.due < *due)) due = record_.due;
  return due;
}

Task<void> AccountWorker::poll(std::shared_ptr<AccountWorker> self) {
  if (self->busy_ || !self->settings_.pop3) co_return;
  if (!is_polled(self->record_)) {
    self->note("is disabled, so it is not polled");
    co_return;
  }
  const AccountSettings settings = self->settings_;  // an edit may come while we wait
  {
    Busy busy(self->busy_);
    const Instant scheduled = self->record_.due.value_or(self->now());
    const Instant start = std::min(scheduled, self->now());
    ++self->record_.polls;
    PollOutcome outcome = co_await self->converse(settings, false);
    self->conclude(outcome, start);
  }
  if (settings.crm) {
    Status associated = co_await associate(self);
    if (!associated) self->record_.last_error = to_string(associated.error());
  }
}

/// Connects, talks and makes durable what came of it.
Task<PollOutcome> AccountWorker::converse(const AccountSettings& settings, bool login_only) {
  World& world = surroundings_->world;
  PollOutcome outcome;
  if (!known_.is_loaded()) outcome.status = known_.load(*store_, settings.name, record_);
  if (outcome.status) {
    Result<std::unique_ptr<Stream>> stream = co_await connect_to(*surroundings_, settings, *settings.pop3);
    if (stream) {
      Pop3Sync retrieval(settings, record_, known_, *store_, world);
      Pop3Session session(pop3_settings(settings, record_, login_only), retrieval,
                          make_dialogue(*surroundings_, settings.name + "/pop3"));
      outcome.status = co_await drive(session, **stream, world, drive_options(*surroundings_, settings));
      outcome.report = session.report();
      outcome.storage_full = retrieval.storage_full();
      outcome.refused = retrieval.refused();
    } else {
      outcome.status = std::move(stream).error();
    }
  }
  outcome.now = now();
  co_return outcome;
}

void AccountWorker::conclude(const PollOutcome& outcome, Instant start) {
  const AccountState before = record_.state;
  judge_poll(outcome, settings_, record_);
  if (!outcome.status) note(fmt::format("the poll ended early: {}", record_.last_error));
  schedule_next(start, now(), settings_, record_);
  if (Status saved = save(); !saved) {
    record_.state = AccountState::action_needed;
    record_.message = message_for_own_trouble(saved.error());
    record_.last_error = to_string(saved.error());
  }
  if (record_.state == before) return;
  note(fmt::format("is {} (was {})", to_string(record_.state), to_string(before)));
  if (surroundings_->on_state) surroundings_->on_state(settings_.name, to_string(record_.state));
}

Status AccountWorker::save() {
  MailBatch batch{.account = settings_.name};
  batch.uids = known_.changed();
  batch.account_facts = to_facts(record_);
  Status stored = store_->commit(batch);
  if (stored) known_.on_committed();
  return stored;
}

Task<void> AccountWorker::work(std::shared_ptr<AccountWorker> self) {
  if (self->record_.due && *self->record_.due <= self->now()) co_await poll(self);
  std::optional<Instant> extra = self->next_extra();
  if (!extra || *extra > self->now()) co_return;
  const AccountSettings settings = self->settings_;
  Status sent = co_await self->outbox_.send_due(settings, *self->store_);
  if (!sent) self->record_.last_error = to_string(sent.error());
  if (std::optional<Instant> crm = self->crm_due(); crm && *crm <= self->now()) {
    Status associated = co_await associate(self);
    if (!associated) self->record_.last_error = to_string(associated.error());
  }
  self->extra_not_before_ = self->now() + extra_pause;
}

/// Whatever kept us from polling may be mended now. Only a disabled account is tried at once: docs/guide.md wants the
/// right password before it is enabled again.
Task<Status> AccountWorker::edit(std::shared_ptr<AccountWorker> self, AccountSettings settings) {
  AccountRecord& record = self->record_;
  self->settings_ = std::move(settings);
  self->note("is edited");
  record.lost = 0;
  record.refused_removals = 0;
  record.trouble_since.reset();
  if (record.quarantined > 0) record.quarantine_due = self->now();
  record.waits_for_edit = false;
  record.storage_full = false;
  record.skips_capabilities = false;
  record.lost_logins = 0;
  record.login_delay = {};
  record.not_before.reset();
  record.queue.on_edit();
  self->crm_.account_edited();
  self->extra_not_before_ = {};
  if (Status kept = self->outbox_.account_edited(*self->store_); !kept) co_return kept;
  if (record.state == AccountState::disabled && self->settings_.pop3 && !self->busy_) {
    record.on_trial = true;
    record.connection_failures = 0;
    const AccountSettings tried = self->settings_;
    Busy busy(self->busy_);
    const Instant start = self->now();
    PollOutcome outcome = co_await self->converse(tried, true);
    self->conclude(outcome, start);
    if (record.on_trial && !outcome.status) record.message = message_for_trial(outcome.status.error());
    co_return Status{};
  }
  const Instant start = self->now();
  if (!record.due || !self->settings_.every) schedule_next(start, start, self->settings_, record);
  co_return self->save();
}

Task<Status> AccountWorker::send(std::shared_ptr<AccountWorker> self, Value message) {
  if (Status queued = self->outbox_.add(self->settings_, message, *self->store_); !queued) co_return queued;
  const AccountSettings settings = self->settings_;
  Status sent = co_await self->outbox_.send_due(settings, *self->store_);
  if (sent && settings.crm) sent = co_await associate(self);
  co_return sent;
}

struct AccountWorker::Association {
  bool over = false;  // it is done, or waited for long enough
  Status status;
  Signal changed;
};

Task<Status> AccountWorker::associate(std::shared_ptr<AccountWorker> self) {
  if (self->crm_.is_working()) co_return Status{};
  auto association = std::make_shared<Association>();
  Loop& loop = self->surroundings_->world.loop;
  loop.spawn(run_association(self, association));
  if (!association->over) loop.spawn(end_patience(self, association));
  while (!association->over) co_await association->changed.wait();
  co_return association->status;
}

Task<void> AccountWorker::run_association(std::shared_ptr<AccountWorker> self,
                                          std::shared_ptr<Association> association) {
  const AccountSettings settings = self->settings_;
  Status status = co_await self->crm_.work(settings, *self->store_);
  // After the patience is over the status is told here: the caller has gone on.
  if (association->over && !status) self->record_.last_error = to_string(status.error());
  association->status = std::move(status);
  association->over = true;
  association->changed.notify_all();
}

Task<void> AccountWorker::end_patience(std::shared_ptr<AccountWorker> self, std::shared_ptr<Association> association) {
  Clock& clock = self->surroundings_->world.clock;
  co_await clock.sleep_until(clock.now() + association_patience);
  association->over = true;
  association->changed.notify_all();
}

Task<void> AccountWorker::add_person(std::shared_ptr<AccountWorker> self, CrmPersonEntry entry) {
  const AccountSettings settings = self->settings_;
  co_await self->crm_.add_person(settings, std::move(entry));
}

Task<void> AccountWorker::add_note(std::shared_ptr<AccountWorker> self, CrmNoteEntry entry) {
  const AccountSettings settings = self->settings_;
  co_await self->crm_.add_note(settings, std::move(entry));
}

}  // namespace mailrig::client
