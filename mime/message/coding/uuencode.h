#pragma once
/// Uuencoded text (POSIX uuencode), as a transfer encoding or within a text body, any split of the input giving the
/// same.
///
///   std::size_t begin = find_uuencode(body, 0);          // a "begin 644 name" line, or not_found
///   UuDecoder decoder;
///   decoder.feed(body.substr(begin), octets);
///   decoder.finish();
///   decoder.file_name();  decoder.consumed();            // up to and with the "end" line
///
/// yEnc ("=ybegin") is another thing and is left alone.

#include <cstdint>
#include <string>
#include <string_view>

#include "mime/message/defect.h"

namespace mailrig::mime {

/// The offset of the next "begin MODE NAME" line that a line of uuencoded text follows; not_found where there is none.
std::size_t find_uuencode(std::string_view text, std::size_t from);

class UuDecoder {
 public:
  // A line holds at most 63 octets (84 characters) behind its length; what is longer is no line of it.
  static constexpr std::size_t line_octets_max = 256;

  struct Damage {
    std::uint64_t invalid_lines = 0;
    std::uint64_t first_invalid = 0;  // offset
    bool without_end = false;
  };

  /// Text before the "begin" line is passed over. Appends to out.
  void feed(std::string_view text, std::string& out);
  void finish(std::string& out);

  bool ended() const { return state_ == State::ended; }
  const std::string& file_name() const { return file_name_; }
  std::uint32_t mode() const { return mode_; }  // 0 where none was
  /// Octets of text up to the end of the "end" line.
  std::uint64_t consumed() const { return consumed_; }
  const Damage& damage() const { return damage_; }
  void report(Defects& defects, std::uint64_t offset, std::uint64_t length) const;

 private:
  enum class State : std::uint8_t { before, lines, ended };
  void take_line(std::string_view line, std::uint64_t offset, std::string& out);

  State state_ = State::before;
  std::string line_;  // begun, not ended
  std::uint64_t line_at_ = 0;
  std::uint64_t fed_ = 0;
  std::uint64_t consumed_ = 0;
  std::string file_name_;
  std::uint32_t mode_ = 0;
  Damage damage_;
};

}  // namespace mailrig::mime
