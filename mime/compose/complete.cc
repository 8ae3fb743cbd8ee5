#include "mime/compose/complete.h"

#include <fmt/format.h>

#include "mime/compose/write_date.h"
#include "mime/message/fields/message_id.h"
#include "mime/message/header.h"

namespace mailrig::mime {
namespace {

constexpr std::size_t drawn_id_digits = 32;

/// What brackets hold: without them it is not an identifier that others could refer to.
std::string bracketed_id(std::string_view field_body) {
  return field_body.find('<') == std::string_view::npos ? std::string() : parse_message_id(field_body);
}

}  // namespace

Completed complete(std::string_view message, std::string_view from, Instant now, Prng& prng) {
  Completed done;
  bool has_from = false;
  bool has_date = false;
  std::string header;
  std::string_view rest = message;
  while (const std::optional<HeaderField> field = take_field(rest)) {
    if (is_field(field->name, "bcc")) continue;
    has_from = has_from || is_field(field->name, "from");
    has_date = has_date || is_field(field->name, "date");
    if (done.message_id.empty() && is_field(field->name, "message-id")) done.message_id = bracketed_id(field->body);
    header += field->whole;
  }
  std::string added;
  if (!has_from) added += fmt::format("From: {}\r\n", from);
  if (!has_date) {
    added += "Date: ";
    write_date(added, now, 0);
    added += "\r\n";
  }
  if (done.message_id.empty()) {
    const std::size_t at = from.rfind('@');
    const std::string_view domain = at == std::string_view::npos ? "localhost" : from.substr(at + 1);
    done.message_id = fmt::format("{}@{}", prng.hex(drawn_id_digits), domain);
    added += fmt::format("Message-ID: <{}>\r\n", done.message_id);
  }
  // A text without any header gets its blank line.
  const bool has_blank_line = rest.starts_with("\r\n") || rest.starts_with('\n');
  done.message = added + header + (has_blank_line || rest.empty() ? "" : "\r\n") + std::string(rest);
  return done;
}

}  // namespace mailrig::mime
