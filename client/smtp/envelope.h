#pragma once
/// What goes into MAIL and RCPT, checked once: nothing that got in here can put a command of its own on the wire.
///
///   Status fit = check_path("a@b\r\nRCPT TO:<evil@x>");    // bad_input: a control character

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailrig::client {

/// A message on its way. The views are the caller's and outlive the session.
struct SmtpMessage {
  std::string_view from;  // empty: the null path of a report
  std::vector<std::string> recipients;
  std::string_view content;  // with any line ends; see SmtpBody
};

/// RFC 5321 §4.5.3.1.3: 256 octets with the brackets.
inline constexpr std::size_t smtp_path_octets_max = 254;

/// Error bad_input for what no path can be: control characters, blanks or angle brackets outside of quotes, over the
/// limit, nothing at all. Anything else is for the server to judge.
Status check_path(std::string_view address);

/// True when it needs SMTPUTF8 (RFC 6531).
bool is_international(std::string_view address);

}  // namespace mailrig::client
