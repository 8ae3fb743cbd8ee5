#include "mime/message/coding/transfer_encoding.h"

#include <string>

#include "mime/message/ascii.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

struct Row {
  std::string_view name;  // as it is written
  std::string_view key;   // letters and digits alone
  TransferEncoding encoding;
};

// The first of an encoding is its name. The others are seen in the wild.
constexpr Row rows[] = {
    {"7bit", "7bit", TransferEncoding::seven_bit},
    {"8bit", "8bit", TransferEncoding::eight_bit},
    {"binary", "binary", TransferEncoding::binary},
    {"quoted-printable", "quotedprintable", TransferEncoding::quoted_printable},
    {"base64", "base64", TransferEncoding::base64},
    {"x-uuencode", "xuuencode", TransferEncoding::uuencode},
    {"uuencode", "uuencode", TransferEncoding::uuencode},
    {"x-uue", "xuue", TransferEncoding::uuencode},
    {"uue", "uue", TransferEncoding::uuencode},
};

}  // namespace

TransferEncoding parse_transfer_encoding(std::string_view field_body, Defects* defects) {
  Tokens tokens(field_body, defects);
  tokens.skip_blanks_and_comments();
  const std::string_view written = tokens.take_while([](char c) { return !is_space(c) && c != ';' && c != '('; });
  tokens.skip_blanks_and_comments();
  const std::string_view whole = trimmed(field_body);
  std::string key;
  for (char c : written)
    if (is_letter(c) || is_digit(c)) key += lower(c);
  for (const Row& row : rows) {
    if (row.key != key) continue;
    if (!equals_ignoring_case(written, row.name) || !tokens.at_end())
      note(defects, DefectCode::unknown_transfer_encoding, whole, "read as what it resembles");
    return row.encoding;
  }
  if (key.empty() && tokens.at_end()) return TransferEncoding::seven_bit;
  note(defects, DefectCode::unknown_transfer_encoding, whole, "the octets are left as they are");
  return TransferEncoding::unknown;
}

std::string_view to_string(TransferEncoding encoding) {
  for (const Row& row : rows)
    if (row.encoding == encoding) return row.name;
  return "unknown";
}

}  // namespace mailrig::mime
