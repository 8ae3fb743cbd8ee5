#pragma once
/// SMTP replies: read from any split of the bytes, kept as lines, asked for their code and their enhanced status code.
///
///   SmtpReplyReader reader;
///   reader.feed("550-5.7.1 No\r\n550 5.7.1 relaying\r\n");
///   std::optional<SmtpReply> reply = *reader.take();
///   reply->code == 550;  reply->enhanced->text() == "5.7.1";  reply->text() == "No relaying";

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailrig::client {

/// RFC 3463 §2: class.subject.detail.
struct EnhancedCode {
  unsigned status = 0;  // 2, 4 or 5
  unsigned subject = 0;
  unsigned detail = 0;

  std::string text() const;
  friend bool operator==(const EnhancedCode&, const EnhancedCode&) = default;
};

struct SmtpReply {
  unsigned code = 0;               // 200 to 599
  std::vector<std::string> lines;  // what stands behind the code on each line, raw bytes

  bool positive() const { return code / 100 == 2; }
  bool temporary() const { return code / 100 == 4; }
  bool permanent() const { return code / 100 == 5; }

  /// From the first line; only one whose class agrees with the reply code counts (RFC 2034 §4). The '#' that IronPort
  /// puts before it is forgiven.
  std::optional<EnhancedCode> enhanced() const;
  /// All lines as one, without the enhanced codes; raw bytes.
  std::string text() const;
  /// "550 5.7.1 No relaying", printable, for messages.
  std::string sentence() const;
};

// RFC 5321 §4.5.3.1.5 allows 512 octets a line; web addresses in today's replies pass that, nothing sane passes this.
inline constexpr std::size_t smtp_reply_line_octets_max = 4096;
// The longest known EHLO answers and policy texts have some 20 lines; 60 SASL names are one line each at worst.
inline constexpr std::size_t smtp_reply_lines_max = 256;
// Servers are known that put one empty line before a reply (PHPMailer issue 1072); a stream of them is something else.
inline constexpr std::size_t smtp_empty_lines_max = 8;

class SmtpReplyReader {
 public:
  /// Takes any piece of what the server says. A line may end in LF alone; an empty one before a reply is passed over.
  /// After an error nothing more is taken.
  void feed(std::string_view bytes);
  /// The next whole reply, nothing while it is incomplete, or what is wrong with it: peer_protocol, limit_exceeded.
  Result<std::optional<SmtpReply>> take();
  /// True when bytes are here that no take() has given out.
  bool holds_more() const {
    return !line_.empty() || !open_.lines.empty() || !whole_.empty() || empty_lines_ > 0 || broken_;
  }
  /// Forgets all of them.
  void clear();

 private:
  void on_line(std::string_view line);

  std::string line_;             // not ended yet
  SmtpReply open_;               // its last line has not come yet
  std::size_t empty_lines_ = 0;  // passed over since the last reply
  std::deque<SmtpReply> whole_;
  std::optional<Error> broken_;
};

}  // namespace mailrig::client
