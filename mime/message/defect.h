#pragma once
/// What is wrong with a message. No reader of mime/ ever refuses its input: it goes on, and says here what it met and
/// what it made of it.
///
///   Defects defects(source);                            // views of `source` are told as offsets in it
///   defects.add(DefectCode::bare_lf, line_end, "read as a line end");
///   const Defect& defect = defects.list().front();
///   defect.offset;  kind_of(defect.code).name;          // "bare-lf"
///
/// A new defect is an enumerator here and a row in defect.cc.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace mailrig::mime {

enum class DefectCode : std::uint8_t {
  // Lines and octets.
  bare_cr,
  bare_lf,
  nul_octet,
  control_character,
  line_too_long,
  line_over_78,
  // The header block.
  byte_order_mark,
  header_without_colon,
  missing_blank_line,
  invalid_field_name,
  space_before_colon,
  blank_folded_line,
  eight_bit_header,
  utf8_header,
  mbox_from_line,
  duplicate_field,
  missing_field,
  header_count_limit,
  header_size_limit,
  // What stands in fields of any kind.
  unclosed_comment,
  unclosed_quote,
  comment_nesting_limit,
  // Addresses.
  invalid_address,
  obsolete_address,
  comment_beside_at,
  address_without_domain,
  invalid_domain,
  missing_comma,
  wrong_separator,
  unclosed_angle,
  unclosed_group,
  address_count_limit,
  // Dates and identifiers.
  invalid_date,
  obsolete_date,
  foreign_date,
  ambiguous_date,
  wrong_weekday,
  date_without_zone,
  invalid_message_id,
  // Encoded words and charsets.
  encoded_word_malformed,
  encoded_word_too_long,
  encoded_word_not_separated,
  encoded_word_split_character,
  encoded_word_in_quotes,
  encoded_word_in_parameter,
  unknown_charset,
  unmappable_text,
  vendor_charset,
  eight_bit_in_ascii,
  // MIME fields.
  invalid_content_type,
  invalid_disposition,
  invalid_mime_version,
  invalid_parameter,
  duplicate_parameter,
  unquoted_parameter,
  missing_semicolon,
  parameter_gap,
  bad_percent_encoding,
  extended_without_charset,
  parameter_count_limit,
  unknown_transfer_encoding,
  encoded_multipart,
  // Bodies.
  base64_junk,
  base64_missing_padding,
  base64_truncated,
  base64_after_padding,
  base64_line_too_long,
  quoted_printable_invalid,
  quoted_printable_truncated,
  quoted_printable_trailing_blanks,
  quoted_printable_line_too_long,
  uuencode_invalid,
  uuencode_truncated,
  eight_bit_body,
  // The tree.
  boundary_missing,
  boundary_invalid,
  boundary_not_found,
  boundary_never_closed,
  boundary_equal_to_outer,
  nesting_limit,
  part_limit,
};
inline constexpr std::size_t defect_codes = static_cast<std::size_t>(DefectCode::part_limit) + 1;

/// must and should are the words of RFC 2119 for who wrote the message; info breaks nothing.
enum class Severity : std::uint8_t { must, should, info };

struct DefectKind {
  DefectCode code;
  std::string_view name;  // "bare-lf": never changes
  Severity severity;
  std::string_view clause;   // "RFC 5322 §2.3"
  std::string_view meaning;  // one line for a person
};

const DefectKind& kind_of(DefectCode code);
std::span<const DefectKind> defect_kinds();
std::optional<DefectCode> defect_code(std::string_view name);
std::string_view to_string(Severity severity);  // "MUST", "SHOULD", "info"

struct Defect {
  DefectCode code;
  std::uint64_t offset;         // in the source
  std::uint64_t length;         // of what is wrong; 0 where something is missing
  std::string_view done;        // what was made of it; a literal
  std::string_view field = {};  // the field that is missing or stands twice, where that is the fault; a literal

  friend bool operator==(const Defect&, const Defect&) = default;
};

// A message of which every line is broken needs no list of them all: beyond this only the numbers are kept.
inline constexpr std::size_t defects_max = 1000;

class Defects {
 public:
  /// Views of `source`, which begins at `offset` of the whole, can be told from now on.
  explicit Defects(std::string_view source = {}, std::uint64_t offset = 0, std::size_t limit = defects_max)
      : source_(source), source_offset_(offset), limit_(limit) {}

  /// The next piece of the same message (the incremental reader's buffer).
  void move_to(std::string_view source, std::uint64_t offset) {
    source_ = source;
    source_offset_ = offset;
    field_ = {};
  }
  /// What is found in no piece of the source lies here: a decoded copy tells the place of its encoded form.
  void place_others(std::uint64_t offset, std::uint64_t length) {
    others_offset_ = offset;
    others_length_ = length;
  }

  /// What is found in a copy of this field's text (unfolded, unquoted, decoded) is looked for in the field from now on,
  /// and lies at its beginning where it cannot be found. A field that is no view of the source changes nothing.
  void place_in(std::string_view field);

  /// `done` and `field` must be literals.
  void add(DefectCode code, std::string_view where, std::string_view done);
  void add_at(DefectCode code, std::uint64_t offset, std::uint64_t length, std::string_view done,
              std::string_view field = {});

  std::span<const Defect> list() const { return list_; }
  std::uint64_t count(DefectCode code) const { return counts_[static_cast<std::size_t>(code)]; }
  bool has(DefectCode code) const { return count(code) > 0; }
  std::uint64_t left_out() const { return left_out_; }
  bool empty() const { return list_.empty() && left_out_ == 0; }
  /// In the order of their offsets; those of one offset as they were found. What was found twice at one place, as two
  /// readers of one field do, is told once.
  void sort();

 private:
  bool is_in_source(std::string_view where) const;
  std::uint64_t offset_of(std::string_view where) const {
    return source_offset_ + static_cast<std::uint64_t>(where.data() - source_.data());
  }
  void add_in_field(DefectCode code, std::string_view where, std::string_view done);

  std::string_view source_;
  std::uint64_t source_offset_;
  std::uint64_t others_offset_ = 0;
  std::uint64_t others_length_ = 0;
  std::string_view field_;          // in which others are looked for; empty where there is none
  std::size_t field_searched_ = 0;  // up to here, for the code ...
  DefectCode field_code_{};         // ... that was found last
  std::size_t limit_;
  std::vector<Defect> list_;
  std::array<std::uint64_t, defect_codes> counts_{};
  std::uint64_t left_out_ = 0;
};

/// Readers take a pointer that may be null: then nobody wants to know.
inline void note(Defects* defects, DefectCode code, std::string_view where, std::string_view done) {
  if (defects != nullptr) defects->add(code, where, done);
}

}  // namespace mailrig::mime
