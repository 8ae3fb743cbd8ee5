#pragma once
/// What the client adds to a message that it is told to send, and what it takes out.
///
///   Result<Letter> letter = compose(message, "anna@zillum.test", calendar.now(), prng);
///   letter->recipients;       // of to, cc and bcc; the Bcc itself is in no header
///
/// Plain text goes out as UTF-8, 7bit or 8bit, or quoted-printable where a line is too long. Subject and names outside
/// of ASCII become encoded words (RFC 2047). No Sender is ever added: that is the server's to do.

#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace mailrig::client {

struct Letter {
  std::string from;                     // for MAIL
  std::vector<std::string> recipients;  // for RCPT, each once
  std::string message_id;               // without angle brackets
  std::string raw;
};

/// `message` as Outbox::add takes it. Error bad_input.
Result<Letter> compose(const Value& message, std::string_view own_address, Instant now, Prng& prng);

/// A whole message: Bcc fields are taken out; From, Date and Message-ID are added on top where they are missing.
Letter complete(std::string_view raw, std::string_view from, Instant now, Prng& prng);

/// RFC 2047 §2: "=?UTF-8?B?...?=", words of at most 75 characters, folded; as it is where it is printable ASCII.
std::string encode_header_text(std::string_view text);

/// RFC 2045 §6.7.
std::string to_quoted_printable(std::string_view text);

}  // namespace mailrig::client
