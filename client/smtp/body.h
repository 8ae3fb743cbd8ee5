#pragma once
/// The octets behind DATA: a message as RFC 5321 wants it on the wire, in pieces.
///
///   SmtpBody body(message);
///   while (std::string_view piece = body.next(); !piece.empty()) send(piece);     // the last one ends in "\r\n.\r\n"
///
/// Line ends: CRLF stays, a bare LF becomes CRLF, a bare CR becomes CRLF (RFC 5321 §2.3.8 allows neither alone, and a
/// server may take a lone LF and dot for the end, or refuse the message). A missing last line end is added. A line that
/// begins with a dot gets another (§4.5.2). All else, NUL and 8-bit octets too, goes out as it is.

#include <cstdint>
#include <string>
#include <string_view>

#include "net/session.h"

namespace mailrig::client {

class SmtpBody {
 public:
  explicit SmtpBody(std::string_view message) : rest_(message) {}

  /// At most send_octets_max octets, valid until the next call; empty once all is out.
  std::string_view next();

 private:
  void encode();

  std::string_view rest_;
  std::string piece_;
  bool line_start_ = true;
  bool after_cr_ = false;  // a CR went out as CRLF; an LF right behind it is the same line end
  bool ended_ = false;
};

/// What MAIL FROM says of the message.
struct SmtpBodySurvey {
  std::uint64_t octets = 0;  // RFC 1870 §3: with CRLF line ends, without the dots of transparency and the final one
  bool eight_bit = false;
};
SmtpBodySurvey survey_body(std::string_view message);

}  // namespace mailrig::client
