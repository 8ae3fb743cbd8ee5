#pragma once
/// Date and time as the CRM writes and takes them: ISO 8601 with an offset and without fractions, which Zoho refuses.
///
///   format_in_zone(instant, 330min) == "2019-07-25T15:26:49+05:30"
///   is_crm_date_time("2019-07-25T15:26:49.000+05:30") == false

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace mailrig::fakeservers::crm {

std::string format_in_zone(Instant instant, std::chrono::minutes offset);
/// IMF-fixdate (RFC 9110 §5.6.7): "Mon, 02 Jun 2014 09:00:00 GMT".
std::string format_http_date(Instant instant);
/// Reads "+05:30", "-08:00". Error bad_input.
Result<std::chrono::minutes> parse_zone(std::string_view text);
/// Nothing where the text has a fraction, no offset, or is no point in time.
std::optional<Instant> parse_crm_date_time(std::string_view text);
bool is_crm_date(std::string_view text);  // "2020-10-20"

}  // namespace mailrig::fakeservers::crm
