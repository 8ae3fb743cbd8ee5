#pragma once
/// A date as a message has it (RFC 5322 §3.3), with two digits for the day, so that each has the same length.
/// Example: write_date(out, *parse_instant("2014-06-02T09:00:00Z"), 120) appends "Mon, 02 Jun 2014 11:00:00 +0200".

#include <string>

#include "base/time.h"

namespace mailrig::mime {

inline constexpr std::size_t written_date_octets = 31;

/// offset_minutes: east of UTC, less than a day.
void write_date(std::string& out, Instant instant, int offset_minutes);

}  // namespace mailrig::mime
