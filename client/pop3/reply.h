#pragma once
/// Lines of a POP3 server and what their first word says. Lines that arrive whole are views of what arrived.
///
///   LineReader reader;
///   while (std::optional<LineReader::Line> line = reader.take(bytes)) judge(parse_status(line->text));

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mailrig::client {

// RFC 2449 §4 allows 512 octets; refusals with a page of HTML were seen, and uids of some hundred octets
// (docs/providers/misbehaviours.md#m13).
inline constexpr std::size_t pop3_line_octets_max = 16 * 1024;

class LineReader {
 public:
  struct Line {
    std::string_view text;  // without line end; valid until the next call
    bool bare_lf = false;   // it ended in LF alone
  };

  /// Takes a line from the front of `bytes`; nothing when none is complete (all of it is kept then).
  std::optional<Line> take(std::string_view& bytes);
  /// A line passed pop3_line_octets_max; nothing can be read any more.
  bool overflowed() const { return overflowed_; }
  /// What is held of a line that is not complete.
  std::string_view partial() const { return taken_ ? std::string_view() : std::string_view(held_); }
  void clear() {
    held_.clear();
    taken_ = false;
  }

 private:
  std::string held_;
  bool taken_ = false;  // held_ is a line that was handed out
  bool overflowed_ = false;
};

struct StatusLine {
  enum class Word : std::uint8_t { ok, err, none };
  Word word = Word::none;
  std::string_view text = {};  // behind it, without leading blanks
};

/// Any letter case, and "+OKfoo" and "+ERR" as they were meant (docs/providers/misbehaviours.md#m30). What begins
/// otherwise is no reply.
StatusLine parse_status(std::string_view line);

/// A greeting is believed only when it is "+OK", alone or before a blank: "+OK-" is another protocol.
bool is_good_greeting(std::string_view line);

}  // namespace mailrig::client
