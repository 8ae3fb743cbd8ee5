#include "client/crm/crm_sync.h"

#include <algorithm>
#include <utility>

#include "base/secrets.h"
#include "client/crm/association_batch.h"
#include "client/crm/session.h"
#include "client/crm/view.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

// A server that closes after every answer needs three or four connections a message, and a round has 200.
constexpr unsigned connections_max = 1'000;

constexpr Duration first_wait = 1min;
constexpr Duration longest_wait = 1h;
constexpr Duration first_throttled_wait = 10min;  // the CRM counts over ten minutes, and a try makes it last longer
constexpr Duration longest_throttled_wait = 2h;
// What only the user can mend is looked at again all the same: it may have been mended in the CRM, where we are not
// told.
constexpr Duration first_user_wait = 1h;
constexpr Duration longest_user_wait = 24h;

CrmCredentials credentials_of(const AccountSettings& account) {
  return {account.client_id, account.client_secret, account.refresh_token, account.crm->server,
          account.crm->tls != TlsMode::none};
}

std::string host_field(const Endpoint& server, TlsMode tls) {
  const bool usual = server.port == (tls == TlsMode::none ? 80 : 443);
  if (!usual) return to_string(server);
  return server.host.find(':') == std::string::npos ? server.host : '[' + server.host + ']';
}

/// What a CRM or its token server says goes into messages, and may repeat what it was given.
std::string without_secrets(std::string_view text, const AccountSettings& account, const CrmAccess& access) {
  if (text.empty()) return {};
  Secrets secrets;
  for (std::string_view secret : {account.client_secret, account.refresh_token, access.token}) secrets.add(secret);
  return secrets.masked(text);
}

}  // namespace

struct CrmSync::State {
  enum class Mood : std::uint8_t { ok, waiting, reconnect_needed, action_needed };

  /// Is taken down with its scope, whatever ends that.
  struct Working {
    explicit Working(State& the_state) : state(the_state) { state.working = true; }
    ~Working() { state.working = false; }
    Working(const Working&) = delete;
    Working& operator=(const Working&) = delete;
    State& state;
  };

  Mood mood = Mood::ok;
  std::string message;
  bool working = false;
  bool abandoned = false;
  CrmCaller* desk = nullptr;  // while it works
  CrmAccess access;
  PendingAssociations backlog;
  unsigned failures = 0;  // one after the other
  Instant not_before{};
  std::optional<std::uint64_t> pending;  // as of the last look; nothing: not looked yet
  std::vector<CrmEntryOutcome> entries;
};

CrmSync::CrmSync(const ClientContext& surroundings, std::string account)
    : surroundings_(surroundings), account_(std::move(account)), state_(std::make_unique<State>()) {}
CrmSync::~CrmSync() = default;

bool CrmSync::is_working() const { return state_->working; }

void CrmSync::abandon() {
  state_->abandoned = true;
  if (state_->desk != nullptr) state_->desk->halt();
}

Task<Status> CrmSync::work(const AccountSettings& settings, MessageStore& store) {
  State& state = *state_;
  if (!settings.crm) {
    state.pending = 0;
    co_return Status{};
  }
  if (state.working || state.abandoned) co_return Status{};
  Status status;
  {
    State::Working working(state);
    if (state.mood != State::Mood::reconnect_needed && surroundings_.world.calendar.now() >= state.not_before) {
      // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it may be edited while we wait for the CRM
      const AccountSettings account = settings;
      status = co_await work_off(account, store);
    }
  }
  Result<std::uint64_t> pending = store.count_awaiting_crm(account_);
  if (pending)
    state.pending = *pending;
  else if (status)
    status = std::move(pending).error();
  if (!status) state.not_before = surroundings_.world.calendar.now() + first_wait;  // of a store that fails
  co_return status;
}

Task<Status> CrmSync::work_off(const AccountSettings& account, MessageStore& store) {
  State& state = *state_;
  World& world = surroundings_.world;
  std::string user_trouble;
  std::string failure;
  state.not_before = {};
  while (!state.abandoned) {
    AssociationBatch round(state.backlog, store, world.calendar, account_, account.own_address());
    Result<std::size_t> waiting = round.collect();
    if (!waiting) co_return std::move(waiting).error();
    if (*waiting == 0) break;
    CrmCaller desk(
        credentials_of(account), state.access, world.calendar, [&round] { return round.next_task(); },
        [&round](CrmTask&) { return round.on_finished(); });
    co_await converse(desk, account);
    Status kept = round.put_back(desk.stopped_in_task() ? desk.stop()->message : std::string());
    for (const std::string& note : round.notes()) note_action(world, account_, note);
    if (!kept) co_return kept;
    if (round.failure()) co_return *round.failure();
    if (state.abandoned) co_return Status{};
    // A search that works says nothing of a CRM that takes no e-mail.
    if (round.finished() > 0 || (desk.answers() > 0 && !desk.stop())) state.failures = 0;
    if (!round.user_trouble().empty()) user_trouble = round.user_trouble();
    if (!desk.failure().empty()) failure = desk.failure();
    if (desk.stop()) {
      if (desk.stop()->why == CrmFailure::Why::store) co_return Error{Errc::environment, desk.stop()->message};
      on_stop(*desk.stop(), account);
      co_return Status{};
    }
    if (round.fresh_failed() && desk.answers() == 0) {
      // Nothing was of use: this is the CRM's trouble, until it turns out to be the message's.
      on_stop({CrmFailure::Why::down, failure}, account);
      co_return Status{};
    }
  }
  state.mood = !user_trouble.empty() ? State::Mood::action_needed
               : !failure.empty()    ? State::Mood::waiting
                                     : State::Mood::ok;
  state.message = without_secrets(user_trouble.empty() ? failure : user_trouble, account, state.access);
  co_return Status{};
}

/// As many connections as the server wants.
Task<void> CrmSync::converse(CrmCaller& desk, const AccountSettings& account) {
  state_->desk = &desk;
  for (unsigned i = 0; desk.wants_call(); ++i) {
    if (i == connections_max) {
      desk.on_lost("the CRM closes every connection", CrmCaller::Loss::unsent);
      break;
    }
    const ServerAccess access{desk.destination(), account.crm->tls};
    Result<std::unique_ptr<Stream>> stream = co_await connect_to(surroundings_, account, access);
    if (!stream) {
      desk.on_lost(to_string(stream.error()), CrmCaller::Loss::unsent);
      break;
    }
    CrmSession session(desk, {host_field(access.server, access.tls), access.server, account.patience.reply},
                       make_dialogue(surroundings_, account_ + "/crm"));
    Status ended = co_await drive(session, **stream, surroundings_.world, drive_options(surroundings_, account));
    // What the session did not notice itself stops the desk too.
    if (!ended && !session.has_told()) desk.on_lost(to_string(ended.error()), CrmCaller::Loss::unsent);
  }
  state_->desk = nullptr;
}

void CrmSync::on_stop(const CrmFailure& stop, const AccountSettings& account) {
  State& state = *state_;
  state.message = without_secrets(stop.message, account, state.access);
  const Duration told = stop.wait.value_or(Duration::zero());
  switch (stop.why) {
    case CrmFailure::Why::reconnect:
      state.mood = State::Mood::reconnect_needed;
      note_action(surroundings_.world, account_,
                  "the CRM has to be connected again: nothing is asked of it until the account is edited");
      return;
    case CrmFailure::Why::full:
    case CrmFailure::Why::action:
      state.mood = State::Mood::action_needed;
      return wait_longer(first_user_wait, longest_user_wait, told);
    case CrmFailure::Why::throttled:
      state.mood = State::Mood::waiting;
      return wait_longer(first_throttled_wait, longest_throttled_wait, told);
    default: state.mood = State::Mood::waiting; return wait_longer(first_wait, longest_wait, told);
  }
}

/// `first`, and twice as long after each failure up to `longest`; at least `least`.
void CrmSync::wait_longer(Duration first, Duration longest, Duration least) {
  State& state = *state_;
  World& world = surroundings_.world;
  Duration wait = first;
  for (unsigned i = 0; i < state.failures && wait < longest; ++i) wait *= 2;
  wait = std::max(std::min(wait, longest), least);
  // So that not all clients come back at the same moment.
  wait += world.prng.below(Duration{wait / 10});
  ++state.failures;
  state.not_before = world.calendar.now() + wait;
  note_action(world, account_,
              "the CRM cannot be used now: it is asked again in " +
                  format_duration(std::chrono::floor<std::chrono::seconds>(wait)));
}

void CrmSync::account_edited() {
  State& state = *state_;
  if (state.mood == State::Mood::reconnect_needed || state.mood == State::Mood::action_needed) {
    state.mood = State::Mood::ok;
    state.message.clear();
    state.not_before = {};
    state.failures = 0;
    for (auto& [key, postponed] : state.backlog.postponed) postponed.not_before = {};
  }
  // They may have been another user's.
  state.access.token.clear();
  state.access.api.reset();
}

std::optional<Instant> CrmSync::next_due() const {
  const State& state = *state_;
  if (state.working || state.mood == State::Mood::reconnect_needed) return std::nullopt;
  if (!state.pending) return state.not_before;
  if (*state.pending == 0) return std::nullopt;
  if (*state.pending > state.backlog.postponed.size()) return state.not_before;
  Instant earliest = Instant::max();
  for (const auto& [key, postponed] : state.backlog.postponed) earliest = std::min(earliest, postponed.not_before);
  return std::max(earliest, state.not_before);
}

Task<std::string> CrmSync::carry_out(const AccountSettings& account, CrmTask& task) {
  State& state = *state_;
  if (!account.crm) co_return "the account has no CRM";
  if (state.working) co_return "the CRM is being asked about other things: try again";
  State::Working working(state);
  CrmTask* next = &task;
  CrmCaller desk(
      credentials_of(account), state.access, surroundings_.world.calendar,
      [&next] { return std::exchange(next, nullptr); }, [](CrmTask&) { return Status{}; });
  co_await converse(desk, account);
  co_return desk.stop() ? desk.stop()->message : std::string();
}

Task<void> CrmSync::add_person(const AccountSettings& settings, CrmPersonEntry entry) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it may be edited while we wait for the CRM
  const AccountSettings account = settings;
  AddPerson task({entry.module, entry.address, entry.name, entry.company});
  std::string trouble = co_await carry_out(account, task);
  if (trouble.empty()) trouble = task.trouble();
  CrmEntryOutcome outcome{.kind = "person", .address = entry.address, .message = std::move(trouble)};
  if (task.record()) {
    outcome.record = *task.record();
    outcome.outcome = task.made() ? "added" : "there-already";
    outcome.message.clear();
  }
  state_->entries.push_back(std::move(outcome));
}

Task<void> CrmSync::add_note(const AccountSettings& settings, CrmNoteEntry entry) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): it may be edited while we wait for the CRM
  const AccountSettings account = settings;
  CrmEntryOutcome outcome{.kind = "note", .address = entry.address};
  FindRecord found(entry.address);
  outcome.message = co_await carry_out(account, found);
  if (outcome.message.empty()) outcome.message = found.trouble();
  if (found.record()) {
    outcome.record = *found.record();
    AddNote task(outcome.record, entry.title, entry.content);
    outcome.message = co_await carry_out(account, task);
    if (outcome.message.empty()) outcome.message = task.trouble();
    if (task.added()) outcome.outcome = "added";
  } else if (outcome.message.empty()) {
    outcome.message = "no contact and no lead has this address";
  }
  if (outcome.outcome == "added") outcome.message.clear();
  state_->entries.push_back(std::move(outcome));
}

Value CrmSync::observe(const std::shared_ptr<MessageStore>& store) const {
  constexpr std::string_view moods[] = {"ok", "waiting", "reconnect-needed", "action-needed"};
  const State& state = *state_;
  // A round that is under way when the client is looked at waits for an answer.
  const State::Mood mood = state.working && state.mood == State::Mood::ok ? State::Mood::waiting : state.mood;
  CrmView view(account_, store, state.backlog);
  view.not_before = mood == State::Mood::reconnect_needed ? std::nullopt : std::optional<Instant>(state.not_before);
  view.now = surroundings_.world.calendar.now();
  view.trouble = state.message;
  return view.show(moods[static_cast<std::size_t>(mood)], state.entries);
}

}  // namespace mailrig::client
