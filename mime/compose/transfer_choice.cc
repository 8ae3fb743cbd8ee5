#include "mime/compose/transfer_choice.h"

#include <algorithm>

namespace mailrig::mime {
namespace {

constexpr std::string_view dashes = "--";
constexpr std::size_t line_start_max = dashes.size() + boundary_characters_max;

std::uint64_t count_escaped(std::string_view piece) {
  std::uint64_t count = 0;
  for (char c : piece) count += ((c < ' ' && c != '\r' && c != '\n' && c != '\t') || c > '~' || c == '=') ? 1U : 0U;
  return count;
}

/// Near enough: which lines get a soft break only the encoder knows.
std::uint64_t quoted_printable_size(const BodySurvey& survey) {
  const std::uint64_t text = survey.octets.octets + 2 * (survey.escaped + survey.octets.bare_cr);
  constexpr std::uint64_t line = QuotedPrintableEncoder::line_characters_max - 1;
  return text + (survey.octets.longest_line > line ? text / line * std::string_view("=\r\n").size() : 0);
}

}  // namespace

void BodySurveyor::feed(std::string_view piece) {
  octets_.feed(piece);
  if (kind_ == BodyKind::binary) return;
  survey_.escaped += count_escaped(piece);
  take_line_starts(piece);
}

BodySurvey BodySurveyor::finish() {
  survey_.octets = octets_.finish();
  if (at_line_start_) take_line(line_);
  return std::move(survey_);
}

void BodySurveyor::take_line_starts(std::string_view piece) {
  std::size_t from = 0;
  if (at_line_start_) {  // the line was begun in the last piece
    const std::size_t end = std::min(piece.find('\n'), piece.size());
    from = std::min(end, line_start_max - line_.size());
    line_ += piece.substr(0, from);
    if (from == piece.size() && line_.size() < line_start_max) return;
    take_line(line_);
    line_.clear();
    at_line_start_ = false;
  }
  // A line that begins at offset 0 was dealt with above.
  for (from = std::max<std::size_t>(from, 1); from < piece.size();) {
    from = find_boundary_line(piece, from);
    if (from == not_found) break;
    const std::string_view start = piece.substr(from, line_start_max);
    const std::size_t end = std::min(start.find('\n'), start.size());
    if (end == start.size() && start.size() < line_start_max) {
      line_ = start;
      at_line_start_ = true;
      return;
    }
    take_line(start.substr(0, end));
    from += end;
  }
  // What may become "--" with the next piece.
  const std::size_t last_line = piece.rfind('\n');
  if (last_line != std::string_view::npos && piece.size() - last_line - 1 < dashes.size()) {
    line_ = piece.substr(last_line + 1);
    at_line_start_ = true;
  }
}

void BodySurveyor::take_line(std::string_view line) {
  if (!line.starts_with(dashes)) return;
  line.remove_prefix(dashes.size());
  if (!line.starts_with(boundary_start)) return;
  if (survey_.boundary_lines.size() == boundary_lines_max)
    survey_.too_many_boundary_lines = true;
  else
    survey_.boundary_lines.emplace_back(line);
}

TransferEncoding choose_encoding(const BodySurvey& survey, BodyKind kind, bool eight_bit) {
  const OctetSurvey& octets = survey.octets;
  if (kind == BodyKind::binary) return TransferEncoding::base64;
  const bool lines_are_mail = octets.nul == 0 && octets.bare_cr == 0 && octets.bare_lf == 0 &&
                              octets.longest_line <= OctetStatistics::line_octets_max &&
                              !survey.too_many_boundary_lines;
  if (lines_are_mail && octets.eight_bit == 0) return TransferEncoding::seven_bit;
  if (lines_are_mail && eight_bit) return TransferEncoding::eight_bit;
  // Quoted-printable would make a CRLF of it.
  if (octets.bare_lf > 0) return TransferEncoding::base64;
  return quoted_printable_size(survey) <= Base64Encoder::encoded_size(octets.octets)
             ? TransferEncoding::quoted_printable
             : TransferEncoding::base64;
}

bool is_identity(TransferEncoding encoding) {
  return encoding == TransferEncoding::seven_bit || encoding == TransferEncoding::eight_bit;
}

bool holds_boundary(const BodySurvey& survey, std::string_view boundary) {
  return std::ranges::any_of(survey.boundary_lines,
                             [&](const std::string& line) { return line.starts_with(boundary); });
}

}  // namespace mailrig::mime
