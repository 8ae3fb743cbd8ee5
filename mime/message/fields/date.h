#pragma once
/// The Date of a message (RFC 5322 §3.3 and §4.3): the instant, and the zone that the sender wrote.
///
///   std::optional<Date> date = parse_date("Mon, 2 Jun 2014 10:00:00 +0200 (CEST)");
///   date->offset_minutes == 120;  to_iso8601(*date) == "2014-06-02T10:00:00+02:00"
///
/// Read as the wild writes: short years, named zones, no seconds, no weekday, asctime, ISO 8601, RFC 850, slashes and
/// dots, AM and PM, months of some other languages. A zone that RFC 5322 does not know counts as +0000, as it says.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

struct Date {
  std::chrono::sys_seconds time{};  // the years 0 to 9999
  int offset_minutes = 0;           // east of UTC
  // False for "-0000": the time is in UTC, and nothing is said about the sender's zone (RFC 5322 §3.3). A zone that is
  // missing or unknown has a defect of its own.
  bool zone_known = true;

  /// An Instant reaches from 1678 to 2261: what lies outside is its nearest end.
  Instant instant() const;

  friend bool operator==(const Date&, const Date&) = default;
};

/// Nothing when day, month, year or time of day is missing or out of its range.
std::optional<Date> parse_date(std::string_view field_body, Defects* defects = nullptr);

Date date_of(Instant instant);

/// In the sender's zone, whole seconds, always with an offset; "-00:00" for "-0000" (RFC 3339 §4.3).
std::string to_iso8601(const Date& date);

}  // namespace mailrig::mime
