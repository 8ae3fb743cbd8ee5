#pragma once
/// The quoting of mboxrd: a line that begins with "From ", or with '>' and so on, gets one '>' more. Undone by taking
/// one '>' away from every line of '>'s followed by "From ". A line begins after LF only; CRs are octets like others.
///
///   MboxQuoter quoter;
///   quoter.feed("From me\r\n", out);       // out == ">From me\r\n"
///   quoter.finish(out);

#include <string>
#include <string_view>

namespace mailrig::client {

class MboxQuoter {
 public:
  /// Any split of a message; `out` is appended to.
  void feed(std::string_view piece, std::string& out);
  /// The message has ended.
  void finish(std::string& out);

 private:
  void end_match(std::string& out);

  bool line_start_ = true;   // only '>'s so far, and what matches
  std::size_t matched_ = 0;  // octets of "From " that are held back
};

}  // namespace mailrig::client
