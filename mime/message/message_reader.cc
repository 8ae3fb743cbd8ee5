#include "mime/message/message_reader.h"

namespace mailrig::mime {

MessageReader::MessageReader(const Settings& settings)
    : limits_(settings.limits), builder_(message_, limits_, {.streamed = true, .sink = settings.sink}) {}

void MessageReader::feed(std::string_view piece) {
  if (left_.empty()) {
    piece.remove_prefix(builder_.read(piece, false));
    left_ = piece;
  } else {
    left_ += piece;
    left_.erase(0, builder_.read(left_, false));
  }
}

Message MessageReader::finish() {
  builder_.read(left_, true);
  message_.defects_.sort();
  return std::move(message_);
}

}  // namespace mailrig::mime
