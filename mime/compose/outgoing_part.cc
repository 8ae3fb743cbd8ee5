#include "mime/compose/outgoing_part.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "mime/message/coding/base64.h"
#include "mime/message/coding/quoted_printable.h"

namespace mailrig::mime {
namespace {

// Each is drawn from 2^128: a second attempt means content that was made for it.
constexpr int boundary_attempts_max = 100;
constexpr std::size_t boundary_digits = 32;

bool is_type(std::string_view type) {
  const std::size_t slash = type.find('/');
  return slash != std::string_view::npos && is_token(type.substr(0, slash)) && is_token(type.substr(slash + 1));
}

bool is_multipart(std::string_view type) { return type.starts_with("multipart/"); }

bool is_text(std::string_view type) { return type.starts_with("text/"); }

bool is_message(std::string_view type) { return type == "message/rfc822"; }

BodyKind kind_of_body(std::string_view type) {
  return is_text(type) || is_message(type) ? BodyKind::text : BodyKind::binary;
}

Result<BodySurvey> survey_of(const Source& source, BodyKind kind) {
  BodySurveyor surveyor(kind);
  const Source::Pieces next = source.open();
  while (true) {
    const Result<std::string_view> piece = next();
    if (!piece) return piece.error();
    if (piece->empty()) return surveyor.finish();
    surveyor.feed(*piece);
  }
}

void choose(PlannedPart& planned, Transport transport) {
  planned.encoding = choose_encoding(planned.survey, kind_of_body(planned.type), transport.eight_bit);
  if (!is_message(planned.type) || is_identity(planned.encoding)) return;
  // message/rfc822 may not be encoded (RFC 2046 §5.2.1), message/global may (RFC 6532 §3.7), and keeps every octet.
  planned.type = "message/global";
  planned.encoding = TransferEncoding::base64;
}

Result<PlannedPart> plan_contents(const OutgoingPart& part, Transport transport) {
  PlannedPart planned{.part = &part, .type = part.type, .survey = {}, .boundary = {}, .parts = {}};
  if (!is_type(part.type))
    return Error{Errc::bad_input, fmt::format("\"{}\" is no media type such as image/png", printable(part.type))};
  if (!is_multipart(part.type)) {
    Result<BodySurvey> survey = survey_of(part.content, kind_of_body(part.type));
    if (!survey) return survey.error();
    planned.survey = *std::move(survey);
    choose(planned, transport);
    return planned;
  }
  for (const OutgoingPart& inner : part.parts) {
    Result<PlannedPart> inner_plan = plan_contents(inner, transport);
    if (!inner_plan) return inner_plan;
    // A multipart is what its parts are (RFC 2045 §6.4).
    if (inner_plan->encoding == TransferEncoding::eight_bit) planned.encoding = TransferEncoding::eight_bit;
    planned.parts.push_back(*std::move(inner_plan));
  }
  return planned;
}

/// In a body or in a boundary that was given already: an inner one may not begin like an outer one.
bool holds(const PlannedPart& planned, std::string_view boundary) {
  return planned.boundary == boundary || holds_boundary(planned.survey, boundary) ||
         std::ranges::any_of(planned.parts, [&](const PlannedPart& inner) { return holds(inner, boundary); });
}

Status give_boundaries(PlannedPart& planned, const PlannedPart& root, Prng& prng) {
  if (!is_multipart(planned.type)) return {};
  std::string boundary;
  int attempts = 0;
  do {
    if (++attempts > boundary_attempts_max) return Error{Errc::internal, "no boundary is free"};
    boundary = std::string(boundary_start) + prng.hex(boundary_digits);
  } while (holds(root, boundary));
  planned.boundary = boundary;
  for (PlannedPart& inner : planned.parts)
    if (Status given = give_boundaries(inner, root, prng); !given) return given;
  return {};
}

Status write_content(const PlannedPart& planned, const Sink& sink) {
  Base64Encoder base64;
  QuotedPrintableEncoder quoted_printable;
  std::string encoded;
  std::uint64_t octets = 0;
  const Source::Pieces next = planned.part->content.open();
  while (true) {
    const Result<std::string_view> piece = next();
    if (!piece) return piece.error();
    if (piece->empty()) break;
    octets += piece->size();
    encoded.clear();
    if (planned.encoding == TransferEncoding::base64) base64.feed(*piece, encoded);
    if (planned.encoding == TransferEncoding::quoted_printable) quoted_printable.feed(*piece, encoded);
    if (Status sent = sink(is_identity(planned.encoding) ? *piece : encoded); !sent) return sent;
  }
  if (octets != planned.survey.octets.octets)
    return Error{Errc::environment,
                 fmt::format("a part had {} octets and now has {}: it must not change while it is read",
                             planned.survey.octets.octets, octets)};
  encoded.clear();
  if (planned.encoding == TransferEncoding::base64) base64.finish(encoded);
  if (planned.encoding == TransferEncoding::quoted_printable) quoted_printable.finish(encoded);
  return encoded.empty() ? Status{} : sink(encoded);
}

/// Base64 ends its last line by itself; of other content the last line end is a part.
bool ends_its_line(const PlannedPart& planned) {
  return planned.encoding == TransferEncoding::base64 && planned.survey.octets.octets > 0;
}

}  // namespace

Result<PlannedPart> plan_part(const OutgoingPart& part, Transport transport, Prng& prng) {
  Result<PlannedPart> planned = plan_contents(part, transport);
  if (!planned) return planned;
  if (Status given = give_boundaries(*planned, *planned, prng); !given) return given.error();
  return planned;
}

void write_fields(const PlannedPart& planned, FieldWriter::Kind kind, std::string& out) {
  const OutgoingPart& part = *planned.part;
  FieldWriter type(out, "Content-Type", kind);
  type.token(planned.type).parameters(part.parameters);
  if (!planned.boundary.empty()) type.parameter("boundary", planned.boundary);
  type.end();
  if (planned.boundary.empty() || planned.encoding != TransferEncoding::seven_bit)
    FieldWriter(out, "Content-Transfer-Encoding").token(to_string(planned.encoding)).end();
  if (!part.content_id.empty()) FieldWriter(out, "Content-ID").token('<' + part.content_id + '>').end();
  if (!part.description.empty()) FieldWriter(out, "Content-Description", kind).text(part.description).end();
  if (!part.disposition.empty())
    FieldWriter(out, "Content-Disposition", kind).token(part.disposition).parameters(part.disposition_parameters).end();
}

Status write_body(const PlannedPart& planned, FieldWriter::Kind kind, const Sink& sink) {
  if (planned.boundary.empty()) return write_content(planned, sink);
  bool at_line_start = true;
  for (const PlannedPart& inner : planned.parts) {
    std::string head = fmt::format("{}--{}\r\n", at_line_start ? "" : "\r\n", planned.boundary);
    write_fields(inner, kind, head);
    head += "\r\n";
    if (Status sent = sink(head); !sent) return sent;
    if (Status written = write_body(inner, kind, sink); !written) return written;
    at_line_start = ends_its_line(inner) || !inner.boundary.empty();
  }
  return sink(fmt::format("{}--{}--\r\n", at_line_start ? "" : "\r\n", planned.boundary));
}

}  // namespace mailrig::mime
