#pragma once
/// Who wants to have the parts of a message while it streams by.

#include "mime/message/message.h"

namespace mailrig::mime {

class PartSink {
 public:
  virtual ~PartSink() = default;

  /// Its header was read. Whether a multipart has parts, and how long the body is, is not known yet; nor is its path.
  virtual void on_part([[maybe_unused]] const Message& message, [[maybe_unused]] const Part& part) {}
  /// A piece of a leaf's body, as it stands; valid during the call.
  virtual void on_body(const Message& message, const Part& part, std::string_view piece) = 0;
  /// The body of this leaf is complete.
  virtual void on_end([[maybe_unused]] const Message& message, [[maybe_unused]] const Part& part) {}
};

}  // namespace mailrig::mime
