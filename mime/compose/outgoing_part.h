#pragma once
/// The parts of a message that is to be written, and the writer of their octets.
///
///   OutgoingPart page{.type = "text/html", .parameters = {{"charset", "utf-8"}}, .content = Source::of(html)};
///   OutgoingPart mixed{.type = "multipart/mixed", .parts = {page, logo}};
///   Result<PlannedPart> plan = plan_part(mixed, {.eight_bit = true}, prng);     // reads every content once
///   write_fields(*plan, FieldWriter::Kind::plain, header);                       // Content-Type ...
///   Status written = write_body(*plan, FieldWriter::Kind::plain, sink);            // reads them once more

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/result.h"
#include "mime/compose/field_writer.h"
#include "mime/compose/source.h"
#include "mime/compose/transfer_choice.h"

namespace mailrig::mime {

struct OutgoingPart {
  std::string type = "text/plain";  // "type/subtype"
  Parameters parameters = {};       // without boundary
  std::string disposition = {};     // "attachment", "inline", or none
  Parameters disposition_parameters = {};
  std::string content_id = {};  // without < >
  std::string description = {};
  /// A text part is text in lines that end in CRLF; a message part (message/rfc822) is a message.
  Source content = {};
  std::vector<OutgoingPart> parts = {};  // of a multipart, which has no content
};

/// What the way to the recipient carries.
struct Transport {
  bool eight_bit = false;  // 8BITMIME (RFC 6152)
  bool utf8 = false;       // SMTPUTF8 (RFC 6531): UTF-8 in the header
};

struct PlannedPart {
  const OutgoingPart* part = nullptr;  // which has to live as long
  std::string type;                    // message/rfc822 that cannot go as it is goes as message/global
  TransferEncoding encoding = TransferEncoding::seven_bit;
  BodySurvey survey;
  std::string boundary;
  std::vector<PlannedPart> parts;
};

/// Octets as they come; an error ends the writing.
using Sink = std::function<Status(std::string_view)>;

/// Errors: bad_input (a type that is none), and what the sources say.
Result<PlannedPart> plan_part(const OutgoingPart& part, Transport transport, Prng& prng);

/// Content-Type and all that goes with it, without the blank line.
void write_fields(const PlannedPart& planned, FieldWriter::Kind kind, std::string& out);

/// Error environment: a content is another one than when it was planned.
Status write_body(const PlannedPart& planned, FieldWriter::Kind kind, const Sink& sink);

}  // namespace mailrig::mime
