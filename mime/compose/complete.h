#pragma once
/// A message that is there already, made ready to be sent: what RFC 5322 §3.6 asks for and it lacks is put on top, and
/// Bcc fields are taken out. All else stays, octet for octet.
///
///   Completed done = complete("Subject: x\r\n\r\nhello\r\n", "anna@zillum.test", now, prng);
///   done.message;                                        // with From, Date and Message-ID

#include <string>
#include <string_view>

#include "base/prng.h"
#include "base/time.h"

namespace mailrig::mime {

struct Completed {
  std::string message_id;  // without < >: its own, or one that was drawn
  std::string message;
};

/// `from`: an address in ASCII.
Completed complete(std::string_view message, std::string_view from, Instant now, Prng& prng);

}  // namespace mailrig::mime
