// What a session says, and how it ends. What it hears is in session_replies.cc.
#include "client/pop3/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace mailrig::client {
namespace {

// Nothing depends on the answer to QUIT where nothing was retrieved or deleted.
constexpr Duration idle_quit_patience = 10s;

bool fits_on_a_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

Pop3Session::Pop3Session(Pop3Settings settings, MailSink& target, Dialogue dialogue)
    : settings_(std::move(settings)),
      target_(target),
      dialogue_(std::move(dialogue)),
      secure_(settings_.tls == TlsMode::implicit),
      body_([this](std::string_view piece) { keep(piece); }) {
  awaited_.push_back({PendingReply::greeting});
  report_.offer.top = true;  // until CAPA says otherwise
}

Action Pop3Session::next() {
  for (;;) {
    if (leaving_ != Leaving::no) return leave();
    if (std::exchange(start_tls_, false)) return StartTls{settings_.greeting_patience};
    if (std::exchange(commit_, false)) return Commit{Step::store};
    if (!out_.empty()) {
      sending_.swap(out_);
      out_.clear();
      return Send{out_step_, sending_};
    }
    if (!go_on()) {
      PendingReply what = reading_ == Reading::status ? awaited_.front().what : current_.what;
      return Receive{step_of(what), patience_of(what)};
    }
  }
}

/// Says the next thing or goes on to the next phase; false: there is something to wait for first.
bool Pop3Session::go_on() {
  if (body_.state() == Pop3BodyReader::State::doubtful && awaited_.empty()) {
    say(PendingReply::barrier, "NOOP");  // its answer shows whether the message has ended
    return true;
  }
  switch (phase_) {
    case Phase::identifying: return identify();
    case Phase::transfer: return transfer();
    case Phase::removal: return remove();
    default: break;
  }
  if (outstanding() > 0) return false;
  switch (phase_) {
    case Phase::capabilities:
    case Phase::late_capabilities: say(PendingReply::capabilities, "CAPA"); return true;
    case Phase::stls: say(PendingReply::stls, "STLS"); return true;
    case Phase::user:
    case Phase::password: return log_in();
    case Phase::listing: return ask_listing();
    case Phase::planning: plan(); return true;
    case Phase::store:
      if (temporary_) end_retrieving(*std::exchange(temporary_, std::nullopt));
      if (uncommitted_ > 0) {
        commit_ = true;
      } else {
        phase_ = Phase::removal;
        next_task_ = 0;
      }
      return true;
    default: say(PendingReply::quit, "QUIT"); return true;
  }
}

bool Pop3Session::log_in() {
  if (settings_.tls != TlsMode::none && !secure_) {
    break_off(
        {Errc::internal, "a login was about to be sent without the encryption that the account requires", Step::login});
  } else if (!fits_on_a_line(settings_.user) || !fits_on_a_line(settings_.password)) {
    break_off(
        {Errc::bad_input,
         "the user name or the password holds a line end or NUL, which POP3 cannot say: correct it in the account",
         Step::login});
  } else if (phase_ == Phase::user && uses_plain()) {
    // The response in a line of its own: Exchange takes no other (docs/providers/exchange.md#capabilities).
    say(PendingReply::authenticate, "AUTH PLAIN");
  } else if (phase_ == Phase::user) {
    say(PendingReply::user, "USER " + settings_.user);
  } else {
    say(PendingReply::password, "PASS " + settings_.password, 0, "PASS <password>");
  }
  return true;
}

/// USER where the server does not say that it has none; its answer is the one that servers have practised.
bool Pop3Session::uses_plain() const {
  return offered_.sasl_plain && !plain_refused_ && (user_refused_ || !offered_.user);
}

/// STAT, since some servers say only there that they will not serve
/// (docs/providers/refusals-and-counters.md#refused-after-login). LIST before UIDL: what arrives in between has a uid
/// then and only lacks a size (docs/providers/misbehaviours.md#m18).
bool Pop3Session::ask_listing() {
  if (counted_ == 0U || listing_asked_ == 3) {
    phase_ = Phase::planning;
    return true;
  }
  do {
    switch (listing_asked_++) {
      case 0: say(PendingReply::stat, "STAT"); break;
      case 1: say(PendingReply::sizes, "LIST"); break;
      default: say(PendingReply::uids, "UIDL"); break;
    }
  } while (window() > 1 && listing_asked_ < 3);
  return true;
}

void Pop3Session::plan() {
  listing_.finish();
  for (const Pop3Task& task : target_.plan(listing_.items(), report_.offer))
    if (task.item < listing_.items().size() && task.want != FetchDecision::leave)
      tasks_.push_back({task.item, task.want});
  phase_ = Phase::identifying;
}

bool Pop3Session::identify() {
  std::size_t out = outstanding();
  if (out > window() / 2) return false;
  bool said = false;
  for (; next_task_ < tasks_.size() && out < window(); ++next_task_) {
    if (tasks_[next_task_].want != FetchDecision::identify) continue;
    if (!report_.offer.top) {
      tasks_[next_task_].want = target_.identified(item(next_task_), std::nullopt);
      continue;
    }
    say(PendingReply::header, fmt::format("TOP {} 0", item(next_task_).number), next_task_);
    said = true;
    ++out;
  }
  if (said) return true;
  if (out > 0) return false;
  phase_ = Phase::transfer;
  next_task_ = 0;
  return true;
}

bool Pop3Session::transfer() {
  std::size_t out = outstanding();
  if (out > window() / 2) return false;
  auto ask_barrier = [this] {
    say(PendingReply::barrier, "NOOP");
    barrier_due_ = false;
    return true;
  };
  if (settings_.careful && unconfirmed_) return ask_barrier();
  bool said = false;
  for (; next_task_ < tasks_.size() && !stop_retrieving_; ++next_task_) {
    if (tasks_[next_task_].want != FetchDecision::retrieve) continue;
    if (out == window()) return said;
    say(PendingReply::message, fmt::format("RETR {}", item(next_task_).number), next_task_);
    barrier_due_ = said = true;
    ++out;
  }
  // The last message has no RETR behind it whose answer would show that it ended where it seemed to end.
  if (barrier_due_ && (window() > 1 || (out == 0 && unconfirmed_))) return ask_barrier();
  if (said) return true;
  if (out > 0) return false;
  phase_ = Phase::store;
  return true;
}

bool Pop3Session::remove() {
  std::size_t out = outstanding();
  if (out > window() / 2) return false;
  bool said = false;
  for (; next_task_ < tasks_.size(); ++next_task_) {
    const Task& task = tasks_[next_task_];
    if (!task.durable && task.want != FetchDecision::remove) continue;
    if (out == window()) return said;
    if (!target_.may_delete(item(next_task_))) continue;
    say(PendingReply::removal, fmt::format("DELE {}", item(next_task_).number), next_task_);
    said = removal_asked_ = true;
    ++out;
  }
  if (said) return true;
  if (out > 0) return false;
  phase_ = Phase::quit;
  if (removal_asked_)
    if (Status safe = target_.before_quit(); !safe) break_off(std::move(safe).error().at(Step::remove));
  return true;
}

void Pop3Session::say(PendingReply what, std::string_view line, std::size_t task, std::string_view masked) {
  note(TranscriptEntry::Who::client, masked.empty() ? line : masked);
  if (out_.empty()) out_step_ = step_of(what);
  out_ += line;
  out_ += "\r\n";
  awaited_.push_back({what, task});
}

Action Pop3Session::leave() {
  switch (leaving_) {
    case Leaving::commit:
      leaving_ = Leaving::close;
      if (uncommitted_ > 0) return Commit{Step::store};
      [[fallthrough]];
    case Leaving::close:
      leaving_ = Leaving::done;
      target_.quit(report_.quit_confirmed);
      return Close{ending_};
    default: return Done{status_};
  }
}

void Pop3Session::on_committed(Status status) {
  uncommitted_ = 0;
  if (!status) {
    // At QUIT Gmail would hide what it believes to be safe with us (docs/providers/gmail.md#queue).
    break_off(std::move(status).error().at(Step::store));
    return;
  }
  for (Task& task : tasks_) task.durable = task.durable || task.taken;
}

void Pop3Session::on_tls() {
  note(TranscriptEntry::Who::rig, "TLS is up");
  secure_ = true;
  offered_ = {};
  report_.offer = {.top = true};
  reader_.clear();
  phase_ = settings_.ask_capabilities ? Phase::capabilities : Phase::user;
}

void Pop3Session::on_error(Error error) {
  if (leaving_ == Leaving::no) lose(std::move(error));
}

/// The connection is lost, or time is up. What arrived whole did arrive.
void Pop3Session::lose(Error error) {
  error = masked(std::move(error));
  PendingReply what = reading_ != Reading::status ? current_.what
                      : awaited_.empty()          ? PendingReply::quit
                                                  : awaited_.front().what;
  if (what == PendingReply::capabilities) report_.capabilities_failed = true;
  if (what == PendingReply::user || what == PendingReply::authenticate || what == PendingReply::password)
    report_.lost_at_login = true;
  forget(incomplete_, error);
  leaving_ = Leaving::commit;
  ending_ = Ending::reset;
  const bool unanswered = what == PendingReply::message && reading_ == Reading::status;
  const Error why = error;
  if (status_) status_ = std::move(error);
  // RETR without any answer: the message may be what the server stalls or dies of.
  if (confirm() && unanswered) target_.failed(item(awaited_.front().task), why);
}

/// The peer broke the protocol, or we cannot go on: without QUIT, so that the server commits nothing.
void Pop3Session::break_off(Error error) {
  if (leaving_ != Leaving::no) return;
  error = masked(std::move(error));
  forget(incomplete_, error);
  forget(unconfirmed_, error);
  leaving_ = Leaving::commit;
  ending_ = Ending::reset;
  status_ = std::move(error);
}

void Pop3Session::astray(std::string_view line) {
  report_.astray = true;
  const bool pipelined = window() > 1;
  break_off(
      {Errc::peer_protocol,
       fmt::format("something came that is no reply: \"{}\"; {} not believed, and nothing is deleted", printable(line),
                   pipelined ? "what came since the last commit is" : "the message before it is"),
       awaited_.empty() ? Step::none : step_of(awaited_.front().what)});
  if (!pipelined) return;
  // A line of a body that reads "+OK" may have passed for the next reply, and what followed for the next message. They
  // come again, one at a time.
  report_.retrieved -= uncommitted_;
  uncommitted_ = 0;
}

void Pop3Session::forget(std::optional<std::size_t>& task, const Error& why) {
  if (task) target_.failed(item(*task), why);
  task.reset();
}

void Pop3Session::quit_with(Error error) {
  if (status_) status_ = masked(std::move(error));
  phase_ = Phase::quit;
}

Step Pop3Session::step_of(PendingReply what) {
  switch (what) {
    case PendingReply::greeting: return Step::greeting;
    case PendingReply::capabilities: return Step::capabilities;
    case PendingReply::stls: return Step::tls;
    case PendingReply::user:
    case PendingReply::authenticate:
    case PendingReply::password: return Step::login;
    case PendingReply::stat:
    case PendingReply::sizes:
    case PendingReply::uids:
    case PendingReply::header: return Step::list;
    case PendingReply::message: return Step::retrieve;
    case PendingReply::barrier: return Step::request;
    case PendingReply::removal: return Step::remove;
    case PendingReply::quit: return Step::quit;
  }
  return Step::none;
}

Duration Pop3Session::patience_of(PendingReply what) const {
  if (what == PendingReply::greeting) return settings_.greeting_patience;
  bool idle = report_.retrieved == 0 && report_.removed == 0;
  if (what == PendingReply::quit && idle) return std::min(settings_.reply_patience, idle_quit_patience);
  return settings_.reply_patience;
}

void Pop3Session::note(TranscriptEntry::Who who, std::string_view line) const {
  if (dialogue_) dialogue_(who, printable(masked(line), refusal_octets_max));
}

std::string Pop3Session::masked(std::string_view text) const {
  if (secrets_.empty()) secrets_.add_login(settings_.user, settings_.password);
  return secrets_.masked(text);
}

Error Pop3Session::masked(Error error) const {
  error.message = masked(error.message);
  return error;
}

Pop3Refusal Pop3Session::masked(Pop3Refusal refusal) const {
  refusal.text = masked(refusal.text);
  return refusal;
}

}  // namespace mailrig::client
