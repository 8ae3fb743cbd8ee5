#pragma once
/// A message that comes in pieces: the same tree, offsets and defects as parse() of the whole, however it is split.
///
///   MessageReader reader({.sink = &store});              // gets each leaf's body as it comes, or nobody does
///   while (read_some(piece)) reader.feed(piece);
///   Message message = reader.finish();
///
/// Bodies are never collected: a header is, up to its limit, and a line that may be a boundary. So a message with an
/// attachment of 100 MB takes no more memory than one without.

#include <optional>

#include "mime/message/message.h"
#include "mime/message/part_sink.h"
#include "mime/message/tree_builder.h"

namespace mailrig::mime {

class MessageReader {
 public:
  struct Settings {
    Limits limits = {};
    PartSink* sink = nullptr;
  };

  MessageReader() : MessageReader(Settings{}) {}
  explicit MessageReader(const Settings& settings);

  void feed(std::string_view piece);
  /// Has headers and offsets of all parts, but no source: bodies went to the sink.
  Message finish();

 private:
  Limits limits_;
  Message message_;
  TreeBuilder builder_;
  std::string left_;  // of the pieces before: not judged yet
};

}  // namespace mailrig::mime
