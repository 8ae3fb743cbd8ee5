#pragma once
/// The Date of a message (RFC 5322 §3.3 and §4.3): the instant, and the zone that the sender wrote.
///
///   std::optional<Date> date = parse_date("Mon, 2 Jun 2014 10:00:00 +0200 (CEST)");
///   date->offset_minutes == 120;  to_iso8601(*date) == "2014-06-02T10:00:00+02:00"

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mailrig::mime {

struct Date {
  Instant instant{};
  int offset_minutes = 0;  // east of UTC
};

/// Nothing when it is none, or before 1970, or after 2199.
std::optional<Date> parse_date(std::string_view field_body);

/// In the sender's zone, whole seconds, always with an offset.
std::string to_iso8601(const Date& date);

}  // namespace mailrig::mime
