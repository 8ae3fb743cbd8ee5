#pragma once
/// Text and numbers as every report prints them.
///
///   clean("+OK\x1b[2J") == "+OK\\x1B[2J";      // safe on a terminal, in JSON, in XML and in HTML alike
///   for_people(3'127us) == "3.1 ms";           // short, for reading
///   microseconds(1'500ns) == "1.5";            // exact, for programs

#include <string>
#include <string_view>

#include "base/time.h"

namespace mailrig::reports {

/// Well-formed UTF-8, tabs and line feeds stay. Everything else that a terminal would obey, that XML 1.0 §2.2 forbids
/// or that no JSON parser takes is spelled out: carriage return as \r, NUL as \0, the other C0 and C1 controls, DEL,
/// U+FFFE, U+FFFF and bytes that are not UTF-8 as \xHH, bidirectional and invisible characters as \uHHHH
/// (escape_controls of base/text.h).
std::string clean(std::string_view text);
/// As clean(), and tabs and line feeds are spelled out too: for texts that must stay on one line.
std::string clean_line(std::string_view text);

/// At most two significant digits below ten: "412 us", "3.1 ms", "1.2 s", "2 min 5 s", "3 h 2 min", "5 d 3 h".
std::string for_people(Duration span);

/// A decimal number of microseconds, exact to the nanosecond: "0", "12", "1.5", "-0.001".
std::string microseconds(Duration span);

}  // namespace mailrig::reports
