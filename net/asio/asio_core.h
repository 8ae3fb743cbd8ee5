#pragma once
/// How a coroutine waits for Asio: it is parked here, and a plain handler of Asio's wakes it. So a wait can be ended
/// from outside, can be told of in a finding, and costs no timer of its own. For .cc files of net/asio only.
///
///   WaitPoint arrived(core);                       // lives in what the handlers hold
///   socket.async_wait(wait_read, [self](auto) { self->arrived.wake(); });
///   co_await arrived.wait("bytes from the peer");  // one coroutine at a time

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/loop.h"

namespace mailrig {

class AsioCore;

/// A coroutine that waits, in the list of all who do. Lives in the coroutine's own frame.
class Parked {
 public:
  Parked(AsioCore& core, std::string_view what);
  ~Parked();
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

  Task<void> stay();
  void wake();

 private:
  friend class AsioCore;
  AsioCore& core_;
  std::string_view what_;  // outlives the wait
  Moment since_;
  std::unique_ptr<Resumption> resumption_;
  Parked* previous_ = nullptr;
  Parked* next_;
};

class AsioCore {
 public:
  // One thread runs it; the resolver's thread hands its results over, so the locks must stay.
  boost::asio::io_context context{1};
  std::atomic<bool> interrupted = false;

  AsioCore() = default;
  ~AsioCore() { abandon(); }

  Moment now() const { return Moment{std::chrono::steady_clock::now() - start_}; }
  std::chrono::steady_clock::time_point steady(Moment when) const {
    return start_ + std::chrono::duration_cast<std::chrono::steady_clock::duration>(when.time_since_epoch());
  }
  std::vector<std::string> waiting() const;  // who has waited longest comes first
  void abandon();

 private:
  friend class Parked;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  Parked* parked_ = nullptr;  // the latest
};

/// Where one coroutine at a time waits for something, or for a deadline.
class WaitPoint {
 public:
  explicit WaitPoint(AsioCore& core) : core_(core) {}
  WaitPoint(const WaitPoint&) = delete;
  WaitPoint& operator=(const WaitPoint&) = delete;

  /// Returns at wake(); `what` outlives the wait.
  Task<void> wait(std::string_view what, Moment deadline = never);
  void wake();
  bool is_waiting() const { return parked_ != nullptr; }
  Moment deadline() const { return parked_ == nullptr ? never : deadline_; }

 private:
  AsioCore& core_;
  Parked* parked_ = nullptr;
  Moment deadline_ = never;
};

/// One timer for the deadlines of a few wait points, set anew only when it would come too late: reads whose deadlines
/// move on and on never touch it. `owner` is kept alive while the timer runs.
class DeadlineTimer {
 public:
  explicit DeadlineTimer(AsioCore& core) : core_(core), timer_(core.context) {}

  /// At or after `deadline` calls owner->on_deadline().
  template <class Owner>
  void arm(Moment deadline, std::shared_ptr<Owner> owner) {
    if (deadline >= due_) return;
    due_ = deadline;
    timer_.expires_at(core_.steady(deadline));
    timer_.async_wait([this, owner = std::move(owner)](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      due_ = never;
      owner->on_deadline();
    });
  }
  void cancel() {
    due_ = never;
    timer_.cancel();
  }

 private:
  AsioCore& core_;
  boost::asio::steady_timer timer_;
  Moment due_ = never;  // never: it does not run
};

}  // namespace mailrig
