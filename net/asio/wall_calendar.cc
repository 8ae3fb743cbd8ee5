#include "net/asio/wall_calendar.h"

#include <algorithm>

#include "net/task.h"

namespace mailrig {
namespace {

// The date may be set while we sleep; looking again this often bounds how late that is noticed.
constexpr Duration look_again_after = 1min;

}  // namespace

Instant WallCalendar::now() const { return std::chrono::system_clock::now(); }

Task<void> WallCalendar::move_to(Instant when) {
  for (Instant today = now(); today < when; today = now())
    co_await loop_.sleep_until(loop_.now() + std::min<Duration>(when - today, look_again_after));
}

}  // namespace mailrig
