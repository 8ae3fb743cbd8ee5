#pragma once
/// Two clocks, two types (they cannot be mixed up):
///   Moment   the deadline clock: network patience and wire delays. Its zero means nothing.
///   Instant  the calendar: UTC. Polling, quotas, token lifetimes, certificate dates.
/// Both count nanoseconds. Nothing here reads a clock.
///
///   Result<Duration> d = parse_duration("1d12h");      // 36 hours; a number without unit is an error
///   Result<Instant> t = parse_instant("2014-06-02T09:00:00Z");
///   format_duration(90s) == "1m30s";  format_instant(*t) == "2014-06-02T09:00:00Z"

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace mailrig {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 30s reads better than seconds(30)

using Duration = std::chrono::nanoseconds;

struct DeadlineClock {  // a tag, never asked for the time
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<DeadlineClock, Duration>;
  static constexpr bool is_steady = true;
};
using Moment = DeadlineClock::time_point;
using Instant = std::chrono::sys_time<Duration>;

/// No deadline at all. Use it only where something else is certain to end the wait.
inline constexpr Moment never = Moment::max();

/// now + patience without overflow.
Moment deadline_after(Moment now, Duration patience);

/// Units: ns us ms s m h d w; several may follow each other, largest first or not ("1h30m"); decimals allowed ("1.5s").
/// Error bad_input when there is no unit, an unknown unit, a negative or an absurd (over 100 years) span.
Result<Duration> parse_duration(std::string_view text);
std::string format_duration(Duration span);

/// RFC 3339 with any offset, fractions up to nanoseconds; years 1970 to 2200. The result is UTC.
Result<Instant> parse_instant(std::string_view text);
/// RFC 3339 in UTC; a fraction only where there is one.
std::string format_instant(Instant instant);
/// RFC 5322 date-time in UTC: "Mon, 2 Jun 2014 09:00:00 +0000".
std::string format_rfc5322_date(Instant instant);

}  // namespace mailrig
