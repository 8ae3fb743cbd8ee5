#pragma once
/// text/plain; format=flowed (RFC 3676): lines that were broken for transport become paragraphs again.
///
///   reflow("> On Monday \r\n> he said \r\n> no.\r\n\r\nWell.\r\n", {})
///     == "> On Monday he said no.\r\n\r\nWell.\r\n"
///
/// Quote marks become "> " once a depth, and the signature separator "-- " is never joined to anything.

#include <string>
#include <string_view>

namespace mailrig::mime {

struct Flowed {
  bool del_sp = false;  // delsp=yes: the blank of a soft line break is not part of the text (RFC 3676 §4.6)
};

// Quote marks at the start of a line; more are text.
inline constexpr std::size_t quote_depth_max = 100;

/// UTF-8 or any superset of ASCII. Line ends may be CRLF or LF, and become CRLF.
std::string reflow(std::string_view text, Flowed flowed = {});

}  // namespace mailrig::mime
