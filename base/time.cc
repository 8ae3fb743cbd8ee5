#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace mailrig {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array units{Unit{"ns", 1},
                           Unit{"us", 1'000},
                           Unit{"ms", 1'000'000},
                           Unit{"s", 1'000'000'000},
                           Unit{"m", 60'000'000'000},
                           Unit{"h", 3'600'000'000'000},
                           Unit{"d", 86'400'000'000'000},
                           Unit{"w", 604'800'000'000'000}};
// A century is beyond every story; it also keeps sums far from the 292 years that 64 bits of nanoseconds hold.
constexpr std::int64_t duration_max = 100LL * 365 * 86'400'000'000'000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error bad_duration(std::string_view text, std::string_view why) {
  return {Errc::bad_input, fmt::format("\"{}\" is not a span of time: {}; write for example 250ms, 30s, 15m or 3d",
                                       printable(text), why)};
}

Error too_long_a_duration(std::string_view text) { return bad_duration(text, "it is longer than 100 years"); }

std::size_t count_digits(std::string_view text) {
  std::size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  return count;
}

/// ".25" for 250,000,000; nothing for 0.
std::string decimals(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return {};
  std::string digits = fmt::format(".{:09}", nanoseconds);
  digits.erase(digits.find_last_not_of('0') + 1);
  return digits;
}

Error bad_instant(std::string_view text, std::string_view why) {
  return {Errc::bad_input, fmt::format("\"{}\" is not a point in time: {}; write for example 2014-06-02T09:00:00Z",
                                       printable(text), why)};
}

/// Reads exactly `digits` digits from the front of text.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (!is_digit(text[i])) return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Moment deadline_after(Moment now, Duration patience) {
  return patience > Duration::zero() && now > never - patience ? never : now + patience;
}

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  if (rest.empty()) return bad_duration(text, "it is empty");
  std::int64_t total = 0;
  while (!rest.empty()) {
    std::size_t whole_digits = count_digits(rest);
    std::uint64_t whole = 0;
    auto [end, failure] = std::from_chars(rest.data(), rest.data() + whole_digits, whole);
    if (failure == std::errc::result_out_of_range) return too_long_a_duration(text);
    rest.remove_prefix(whole_digits);
    double fraction = 0;
    if (!rest.empty() && rest.front() == '.') {
      std::size_t length = 1 + count_digits(rest.substr(1));
      if (whole_digits + length == 1) return bad_duration(text, "a number is missing or malformed");
      std::from_chars(rest.data(), rest.data() + length, fraction, std::chars_format::fixed);
      rest.remove_prefix(length);
    } else if (whole_digits == 0) {
      return bad_duration(text, "a number is missing or malformed");
    }
    std::size_t letters = 0;
    while (letters < rest.size() && !is_digit(rest[letters]) && rest[letters] != '.') ++letters;
    std::string_view name = rest.substr(0, letters);
    rest.remove_prefix(letters);
    if (name.empty()) return bad_duration(text, "it has no unit");
    const Unit* unit = nullptr;
    for (const Unit& candidate : units)
      if (candidate.name == name) unit = &candidate;
    if (unit == nullptr) return bad_duration(text, "the units are ns, us, ms, s, m, h, d and w");
    // Whole numbers are exact; a fraction of a unit is under 2^53 nanoseconds, so a double holds it to the nanosecond.
    if (whole > static_cast<std::uint64_t>(duration_max / unit->nanoseconds)) return too_long_a_duration(text);
    total += static_cast<std::int64_t>(whole) * unit->nanoseconds +
             std::llround(fraction * static_cast<double>(unit->nanoseconds));
    if (total > duration_max) return too_long_a_duration(text);
  }
  return Duration{total};
}

std::string format_duration(Duration span) {
  std::int64_t left = span.count();
  if (left == 0) return "0s";
  std::string text;
  if (left < 0) {
    text = "-";
    left = -left;
  }
  // Under a second one decimal unit is easier to read than several.
  if (left < 1'000'000'000) {
    for (std::int64_t size : {1'000'000, 1'000, 1}) {
      if (left < size) continue;
      std::string_view name = size == 1'000'000 ? "ms" : size == 1'000 ? "us" : "ns";
      return text + fmt::format("{}{}", static_cast<double>(left) / static_cast<double>(size), name);
    }
  }
  for (std::string_view name : {"d", "h", "m"}) {
    for (const Unit& unit : units) {
      if (unit.name != name || left < unit.nanoseconds) continue;
      text += fmt::format("{}{}", left / unit.nanoseconds, name);
      left %= unit.nanoseconds;
    }
  }
  if (left > 0) text += fmt::format("{}{}s", left / 1'000'000'000, decimals(left % 1'000'000'000));
  return text;
}

Result<Instant> parse_instant(std::string_view text) {
  std::string_view rest = text;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_number(rest, 4, year) || !take(rest, '-') || !take_number(rest, 2, month) || !take(rest, '-') ||
      !take_number(rest, 2, day))
    return bad_instant(text, "it does not begin with a date such as 2014-06-02");
  if (!take(rest, 'T') && !take(rest, 't') && !take(rest, ' ')) return bad_instant(text, "the time of day is missing");
  if (!take_number(rest, 2, hour) || !take(rest, ':') || !take_number(rest, 2, minute) || !take(rest, ':') ||
      !take_number(rest, 2, second))
    return bad_instant(text, "the time of day is not like 09:00:00");
  std::int64_t fraction = 0;
  if (take(rest, '.')) {
    std::int64_t scale = 100'000'000;
    if (rest.empty() || !is_digit(rest.front())) return bad_instant(text, "digits are missing after the point");
    for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), scale /= 10)
      fraction += scale * (rest.front() - '0');
  }
  int offset_minutes = 0;
  if (!take(rest, 'Z') && !take(rest, 'z')) {
    int sign = take(rest, '+') ? 1 : take(rest, '-') ? -1 : 0;
    int offset_hour = 0, offset_minute = 0;
    if (sign == 0) return bad_instant(text, "the zone is missing (Z, or an offset such as +05:30)");
    if (!take_number(rest, 2, offset_hour) || !take(rest, ':') || !take_number(rest, 2, offset_minute) ||
        offset_hour > 23 || offset_minute > 59)
      return bad_instant(text, "the offset is not like +05:30");
    offset_minutes = sign * (offset_hour * 60 + offset_minute);
  }
  if (!rest.empty()) return bad_instant(text, "something follows the zone");
  std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                   std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || year < 1970 || year > 2200) return bad_instant(text, "there is no such day between 1970 and 2200");
  if (hour > 23 || minute > 59 || second > 59) return bad_instant(text, "there is no such time of day");
  return Instant{std::chrono::sys_days{date} + std::chrono::hours{hour} +
                 std::chrono::minutes{minute - offset_minutes} + std::chrono::seconds{second} + Duration{fraction}};
}

namespace {
struct CalendarFields {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Duration> time;
  std::chrono::weekday weekday;
};
CalendarFields fields_of(Instant instant) {
  auto day = std::chrono::floor<std::chrono::days>(instant);
  return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss<Duration>{instant - day}, std::chrono::weekday{day}};
}
}  // namespace

std::string format_instant(Instant instant) {
  CalendarFields f = fields_of(instant);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(f.date.year()),
                                 static_cast<unsigned>(f.date.month()), static_cast<unsigned>(f.date.day()),
                                 f.time.hours().count(), f.time.minutes().count(), f.time.seconds().count());
  return text + decimals(f.time.subseconds().count()) + 'Z';
}

std::string format_rfc5322_date(Instant instant) {
  static constexpr std::array day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  CalendarFields f = fields_of(instant);
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", day_names[f.weekday.c_encoding()],
                     static_cast<unsigned>(f.date.day()), month_names[static_cast<unsigned>(f.date.month()) - 1],
                     static_cast<int>(f.date.year()), f.time.hours().count(), f.time.minutes().count(),
                     f.time.seconds().count());
}

}  // namespace mailrig
