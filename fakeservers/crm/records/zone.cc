#include "fakeservers/crm/records/zone.h"

#include <fmt/format.h>

#include <cstdlib>

#include "base/text.h"

namespace mailrig::fakeservers::crm {

std::string format_in_zone(Instant instant, std::chrono::minutes offset) {
  // The calendar counts nanoseconds; the CRM keeps whole seconds.
  std::string local = format_instant(std::chrono::floor<std::chrono::seconds>(instant) + offset);
  local.pop_back();  // Z
  auto minutes = std::abs(offset.count());
  return fmt::format("{}{}{:02}:{:02}", local, offset.count() < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string format_http_date(Instant instant) {
  // "Mon, 2 Jun 2014 09:00:00 +0000", but for two digits of the day and the name of the zone.
  std::string text = format_rfc5322_date(instant);
  if (text[6] == ' ') text.insert(5, "0");
  text.replace(text.size() - 5, 5, "GMT");
  return text;
}

Result<std::chrono::minutes> parse_zone(std::string_view text) {
  // An offset is what is left of an instant; where it is sound, so is this one.
  Result<Instant> instant =
      text.size() == 6 ? parse_instant("2000-01-02T00:00:00" + std::string(text)) : Error{Errc::bad_input, {}};
  if (!instant)
    return Error{Errc::bad_input,
                 fmt::format("\"{}\" is not a zone; write for example +05:30 or -08:00", printable(text))};
  return std::chrono::duration_cast<std::chrono::minutes>(*parse_instant("2000-01-02T00:00:00Z") - *instant);
}

std::optional<Instant> parse_crm_date_time(std::string_view text) {
  // 19 octets of date and time, then the offset at once: a fraction would stand there.
  if (text.size() != 25 && !(text.size() == 20 && text.back() == 'Z')) return std::nullopt;
  if (text[10] != 'T' || text[19] == '.') return std::nullopt;
  Result<Instant> instant = parse_instant(text);
  if (!instant) return std::nullopt;
  return *instant;
}

bool is_crm_date(std::string_view text) {
  return text.size() == 10 && parse_instant(std::string(text) + "T00:00:00Z").has_value();
}

}  // namespace mailrig::fakeservers::crm
