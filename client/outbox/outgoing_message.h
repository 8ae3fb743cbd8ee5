#pragma once
/// A message that the client was told to send, written out, with the addresses of its envelope.
///
///   Result<OutgoingMessage> outgoing = make_outgoing(message, "anna@zillum.test", calendar.now(), prng);
///   outgoing->recipients;       // of to, cc and bcc; the Bcc itself is in no header
///
/// mime/compose/compose.h writes it, for any server: what is not ASCII is encoded, and domains go as A-labels. No
/// Sender is ever added: that is the server's to do.

#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "base/time.h"
#include "base/value.h"

namespace mailrig::client {

struct OutgoingMessage {
  std::string from;                     // for MAIL
  std::vector<std::string> recipients;  // for RCPT, each once
  std::string message_id;               // without angle brackets
  std::string raw;
};

/// `message` as Outbox::add takes it. Of one with `raw` the header is completed (mime/compose/complete.h). Error
/// bad_input.
Result<OutgoingMessage> make_outgoing(const Value& message, std::string_view own_address, Instant now, Prng& prng);

}  // namespace mailrig::client
