#pragma once
/// The calendar of `run --world net`: it stands still until somebody moves it, so that a story of thirty days takes no
/// longer than its sockets.
///
///   ScriptedCalendar calendar(start);
///   co_await calendar.move_to(start + 15min);   // at once

#include <algorithm>

#include "net/clock.h"
#include "net/task.h"

namespace mailrig {

class ScriptedCalendar final : public Calendar {
 public:
  explicit ScriptedCalendar(Instant start) : now_(start) {}
  Instant now() const override { return now_; }
  /// Never moves back.
  Task<void> move_to(Instant when) override {
    now_ = std::max(now_, when);
    co_return;
  }

 private:
  Instant now_;
};

}  // namespace mailrig
