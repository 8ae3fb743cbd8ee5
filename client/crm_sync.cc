#include "client/crm_sync.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/secrets.h"
#include "client/crm/round.h"
#include "client/crm/session.h"
#include "net/task.h"

namespace mailrig::client {
namespace {

// A server that closes after every answer needs three or four connections a message, and a round has 200.
constexpr unsigned connections_max = 1'000;

constexpr Duration first_wait = 1min;
constexpr Duration longest_wait = 1h;
constexpr Duration first_throttled_wait = 10min;  // the CRM counts over ten minutes, and a try makes it last longer
constexpr Duration longest_throttled_wait = 2h;
constexpr Duration user_wait = 24h;  // the user may have mended it in the CRM, where we are not told

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

  Mood mood = Mood::ok;
  std::string message;
  bool working = false;
  CrmAccess access;
  CrmBacklog backlog;
  unsigned failures = 0;  // one after the other
  Instant not_before{};
  std::optional<std::uint64_t> pending;  // as of the last look; nothing: not looked yet
};

CrmSync::CrmSync(const Surroundings& surroundings, std::string account)
    : surroundings_(surroundings), account_(std::move(account)), state_(std::make_unique<State>()) {}
CrmSync::~CrmSync() = default;

Task<Status> CrmSync::work(const AccountSettings& settings, MessageStore& store) {
  State& state = *state_;
  if (!settings.crm) {
    state.pending = 0;
    co_return Status{};
  }
  if (state.working) co_return Status{};
  state.working = true;
  Status status;
  if (state.mood != State::Mood::reconnect_needed && surroundings_.world.calendar.now() >= state.not_before) {
    const AccountSettings account = settings;  // they may be edited while we wait for the CRM
    status = co_await work_off(account, store);
  }
  state.working = false;
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
  for (;;) {
    CrmRound round(state.backlog, store, world.calendar, account_, account.own_address());
    Result<std::size_t> waiting = round.collect();
    if (!waiting) co_return std::move(waiting).error();
    if (*waiting == 0) break;
    CrmDesk desk(
        {account.client_id, account.client_secret, account.refresh_token}, state.access, world.calendar,
        [&round] { return round.next_task(); }, [&round](CrmTask&) { return round.on_finished(); });
    co_await converse(desk, account);
    round.put_back();
    for (const std::string& note : round.notes()) note_action(world, account_, note);
    if (round.finished() > 0) state.failures = 0;
    if (!round.user_trouble().empty()) user_trouble = round.user_trouble();
    if (round.failure()) co_return *round.failure();
    if (desk.stop()) {
      if (desk.stop()->why == CrmStop::Why::store) co_return Error{Errc::environment, desk.stop()->message};
      on_stop(*desk.stop(), account);
      co_return Status{};
    }
  }
  state.mood = user_trouble.empty() ? State::Mood::ok : State::Mood::action_needed;
  state.message = without_secrets(user_trouble, account, state.access);
  // Whatever still waits has been postponed.
  state.not_before = {};
  co_return Status{};
}

/// As many connections as the server wants.
Task<void> CrmSync::converse(CrmDesk& desk, const AccountSettings& account) {
  for (unsigned i = 0; desk.wants_call(); ++i) {
    if (i == connections_max) desk.on_lost("the CRM closes every connection", false);
    if (desk.stop()) co_return;
    Result<std::unique_ptr<Stream>> stream = co_await connect_to(surroundings_, account, *account.crm);
    if (!stream) {
      desk.on_lost(to_string(stream.error()), false);
      co_return;
    }
    CrmSession session(desk, {account.crm->server.host, account.patience.reply},
                       make_dialogue(surroundings_, account_ + "/crm"));
    Status ended = co_await drive(session, **stream, surroundings_.world, drive_options(surroundings_, account));
    // What the session did not notice itself (its time was up) stops the desk too.
    if (!ended && !desk.stop()) desk.on_lost(to_string(ended.error()), true);
    if (!session.has_more()) co_return;
  }
}

void CrmSync::on_stop(const CrmStop& stop, const AccountSettings& account) {
  State& state = *state_;
  World& world = surroundings_.world;
  const Instant now = world.calendar.now();
  state.message = without_secrets(stop.message, account, state.access);
  if (stop.why == CrmStop::Why::reconnect) {
    state.mood = State::Mood::reconnect_needed;
    note_action(world, account_,
                "the CRM has to be connected again: nothing is asked of it until the account is edited");
    return;
  }
  if (stop.why == CrmStop::Why::action) {
    state.mood = State::Mood::action_needed;
    state.not_before = now + user_wait;
    return;
  }
  const bool throttled = stop.why == CrmStop::Why::throttled;
  Duration wait = throttled ? first_throttled_wait : first_wait;
  const Duration longest = throttled ? longest_throttled_wait : longest_wait;
  for (unsigned i = 0; i < state.failures && wait < longest; ++i) wait *= 2;
  wait = std::max(std::min(wait, longest), stop.wait.value_or(Duration::zero()));
  // So that not all clients come back at the same moment.
  wait += world.prng.below(Duration{wait / 10});
  ++state.failures;
  state.mood = State::Mood::waiting;
  state.not_before = now + wait;
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
    state.backlog.postponed.clear();
  }
  state.access.token.clear();  // it may have been another user's
}

std::optional<Instant> CrmSync::next_due() const {
  const State& state = *state_;
  if (state.mood == State::Mood::reconnect_needed) return std::nullopt;
  if (!state.pending) return state.not_before;
  if (*state.pending == 0) return std::nullopt;
  if (*state.pending > state.backlog.postponed.size()) return state.not_before;
  Instant earliest = Instant::max();
  for (const auto& [key, when] : state.backlog.postponed) earliest = std::min(earliest, when);
  return std::max(earliest, state.not_before);
}

Value CrmSync::observe(MessageStore& store) const {
  constexpr std::string_view moods[] = {"ok", "waiting", "reconnect-needed", "action-needed"};
  std::set<MessageKey> on_record;
  if (Result<std::vector<CrmMark>> marks = store.crm_marks(account_))
    for (const CrmMark& mark : *marks)
      if (is_on_record(mark)) on_record.insert(mark.message);
  Result<std::uint64_t> pending = store.count_awaiting_crm(account_);
  return Value::map()
      .set("state", moods[static_cast<std::size_t>(state_->mood)])
      .set("associated", on_record.size())
      .set("pending", pending ? *pending : state_->pending.value_or(0))
      .set("message", state_->message);
}

}  // namespace mailrig::client
