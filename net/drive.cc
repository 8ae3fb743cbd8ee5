#include "net/drive.h"

#include <algorithm>
#include <utility>

#include "net/task.h"

namespace mailrig {
namespace {

// A session that goes on for as long without an octet moved and without time passing goes round in circles.
constexpr int idle_actions_max = 100'000;
// How often a session may be told of errors once its time is up before it is left; a well-made one needs two.
constexpr int late_errors_max = 8;

/// Cuts the time of a session into spans per step.
class StepTimer {
 public:
  StepTimer(const Clock& clock, const DriveOptions& options) : clock_(clock), options_(options) {}

  void begin(Step step, bool sends, std::uint64_t exchanges) {
    if (options_.latencies == nullptr) return;
    if (step == step_ && !(sends && received_)) return;
    end(exchanges);
    step_ = step;
    start_ = clock_.now();
  }
  void received(std::uint64_t exchanges) {
    received_ = true;
    if (options_.latencies != nullptr && exchanges > exchanges_) record(exchanges);
  }
  void waited(Duration span) { waited_ += span; }
  /// Closes the span that is open. One exchange per span where the session does not count them.
  void end(std::uint64_t exchanges) {
    if (options_.latencies == nullptr) return;
    if (step_ != Step::none && !recorded_) record(std::max(exchanges, exchanges_ + 1));
    exchanges_ = exchanges;
    step_ = Step::none;
    waited_ = {};
    received_ = false;
    recorded_ = false;
  }

 private:
  void record(std::uint64_t exchanges) {
    Moment now = clock_.now();
    Duration span = now - start_;
    if (!options_.count_waiting) span -= std::min(span, waited_);
    std::uint64_t finished = exchanges - exchanges_;
    for (std::uint64_t i = 0; i < finished; ++i)
      options_.latencies->add(step_, span / static_cast<Duration::rep>(finished));
    exchanges_ = exchanges;
    start_ = now;
    waited_ = {};
    recorded_ = true;
  }

  const Clock& clock_;
  const DriveOptions& options_;
  Step step_ = Step::none;
  Moment start_{};
  Duration waited_{};
  std::uint64_t exchanges_ = 0;
  bool received_ = false;
  bool recorded_ = false;
};

/// How long the peer may still take for the exchange under way.
class ExchangeBound {
 public:
  explicit ExchangeBound(bool whole_exchange) : whole_exchange_(whole_exchange) {}

  void sent() { fresh_ = fresh_ || received_; }
  void received(std::size_t octets) {
    received_ = true;
    octets_ += octets;
  }
  /// Of the next read.
  Moment deadline(const Receive& receive, std::uint64_t exchanges, Moment now) {
    if (!whole_exchange_) return deadline_after(now, receive.patience);
    if (fresh_ || receive.step != step_ || exchanges != exchanges_) {
      start_ = now;
      octets_ = 0;
    }
    fresh_ = received_ = false;
    step_ = receive.step;
    exchanges_ = exchanges;
    const Moment end = deadline_after(start_, receive.patience);
    // Only a message may be so large that it takes its time; a listing without end would never be late.
    if (receive.step != Step::retrieve) return end;
    return deadline_after(end, std::chrono::seconds(octets_ / octets_per_second_min));
  }

 private:
  bool whole_exchange_;
  bool fresh_ = true;
  bool received_ = false;
  Step step_ = Step::none;
  std::uint64_t exchanges_ = 0;
  std::uint64_t octets_ = 0;  // of this exchange
  Moment start_{};
};

}  // namespace

Status Session::commit() {
  return Error{Errc::internal, "the session asked for a commit and has nothing that makes one; nothing is deleted"};
}

Task<Status> drive(Session& session, Stream& stream, World& world, DriveOptions options) {
  const Moment end = deadline_after(world.clock.now(), options.budget);
  StepTimer timer(world.clock, options);
  ExchangeBound bound(options.patience_of_exchange);
  bool silent = false;  // the peer was given up as it took or said nothing in time
  int late_errors = 0;
  int idle_actions = 0;
  for (Moment before = world.clock.now();; ++idle_actions) {
    Action action = session.next();
    Moment now = world.clock.now();
    if (std::exchange(before, now) != now) idle_actions = 0;
    if (idle_actions > idle_actions_max)
      co_return Error{Errc::internal, "the session goes round in circles without saying or hearing anything"};
    // A Commit needs nothing of the peer: what arrived in time is not lost because the time is up.
    if (now >= end && !std::holds_alternative<Done>(action) && !std::holds_alternative<Commit>(action)) {
      if (++late_errors > late_errors_max)
        co_return Error{Errc::timed_out, "the session did not end when its time was up"};
      session.on_error({Errc::timed_out, "the session took longer than " + format_duration(options.budget)});
      continue;
    }
    if (const auto* send = std::get_if<Send>(&action)) {
      timer.begin(send->step, true, session.exchanges());
      Status sent = co_await stream.write(send->bytes, std::min(end, deadline_after(now, options.write_patience)));
      bound.sent();
      if (!sent) {
        silent = silent || sent.error().code == Errc::timed_out;
        session.on_error(std::move(sent).error().at(send->step));
      } else if (!send->bytes.empty()) {
        idle_actions = 0;
      }
    } else if (const auto* receive = std::get_if<Receive>(&action)) {
      timer.begin(receive->step, false, session.exchanges());
      const Moment deadline = bound.deadline(*receive, session.exchanges(), now);
      Result<std::string_view> chunk = co_await stream.read_some(std::min(end, deadline));
      timer.waited(world.clock.now() - now);
      if (chunk) {
        idle_actions = 0;
        silent = false;
        bound.received(chunk->size());
        session.on_bytes(*chunk);
      } else {
        silent = silent || chunk.error().code == Errc::timed_out;
        session.on_error(std::move(chunk).error().at(receive->step));
      }
      timer.received(session.exchanges());
    } else if (const auto* wait = std::get_if<Wait>(&action)) {
      timer.begin(wait->step, false, session.exchanges());
      co_await world.clock.sleep_until(std::min(end, deadline_after(now, wait->span)));
    } else if (const auto* commit = std::get_if<Commit>(&action)) {
      timer.begin(commit->step, true, session.exchanges());
      session.on_committed(session.commit());
    } else if (const auto* upgrade = std::get_if<StartTls>(&action)) {
      timer.begin(Step::tls, true, session.exchanges());
      Status upgraded = co_await stream.start_tls(std::min(end, deadline_after(now, upgrade->patience)));
      if (upgraded)
        session.on_tls();
      else
        session.on_error(std::move(upgraded).error().at(Step::tls));
    } else if (const auto* close = std::get_if<Close>(&action)) {
      timer.end(session.exchanges());
      // How the end went is of no consequence to the session: it has said all it had to say.
      // A peer that has already used up its time gets no more of it.
      const Duration patience = silent ? Duration::zero() : options.write_patience;
      Status closed = co_await stream.close(close->ending, std::min(end, deadline_after(now, patience)));
      static_cast<void>(closed);
    } else {
      timer.end(session.exchanges());
      co_return std::get<Done>(action).status;
    }
  }
}

}  // namespace mailrig
