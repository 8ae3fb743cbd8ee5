#include "reports/clean.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mailrig::reports {
namespace {

/// "3.1 ms" below ten, "31 ms" above; empty where it would round up to `limit` of this unit.
std::string in_unit(Duration span, Duration unit, std::int64_t limit, std::string_view name) {
  std::int64_t tenths = (span.count() * 10 + unit.count() / 2) / unit.count();
  if (tenths < 100 && tenths % 10 != 0) return fmt::format("{}.{} {}", tenths / 10, tenths % 10, name);
  std::int64_t whole = (span.count() + unit.count() / 2) / unit.count();
  if (whole >= limit) return {};
  return fmt::format("{} {}", whole, name);
}

/// "2 min 5 s", "3 h": a count of the large unit and the rest in the small one.
std::string in_two_units(std::int64_t small_units, std::int64_t ratio, std::string_view large, std::string_view small) {
  std::string text = fmt::format("{} {}", small_units / ratio, large);
  if (small_units % ratio != 0) text += fmt::format(" {} {}", small_units % ratio, small);
  return text;
}

}  // namespace

std::string clean(std::string_view text) { return escape_controls(text, "\n\t"); }

std::string clean_line(std::string_view text) { return escape_controls(text); }

std::string for_people(Duration span) {
  if (span < Duration::zero()) return "-" + for_people(-span);
  if (span == Duration::zero()) return "0 s";
  if (span < 1us) return fmt::format("{} ns", span.count());
  struct Unit {
    Duration size;
    std::int64_t limit;
    std::string_view name;
  };
  static constexpr std::array units{Unit{1us, 1000, "us"}, Unit{1ms, 1000, "ms"}, Unit{1s, 60, "s"}};
  for (const Unit& unit : units) {
    if (span >= unit.size * unit.limit) continue;
    std::string text = in_unit(span, unit.size, unit.limit, unit.name);
    if (!text.empty()) return text;
  }
  auto seconds = std::chrono::round<std::chrono::seconds>(span).count();
  if (seconds < 3'600) return in_two_units(seconds, 60, "min", "s");
  auto minutes = std::chrono::round<std::chrono::minutes>(span).count();
  if (minutes < 24 * 60) return in_two_units(minutes, 60, "h", "min");
  return in_two_units(std::chrono::round<std::chrono::hours>(span).count(), 24, "d", "h");
}

std::string microseconds(Duration span) {
  std::int64_t count = span.count();
  std::string text = count < 0 ? "-" : "";
  std::uint64_t size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  text += fmt::format("{}", size / 1'000);
  if (size % 1'000 == 0) return text;
  text += fmt::format(".{:03}", size % 1'000);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace mailrig::reports
