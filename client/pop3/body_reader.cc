#include "client/pop3/body_reader.h"

#include <utility>

namespace mailrig::client {
namespace {

constexpr std::string_view good = "+OK";
constexpr std::string_view bad = "-ERR";

}  // namespace

void Pop3BodyReader::begin(bool bare_lf) {
  decoder_ = DotDecoder(bare_lf);
  state_ = State::reading;
  octets_ = 0;
  looked_at_.clear();
  opening_ = Opening::comparing;
  compared_ = 0;
}

Pop3BodyReader::State Pop3BodyReader::feed(std::string_view& bytes) {
  while (!bytes.empty() && state_ != State::ended) {
    if (state_ == State::doubtful)
      decide(bytes);
    else
      decode(bytes);
  }
  return state_;
}

void Pop3BodyReader::decode(std::string_view& bytes) {
  while (!bytes.empty() && state_ == State::reading) {
    DotDecoder::Piece piece = decoder_.take(bytes);
    take(piece.text);
    if (piece.end == DotDecoder::End::sure) state_ = State::ended;
    if (piece.end == DotDecoder::End::doubtful) state_ = State::doubtful;
  }
  if (state_ == State::ended && opening_ == Opening::comparing) give(good.substr(0, compared_));
}

void Pop3BodyReader::decide(std::string_view& bytes) {
  looked_at_ += bytes.front();
  bytes.remove_prefix(1);
  if (looked_at_ == good || looked_at_ == bad) {
    state_ = State::ended;
    return;
  }
  if (good.starts_with(looked_at_) || bad.starts_with(looked_at_)) return;
  state_ = State::reading;
  take(decoder_.not_the_end());
  std::string more = std::exchange(looked_at_, {});
  std::string_view text = more;
  decode(text);
}

/// Leaves out a doubled status line.
void Pop3BodyReader::take(std::string_view piece) {
  while (opening_ != Opening::over && !piece.empty()) {
    if (opening_ == Opening::skipping) {
      std::size_t lf = piece.find('\n');
      if (lf != std::string_view::npos) opening_ = Opening::over;
      piece.remove_prefix(lf == std::string_view::npos ? piece.size() : lf + 1);
    } else if (piece.front() == good[compared_]) {
      piece.remove_prefix(1);
      if (++compared_ == good.size()) opening_ = Opening::skipping;
    } else {
      opening_ = Opening::over;
      give(good.substr(0, compared_));
    }
  }
  give(piece);
}

void Pop3BodyReader::give(std::string_view piece) {
  if (piece.empty()) return;
  octets_ += piece.size();
  sink_(piece);
}

}  // namespace mailrig::client
