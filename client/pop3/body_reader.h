#pragma once
/// One message off the wire: dots undone, its end found. An end that is doubtful (dot_decoder.h) is decided by what
/// follows: a status line, or more of the message. A second "+OK" line before the first line
/// (docs/providers/misbehaviours.md#m23) is left out: no header field begins so.
///
///   Pop3BodyReader reader([&](std::string_view piece) { file.write(piece); });
///   reader.begin(false);
///   while (!bytes.empty() && reader.feed(bytes) != Pop3BodyReader::State::ended) {}
///   // now reader.overhang() and then `bytes` are what comes behind the message

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "client/pop3/dot_decoder.h"

namespace mailrig::client {

class Pop3BodyReader {
 public:
  using Sink = std::function<void(std::string_view piece)>;
  enum class State : std::uint8_t {
    reading,
    doubtful,  // it ends here if a status line comes next; when nothing is awaited, something has to be asked
    ended,
  };

  explicit Pop3BodyReader(Sink sink) : sink_(std::move(sink)) {}

  /// `bare_lf`: the status line ended in LF alone.
  void begin(bool bare_lf);
  /// Takes from the front of `bytes` what belongs to the message.
  State feed(std::string_view& bytes);
  State state() const { return state_; }
  /// Octets that were looked at to decide a doubt, and that begin the next line.
  std::string_view overhang() const {
    return state_ == State::ended ? std::string_view(looked_at_) : std::string_view();
  }
  std::uint64_t octets() const { return octets_; }

 private:
  void decode(std::string_view& bytes);
  void decide(std::string_view& bytes);
  void take(std::string_view piece);
  void give(std::string_view piece);

  enum class Opening : std::uint8_t { comparing, skipping, over };

  Sink sink_;
  DotDecoder decoder_;
  State state_ = State::ended;
  std::uint64_t octets_ = 0;
  std::string looked_at_;
  Opening opening_ = Opening::over;
  std::size_t compared_ = 0;
};

}  // namespace mailrig::client
