#include "reports/clean.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace mailrig::reports {
namespace {

/// True for sequences that are UTF-8 and yet no text: C1 controls (U+0080 to U+009F), U+FFFE and U+FFFF.
bool is_no_text(std::string_view sequence) {
  if (sequence.size() == 2) return sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
  return sequence == "\xEF\xBF\xBE" || sequence == "\xEF\xBF\xBF";
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

void spell_out(std::string& out, char c) {
  switch (c) {
    case '\r': out += "\\r"; return;
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\0': out += "\\0"; return;
    default: out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  }
}

std::string clean_but(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = utf8_length(text);
    std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    bool stays = length > 1 ? !is_no_text(sequence)
                            : length == 1 && (!is_control(sequence[0]) || kept.find(sequence[0]) != kept.npos);
    if (stays)
      out += sequence;
    else
      for (char c : sequence) spell_out(out, c);
    text.remove_prefix(sequence.size());
  }
  return out;
}

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

std::string clean(std::string_view text) { return clean_but(text, "\n\t"); }

std::string clean_line(std::string_view text) { return clean_but(text, ""); }

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
