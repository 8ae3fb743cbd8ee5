#pragma once
/// Writes messages (RFC 5322, MIME): what goes in as text, addresses and files comes out in the form that every reader
/// understands.
///
///   Draft draft{.from = {{"Anna Bär", "anna@zillum.test"}}, .to = {{{"Bert", "bert@customer.test"}}},
///               .subject = "Grüße", .text = "Hello!\n", .date = now};
///   draft.attachments.push_back({.name = "offer.pdf", .type = "application/pdf", .content = Source::of(pdf)});
///   Result<Composed> done = compose(draft, {.eight_bit = true}, prng, [&](std::string_view octets) { ... });
///   done->recipients;                    // of to, cc and bcc: for RCPT. The Bcc itself is in no header
///
/// Same draft, same transport, same prng: same octets. Content is read twice and never kept: once to choose the
/// transfer encoding and a boundary that it does not hold, once to be written.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "base/time.h"
#include "mime/compose/outgoing_part.h"
#include "mime/message/fields/address.h"

namespace mailrig::mime {

/// Who gets it: the address's local part is put in quotes where it has to be; a domain outside of ASCII is written as
/// its A-labels, unless the server offers SMTPUTF8. A mailbox, or a group of them (RFC 5322 §3.4), which may be empty:
/// "undisclosed-recipients:;".
struct Recipient {
  Recipient(Address mailbox) : members{std::move(mailbox)} {}  // NOLINT(google-explicit-constructor)
  Recipient(std::string name, std::vector<Address> group) : group_name(std::move(name)), members(std::move(group)) {}

  std::string group_name;  // empty: the one mailbox
  std::vector<Address> members;
};
using Recipients = std::vector<Recipient>;

struct AttachmentSpec {
  std::string name = {};                          // the file's, in UTF-8; may be empty
  std::string type = "application/octet-stream";  // message/rfc822: a message that is forwarded
  Source content = {};
  std::string content_id = {};  // of an inline part, without < >: what "cid:" in the HTML refers to
  std::string description = {};
  Parameters parameters = {};  // of the type, such as charset or method
};

/// Somebody passes on a message that he has received (RFC 5322 §3.6.6).
struct Resent {
  std::vector<Address> from = {};
  std::optional<Address> sender = {};
  Recipients to = {};
  Recipients cc = {};
  Recipients bcc = {};
  Instant date{};
  int offset_minutes = 0;
  std::string message_id = {};  // without < >; empty: drawn
};

struct Draft {
  std::vector<Address> from = {};
  std::optional<Address> sender = {};  // written where it is not the author; of several authors the first is it
  std::vector<Address> reply_to = {};
  Recipients to = {};
  Recipients cc = {};
  Recipients bcc = {};
  std::string subject = {};
  std::optional<std::string> text = {};  // UTF-8; any line end becomes CRLF, and the last line gets one
  std::optional<std::string> html = {};
  std::vector<AttachmentSpec> alternatives = {};  // further ones, the best last: text/calendar
  std::vector<AttachmentSpec> inline_parts = {};  // shown within the HTML
  std::vector<AttachmentSpec> attachments = {};
  std::vector<std::string> in_reply_to = {};  // without < >
  std::vector<std::string> references = {};
  std::vector<std::pair<std::string, std::string>> fields = {};  // further ones, of unstructured text
  std::vector<Resent> resent = {};                               // the latest first
  Instant date{};
  int offset_minutes = 0;       // of the sender's zone, east of UTC
  std::string message_id = {};  // without < >; empty: drawn
};

struct Composed {
  std::string message_id;  // without < >
  std::vector<std::string>
      recipients;          // addresses of to, cc and bcc (of the latest Resent where there is one), each once
  bool eight_bit = false;  // needs 8BITMIME
  bool utf8 = false;       // was written for SMTPUTF8
};

// RFC 5321 §4.5.3.1.3: a path has at most 256 octets with its brackets.
inline constexpr std::size_t address_octets_max = 254;
// "<...>" in a line of at most 998 octets with a field name before it.
inline constexpr std::size_t message_id_octets_max = 900;

/// Errors: bad_input (an address, an identifier, a field name or a type that is none; no author; a local part outside
/// of ASCII without SMTPUTF8), and what sources and sink say.
Result<Composed> compose(const Draft& draft, Transport transport, Prng& prng, const Sink& sink);
/// All in memory.
Result<std::string> compose(const Draft& draft, Transport transport, Prng& prng);

/// The fields that are put before a message that is passed on as it is.
Result<std::string> resent_fields(const Resent& resent, Transport transport, Prng& prng);

}  // namespace mailrig::mime
