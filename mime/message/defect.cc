#include "mime/message/defect.h"

#include <algorithm>
#include <functional>

namespace mailrig::mime {
namespace {

using enum DefectCode;
using enum Severity;

constexpr DefectKind kinds[] = {
    {bare_cr, "bare-cr", must, "RFC 5322 §2.3", "a CR that no LF follows"},
    {bare_lf, "bare-lf", must, "RFC 5322 §2.3", "an LF without a CR before it"},
    {nul_octet, "nul-octet", must, "RFC 5322 §4.1", "an octet of value zero"},
    {control_character, "control-character", must, "RFC 5322 §4.1", "a control character in a header field"},
    {line_too_long, "line-too-long", must, "RFC 5322 §2.1.1", "a line of more than 998 octets"},
    {line_over_78, "line-over-78", should, "RFC 5322 §2.1.1", "a line of more than 78 octets in the header"},
    {byte_order_mark, "byte-order-mark", must, "RFC 5322 §2.2", "a byte order mark before the header"},
    {header_without_colon, "header-without-colon", must, "RFC 5322 §2.2", "a line of the header that is no field"},
    {missing_blank_line, "missing-blank-line", must, "RFC 5322 §2.1", "no blank line between header and body"},
    {invalid_field_name, "invalid-field-name", must, "RFC 5322 §2.2",
     "a field name that is empty or has characters other than printable ASCII"},
    {space_before_colon, "space-before-colon", must, "RFC 5322 §4.5", "blanks between a field's name and its colon"},
    {blank_folded_line, "blank-folded-line", must, "RFC 5322 §4.2", "a line of the header with nothing but blanks"},
    {eight_bit_header, "8bit-header", must, "RFC 5322 §2.2", "octets over 127 in the header that are not UTF-8"},
    {utf8_header, "utf8-header", info, "RFC 6532 §3.2", "UTF-8 in the header, as only SMTPUTF8 may carry it"},
    {mbox_from_line, "mbox-from-line", must, "RFC 4155 app. A", "a \"From \" line of a mailbox file before the header"},
    {duplicate_field, "duplicate-field", must, "RFC 5322 §3.6", "a field that may stand once stands again"},
    {missing_field, "missing-field", must, "RFC 5322 §3.6", "a field that every message has is missing"},
    {header_count_limit, "header-count-limit", info, "a limit of ours", "more header fields than are read"},
    {header_size_limit, "header-size-limit", info, "a limit of ours", "a longer header than is read"},
    {unclosed_comment, "unclosed-comment", must, "RFC 5322 §3.2.2", "a comment without its closing parenthesis"},
    {unclosed_quote, "unclosed-quote", must, "RFC 5322 §3.2.4", "a quoted string without its closing quote"},
    {comment_nesting_limit, "comment-nesting-limit", info, "a limit of ours",
     "comments nested deeper than anybody writes them"},
    {invalid_address, "invalid-address", must, "RFC 5322 §3.4", "an address that breaks the grammar"},
    {obsolete_address, "obsolete-address", must, "RFC 5322 §4.4",
     "an address in a form that must no longer be written"},
    {comment_beside_at, "comment-beside-at", should, "RFC 5322 §3.4.1",
     "a comment or a blank beside the \"@\" of an address"},
    {address_without_domain, "address-without-domain", must, "RFC 5322 §3.4.1", "an address that has no domain"},
    {invalid_domain, "invalid-domain", must, "RFC 5322 §3.4.1", "a domain with empty labels, or without any"},
    {missing_comma, "missing-comma", must, "RFC 5322 §3.4", "two addresses with no comma between them"},
    {wrong_separator, "wrong-separator", must, "RFC 5322 §3.4", "a semicolon between addresses outside of a group"},
    {unclosed_angle, "unclosed-angle", must, "RFC 5322 §3.4", "an angle bracket without its partner"},
    {unclosed_group, "unclosed-group", must, "RFC 5322 §3.4", "a group without its closing semicolon"},
    {address_count_limit, "address-count-limit", info, "a limit of ours", "more addresses than are read"},
    {invalid_date, "invalid-date", must, "RFC 5322 §3.3", "a date that cannot be read"},
    {obsolete_date, "obsolete-date", must, "RFC 5322 §4.3", "a date with a short year or a named zone"},
    {foreign_date, "foreign-date", must, "RFC 5322 §3.3", "a date in the form of another standard or of none"},
    {ambiguous_date, "ambiguous-date", must, "RFC 5322 §3.3", "a date in which day and month could be exchanged"},
    {wrong_weekday, "wrong-weekday", must, "RFC 5322 §3.3", "a day of the week that is not the date's"},
    {date_without_zone, "date-without-zone", must, "RFC 5322 §3.3", "a date without a zone that is known"},
    {invalid_message_id, "invalid-message-id", must, "RFC 5322 §3.6.4", "an identifier that is not <left@right>"},
    {encoded_word_malformed, "encoded-word-malformed", must, "RFC 2047 §2", "an encoded word that breaks its grammar"},
    {encoded_word_too_long, "encoded-word-too-long", must, "RFC 2047 §2", "an encoded word of more than 75 characters"},
    {encoded_word_not_separated, "encoded-word-not-separated", must, "RFC 2047 §5",
     "an encoded word that touches what is beside it"},
    {encoded_word_split_character, "encoded-word-split-character", must, "RFC 2047 §5",
     "a character that begins in one encoded word and ends in the next"},
    {encoded_word_in_quotes, "encoded-word-in-quotes", must, "RFC 2047 §5", "an encoded word within a quoted string"},
    {encoded_word_in_parameter, "encoded-word-in-parameter", must, "RFC 2047 §5",
     "an encoded word in a MIME parameter"},
    {unknown_charset, "unknown-charset", should, "RFC 2045 §5.2", "an unknown charset"},
    {unmappable_text, "unmappable-text", must, "RFC 2046 §4.1.2",
     "octets that are no text in the charset they are said to be in"},
    {vendor_charset, "vendor-charset", must, "RFC 2046 §4.1.2",
     "characters that a vendor's superset has and the named charset lacks"},
    {eight_bit_in_ascii, "8bit-in-ascii", must, "RFC 2046 §4.1.2",
     "octets over 127 in text that is said to be US-ASCII"},
    {invalid_content_type, "invalid-content-type", must, "RFC 2045 §5.1", "a media type that is not type/subtype"},
    {invalid_disposition, "invalid-disposition", must, "RFC 2183 §2", "a disposition that is no token"},
    {invalid_mime_version, "invalid-mime-version", must, "RFC 2045 §4", "a MIME version that is not 1.0"},
    {invalid_parameter, "invalid-parameter", must, "RFC 2045 §5.1", "a parameter that is not name=value"},
    {duplicate_parameter, "duplicate-parameter", must, "RFC 2045 §5", "a parameter that stands twice"},
    {unquoted_parameter, "unquoted-parameter", must, "RFC 2045 §5.1",
     "a parameter's value that needs quotes and has none"},
    {missing_semicolon, "missing-semicolon", must, "RFC 2045 §5.1", "two parameters with no semicolon between them"},
    {parameter_gap, "parameter-gap", must, "RFC 2231 §3", "a continued parameter of which a section is missing"},
    {bad_percent_encoding, "bad-percent-encoding", must, "RFC 2231 §7",
     "a percent sign that no two hexadecimal digits follow"},
    {extended_without_charset, "extended-without-charset", must, "RFC 2231 §4",
     "an extended parameter that does not say its charset"},
    {parameter_count_limit, "parameter-count-limit", info, "a limit of ours", "more parameters than are read"},
    {unknown_transfer_encoding, "unknown-transfer-encoding", must, "RFC 2045 §6.4",
     "a transfer encoding that is not known"},
    {encoded_multipart, "encoded-multipart", must, "RFC 2045 §6.4", "a multipart or message under a transfer encoding"},
    {base64_junk, "base64-junk", must, "RFC 2045 §6.8", "characters in base64 that are none of its alphabet"},
    {base64_missing_padding, "base64-missing-padding", must, "RFC 2045 §6.8",
     "base64 that ends without the padding it needs"},
    {base64_truncated, "base64-truncated", must, "RFC 2045 §6.8", "base64 that ends within an octet"},
    {base64_after_padding, "base64-after-padding", must, "RFC 2045 §6.8", "text behind the padding of base64"},
    {base64_line_too_long, "base64-line-too-long", must, "RFC 2045 §6.8",
     "a line of base64 with more than 76 characters"},
    {quoted_printable_invalid, "quoted-printable-invalid", must, "RFC 2045 §6.7",
     "an equals sign that begins no escape"},
    {quoted_printable_truncated, "quoted-printable-truncated", must, "RFC 2045 §6.7",
     "quoted-printable that ends within an escape"},
    {quoted_printable_trailing_blanks, "quoted-printable-trailing-blanks", must, "RFC 2045 §6.7",
     "blanks at the end of a line of quoted-printable"},
    {quoted_printable_line_too_long, "quoted-printable-line-too-long", must, "RFC 2045 §6.7",
     "a line of quoted-printable with more than 76 characters"},
    {uuencode_invalid, "uuencode-invalid", info, "POSIX uuencode", "a line that is no uuencoded line"},
    {uuencode_truncated, "uuencode-truncated", info, "POSIX uuencode", "uuencoded text without its \"end\" line"},
    {eight_bit_body, "8bit-body", must, "RFC 2045 §2.7", "octets over 127 in a body that is said to have none"},
    {boundary_missing, "boundary-missing", must, "RFC 2046 §5.1.1", "a multipart without a boundary parameter"},
    {boundary_invalid, "boundary-invalid", must, "RFC 2046 §5.1.1",
     "a boundary that is empty, longer than 70 characters, ends in a blank or has other characters than it may"},
    {boundary_not_found, "boundary-not-found", must, "RFC 2046 §5.1.1",
     "a multipart in which its boundary never stands"},
    {boundary_never_closed, "boundary-never-closed", must, "RFC 2046 §5.1.1",
     "a multipart without its closing boundary"},
    {boundary_equal_to_outer, "boundary-equal-to-outer", must, "RFC 2046 §5.1.2",
     "a multipart with the boundary of one that it lies in"},
    {nesting_limit, "nesting-limit", info, "a limit of ours", "parts nested deeper than are read"},
    {part_limit, "part-limit", info, "a limit of ours", "more parts than are read"},
};

constexpr bool rows_are_in_order() {
  for (std::size_t i = 0; i < std::size(kinds); ++i)
    if (static_cast<std::size_t>(kinds[i].code) != i) return false;
  return std::size(kinds) == defect_codes;
}
static_assert(rows_are_in_order(), "one row for each DefectCode, in its order");

}  // namespace

const DefectKind& kind_of(DefectCode code) { return kinds[static_cast<std::size_t>(code)]; }

std::span<const DefectKind> defect_kinds() { return kinds; }

std::optional<DefectCode> defect_code(std::string_view name) {
  for (const DefectKind& kind : kinds)
    if (kind.name == name) return kind.code;
  return std::nullopt;
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::must: return "MUST";
    case Severity::should: return "SHOULD";
    default: return "info";
  }
}

void Defects::place_in(std::string_view field) {
  field_ = is_in_source(field) ? field : std::string_view();
  field_searched_ = 0;
}

bool Defects::is_in_source(std::string_view where) const {
  // std::less: pointers into different buffers may be compared by it, and by nothing else.
  std::less<const char*> before;
  const char* end = source_.data() + source_.size();
  return where.data() != nullptr && !before(where.data(), source_.data()) && !before(end, where.data());
}

void Defects::add(DefectCode code, std::string_view where, std::string_view done) {
  if (is_in_source(where))
    add_at(code, offset_of(where), where.size(), done);
  else if (!field_.empty())
    add_in_field(code, where, done);
  else
    add_at(code, others_offset_, others_length_, done);
}

/// A copy has no octets that the field lacks, but for folding and quoting: its first word is looked for.
void Defects::add_in_field(DefectCode code, std::string_view where, std::string_view done) {
  const std::string_view word = where.substr(0, where.find_first_of(" \t\r\n\"\\"));
  const std::size_t from = code == field_code_ ? field_searched_ : 0;
  std::size_t found = word.empty() ? std::string_view::npos : field_.find(word, from);
  if (found == std::string_view::npos && !word.empty()) found = field_.find(word);
  field_code_ = code;
  if (found == std::string_view::npos) {
    const std::size_t text = std::min(field_.find_first_not_of(" \t\r\n"), field_.size());
    add_at(code, offset_of(field_) + text, 0, done);
    return;
  }
  field_searched_ = found + word.size();
  add_at(code, offset_of(field_) + found, word.size(), done);
}

void Defects::add_at(DefectCode code, std::uint64_t offset, std::uint64_t length, std::string_view done,
                     std::string_view field) {
  ++counts_[static_cast<std::size_t>(code)];
  if (list_.size() == limit_)
    ++left_out_;
  else
    list_.push_back({code, offset, length, done, field});
}

void Defects::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Defect& a, const Defect& b) { return a.offset < b.offset; });
  for (std::size_t i = 0; i < list_.size(); ++i) {
    for (std::size_t j = i + 1; j < list_.size() && list_[j].offset == list_[i].offset;) {
      if (list_[j].code != list_[i].code || list_[j].field != list_[i].field) {
        ++j;
        continue;
      }
      --counts_[static_cast<std::size_t>(list_[j].code)];
      list_.erase(list_.begin() + static_cast<std::ptrdiff_t>(j));
    }
  }
}

}  // namespace mailrig::mime
