#pragma once
/// Which transfer encoding a body goes out in: the cheapest that its octets and the server allow.
///
///   BodySurveyor surveyor;
///   for (std::string_view piece : body) surveyor.feed(piece);
///   BodySurvey survey = surveyor.finish();
///   choose_encoding(survey, BodyKind::text, /*eight_bit=*/false) == TransferEncoding::quoted_printable
///   holds_boundary(survey, "=_1234") == false          // so this may be the boundary around it

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/coding/scan.h"
#include "mime/message/coding/transfer_encoding.h"

namespace mailrig::mime {

enum class BodyKind : std::uint8_t {
  text,    // CRLF is a line end, and any encoding may carry it
  binary,  // octets: base64, whatever they look like, since transports touch line ends and trailing blanks
};

struct BodySurvey {
  OctetSurvey octets;
  std::uint64_t escaped = 0;                // octets that quoted-printable escapes
  std::vector<std::string> boundary_lines;  // lines that begin as our boundaries do, without "--", cut to 70 characters
  bool too_many_boundary_lines = false;
};

class BodySurveyor {
 public:
  // A body with more such lines was made to collide: then it is encoded.
  static constexpr std::size_t boundary_lines_max = 1000;

  /// Of a binary body only the octets count.
  explicit BodySurveyor(BodyKind kind = BodyKind::text) : kind_(kind) {}
  void feed(std::string_view piece);
  BodySurvey finish();

 private:
  void take_line_starts(std::string_view piece);
  void take_line(std::string_view line);

  BodyKind kind_;
  OctetStatistics octets_;
  BodySurvey survey_;
  std::string line_;           // the first characters of the present line
  bool at_line_start_ = true;  // line_ is still being filled
};

/// What every boundary of ours begins with: "=_" stands in no quoted-printable (RFC 2045 §6.7) and in no base64.
inline constexpr std::string_view boundary_start = "=_";
inline constexpr std::size_t boundary_characters_max = 70;  // RFC 2046 §5.1.1

/// 7bit where nothing speaks against it, 8bit where the server takes it, else the shorter of quoted-printable and
/// base64.
TransferEncoding choose_encoding(const BodySurvey& survey, BodyKind kind, bool eight_bit);

/// Can the octets go as they are, as a message within a message has to?
bool is_identity(TransferEncoding encoding);

/// Would a line of the body be taken for this boundary?
bool holds_boundary(const BodySurvey& survey, std::string_view boundary);

}  // namespace mailrig::mime
