#include "net/fault_stream.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <ranges>
#include <string>

#include "net/stream_decorator.h"
#include "net/task.h"

namespace mailrig {
namespace {

Error cancelled() { return {Errc::cancelled, "the connection is being taken down"}; }
Error reset() { return {Errc::reset, "the connection was reset by the peer"}; }

/// What faults of both directions share: a connection that may be cut, a count of octets, and pauses.
class FaultyStream : public StreamDecorator {
 public:
  FaultyStream(std::unique_ptr<Stream> below, Clock& clock, const Fault& fault)
      : StreamDecorator(std::move(below)), fault_(fault), clock_(clock) {}

  void abort() override {
    aborted_ = true;
    below().abort();
  }

 protected:
  bool is_aborted() const { return aborted_; }
  Moment after(Duration span) const { return deadline_after(clock_.now(), span); }
  /// False when the deadline came first; then it has passed.
  Task<bool> pause(Moment until, Moment deadline) {
    co_await clock_.sleep_until(std::min(until, deadline));
    co_return until <= deadline;
  }
  Task<void> cut(Ending ending, Moment deadline) {
    cut_ = ending == Ending::reset ? reset() : Error{Errc::end_of_stream, "the peer closed the connection"};
    Status closed = co_await below().close(ending, deadline);
    static_cast<void>(closed);  // it is gone either way
  }
  /// How many of `octets` may still pass before `limit`.
  std::size_t room(std::uint64_t limit, std::size_t octets) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(limit - std::min(limit, passed_), octets));
  }

  const Fault fault_;
  std::uint64_t passed_ = 0;  // octets that went through
  std::optional<Error> cut_;  // what the owner reads after a cut

 private:
  Clock& clock_;
  bool aborted_ = false;
};

// --- The write side ---

class WriteFaultStream final : public FaultyStream {
 public:
  using FaultyStream::FaultyStream;

  Task<Result<std::string_view>> read_some(Moment deadline) override {
    if (cut_) co_return *cut_;
    Result<std::string_view> chunk = co_await below().read_some(deadline);
    co_return chunk;
  }
  Task<Status> write(std::string_view bytes, Moment deadline) override {
    const Load load{bytes, bytes.size(), false};
    return std::visit([&](const auto& fault) { return put(fault, load, deadline); }, fault_);
  }
  Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline) override {
    const Load load{bytes, charged, true};
    return std::visit([&](const auto& fault) { return put(fault, load, deadline); }, fault_);
  }
  /// TLS above cuts its records here, since a record passes whole.
  std::size_t split_octets() const override {
    std::size_t own = std::numeric_limits<std::size_t>::max();
    if (const auto* split = std::get_if<SplitEvery>(&fault_)) own = piece(split->octets);
    if (const auto* drip = std::get_if<Drip>(&fault_)) own = piece(drip->octets);
    return std::min(own, below().split_octets());
  }

 private:
  /// Octets on their way, or a unit that stands for some (Stream::write_unit).
  struct Load {
    std::string_view bytes;
    std::size_t octets;  // what counts
    bool is_unit;
  };
  static std::size_t piece(std::size_t octets) { return std::max<std::size_t>(octets, 1); }

  Task<Status> pass(Load load, Moment deadline) {
    passed_ += load.octets;
    return load.is_unit ? below().write_unit(load.bytes, load.octets, deadline) : below().write(load.bytes, deadline);
  }

  Task<Status> put(Delay delay, Load load, Moment deadline) {
    bool in_time = co_await pause(after(delay.span), deadline);
    if (is_aborted()) co_return cancelled();
    if (!in_time) co_return Error{Errc::timed_out, "the peer took nothing more in time"};
    Status passed = co_await pass(load, deadline);
    co_return passed;
  }

  Task<Status> put(CutAfter fault, Load load, Moment deadline) {
    if (cut_) co_return reset();
    std::size_t octets = room(fault.octets, load.octets);
    const bool whole = octets == load.octets;
    if (!whole && load.is_unit) octets = 0;
    if (octets > 0) {
      const Load part{whole ? load.bytes : load.bytes.substr(0, octets), octets, load.is_unit};
      Status passed = co_await pass(part, deadline);
      if (!passed) co_return passed;
    }
    if (whole && passed_ < fault.octets) co_return Status{};
    co_await cut(fault.ending, deadline);
    if (whole) co_return Status{};
    co_return reset();
  }

  Task<Status> put(SplitEvery split, Load load, Moment deadline) { return in_pieces(split.octets, {}, load, deadline); }
  Task<Status> put(Drip drip, Load load, Moment deadline) { return in_pieces(drip.octets, drip.every, load, deadline); }
  Task<Status> in_pieces(std::size_t octets, Duration every, Load load, Moment deadline) {
    do {
      const std::size_t length = load.is_unit ? load.bytes.size() : std::min(piece(octets), load.bytes.size());
      const Load part{load.bytes.substr(0, length), load.is_unit ? load.octets : length, load.is_unit};
      if (every > Duration{} && passed_ > 0) {
        bool in_time = co_await pause(after(every), deadline);
        if (is_aborted()) co_return cancelled();
        if (!in_time) co_return Error{Errc::timed_out, "the peer took nothing more in time"};
      }
      Status passed = co_await pass(part, deadline);
      if (!passed) co_return passed;
      load.bytes.remove_prefix(length);
    } while (!load.bytes.empty());
    co_return Status{};
  }

  Task<Status> put(Garble garble, Load load, Moment deadline) {
    std::string changed;  // must last until the stream below has taken it
    if (garble.at >= passed_ && garble.at - passed_ < load.octets) {
      changed = load.bytes;
      if (!changed.empty())
        changed[std::min<std::size_t>(garble.at - passed_, changed.size() - 1)] ^= static_cast<char>(garble.flip);
      load.bytes = changed;
    }
    Status passed = co_await pass(load, deadline);
    co_return passed;
  }

  Task<Status> put(StallAfter stall, Load load, Moment deadline) {
    std::size_t octets = room(stall.octets, load.octets);
    if (octets < load.octets && load.is_unit) octets = 0;
    if (octets < load.octets) load.bytes = load.bytes.substr(0, octets);
    load.octets = octets;
    Status passed;
    if (octets > 0) {
      Status done = co_await pass(load, deadline);
      passed = std::move(done);
    }
    co_return passed;
  }
};

// --- The read side ---

class ReadFaultStream final : public FaultyStream {
 public:
  using FaultyStream::FaultyStream;

  Task<Result<std::string_view>> read_some(Moment deadline) override {
    return std::visit([&](const auto& fault) { return get(fault, deadline); }, fault_);
  }
  Task<Status> write(std::string_view bytes, Moment deadline) override {
    if (cut_) co_return reset();
    Status passed = co_await below().write(bytes, deadline);
    co_return passed;
  }
  Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline) override {
    if (cut_) co_return reset();
    Status passed = co_await below().write_unit(bytes, charged, deadline);
    co_return passed;
  }

 private:
  /// The next chunk, kept until all of it is handed on.
  Task<Status> fetch(Moment deadline) {
    if (!rest_.empty()) co_return Status{};
    Result<std::string_view> chunk = co_await below().read_some(deadline);
    if (!chunk) co_return std::move(chunk).error();
    rest_ = *chunk;
    co_return Status{};
  }
  std::string_view take(std::size_t octets) {
    std::string_view taken = rest_.substr(0, octets);
    rest_.remove_prefix(taken.size());
    passed_ += taken.size();
    return taken;
  }
  /// Nothing is handed on before `next_`.
  Task<Status> wait_for_next(Moment deadline) {
    bool in_time = co_await pause(next_, deadline);
    if (is_aborted()) co_return cancelled();
    if (!in_time) co_return Error{Errc::timed_out, "nothing arrived in time"};
    co_return Status{};
  }

  Task<Result<std::string_view>> get(Delay delay, Moment deadline) {
    const bool is_new = rest_.empty();
    Status fetched = co_await fetch(deadline);
    if (!fetched) co_return std::move(fetched).error();
    if (is_new) next_ = after(delay.span);
    Status waited = co_await wait_for_next(deadline);
    if (!waited) co_return std::move(waited).error();
    co_return take(rest_.size());
  }

  Task<Result<std::string_view>> get(CutAfter fault, Moment deadline) {
    if (!cut_ && passed_ >= fault.octets) co_await cut(fault.ending, deadline);
    if (cut_) co_return *cut_;
    Status fetched = co_await fetch(deadline);
    if (!fetched) co_return std::move(fetched).error();
    co_return take(room(fault.octets, rest_.size()));
  }

  Task<Result<std::string_view>> get(SplitEvery split, Moment deadline) {
    Status fetched = co_await fetch(deadline);
    if (!fetched) co_return std::move(fetched).error();
    co_return take(std::max<std::size_t>(split.octets, 1));
  }

  Task<Result<std::string_view>> get(Drip drip, Moment deadline) {
    Status fetched = co_await fetch(deadline);
    if (!fetched) co_return std::move(fetched).error();
    Status waited = co_await wait_for_next(deadline);
    if (!waited) co_return std::move(waited).error();
    next_ = after(drip.every);
    co_return take(std::max<std::size_t>(drip.octets, 1));
  }

  Task<Result<std::string_view>> get(Garble garble, Moment deadline) {
    Status fetched = co_await fetch(deadline);
    if (!fetched) co_return std::move(fetched).error();
    if (garble.at < passed_ || garble.at - passed_ >= rest_.size()) co_return take(rest_.size());
    garbled_ = rest_;
    garbled_[garble.at - passed_] ^= static_cast<char>(garble.flip);
    take(rest_.size());
    co_return std::string_view(garbled_);
  }

  Task<Result<std::string_view>> get(StallAfter stall, Moment deadline) {
    for (;;) {
      Status fetched = co_await fetch(deadline);
      if (!fetched) co_return std::move(fetched).error();
      std::size_t octets = room(stall.octets, rest_.size());
      if (octets > 0) co_return take(octets);
      rest_ = {};  // lost
    }
  }

  std::string_view rest_;  // read from below, not handed on yet
  std::string garbled_;    // what a garbled chunk stands in
  Moment next_{};          // when more may be handed on
};

}  // namespace

std::unique_ptr<Stream> with_faults(std::unique_ptr<Stream> below, Clock& clock, const Faults& faults) {
  std::unique_ptr<Stream> stream = std::move(below);
  for (const Fault& fault : std::views::reverse(faults.on_write))
    stream = std::make_unique<WriteFaultStream>(std::move(stream), clock, fault);
  for (const Fault& fault : std::views::reverse(faults.on_read))
    stream = std::make_unique<ReadFaultStream>(std::move(stream), clock, fault);
  return stream;
}

}  // namespace mailrig
