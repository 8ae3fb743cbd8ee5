#pragma once
/// The two clocks of a World. Clock is network patience; Calendar is the date. See ARCHITECTURE.md, "Two clocks".

#include "base/time.h"
#include "net/task_fwd.h"

namespace mailrig {

/// The deadline clock: virtual in sim, real in net.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const = 0;
  /// Returns at `when`, or earlier when the loop is being stopped.
  virtual Task<void> sleep_until(Moment when) = 0;
};

/// The calendar: virtual in sim; in `run --world net` it moves only when somebody moves it; elsewhere it is the wall
/// clock.
class Calendar {
 public:
  virtual ~Calendar() = default;
  virtual Instant now() const = 0;
  /// Returns when it is `when` (at once if it is already): sim and the wall clock wait for it, the scripted calendar
  /// jumps.
  virtual Task<void> move_to(Instant when) = 0;
};

}  // namespace mailrig
