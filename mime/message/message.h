#pragma once
/// A message as a tree of its parts (RFC 5322, RFC 2045, RFC 2046): where each begins and ends, to the octet.
///
///   Message message = parse(source);                       // views of `source`, which must outlive it
///   for (const Part& part : message.parts())
///     if (part.is_leaf()) show(part.path, part.content_type, message.body(part));
///   message.defects().list();                              // what was wrong with the tree, and what was made of it
///
/// Nothing is ever refused: whatever the input, there is a tree, and what is wrong is a defect. Only the fields that
/// say how a message is built are read; everything else waits until somebody asks (mime/message/body.h,
/// mime/message/facts/message_json.h).

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/defect.h"
#include "mime/message/fields/content_type.h"
#include "mime/message/header_index.h"

namespace mailrig::mime {

struct Limits {
  HeaderLimits header = {};
  // Real mail has five levels, a thread of forwards that were attached to each other some twenty.
  std::uint32_t nesting_max = 100;
  // Digests of mailing lists have hundreds.
  std::uint32_t parts_max = 10'000;
  // A message that lies within another under base64 is decoded to be read: each level costs another pass.
  std::uint32_t encoded_nesting_max = 8;
};

/// One entity: a header and a body. The first is the message itself.
struct Part {
  static constexpr std::uint32_t none = 0xFFFF'FFFF;

  enum class Kind : std::uint8_t {
    leaf,
    multipart,  // at least one part lies in it; a multipart without any is a leaf
    message     // message/rfc822 and its like: the message that it holds is its only child
  };

  Kind kind = Kind::leaf;
  TransferEncoding encoding = TransferEncoding::seven_bit;
  bool has_content_type = false;
  std::uint32_t parent = none;
  std::uint32_t number = 1;         // among its siblings
  std::uint32_t message_depth = 0;  // messages that it lies in, apart from the first
  // The section number of IMAP (RFC 3501 §6.4.5): "2.1". A multipart has that of the part or message that it is; the
  // first one has none.
  std::string path;
  ContentType content_type;  // as it counts: text/plain where nothing or nonsense is said, message/rfc822 in a digest

  // Offsets in the source; where a message lay under an encoding, in that message as decoded.
  std::uint32_t decoded_in = none;  // the message part whose decoded body the offsets count in
  std::uint64_t header_offset = 0;
  std::uint64_t header_length = 0;  // without the blank line
  std::uint64_t body_offset = 0;
  std::uint64_t body_length = 0;

  bool is_leaf() const { return kind == Kind::leaf; }
  std::uint64_t end() const { return body_offset + body_length; }
};

class Message {
 public:
  Message() = default;
  Message(Message&&) noexcept = default;
  Message& operator=(Message&&) noexcept = default;

  /// Every part stands behind the one that it lies in. There is always one.
  std::span<const Part> parts() const { return parts_; }
  const Part& root() const { return parts_.front(); }
  /// The part of this section number that is no multipart; null where there is none.
  const Part* find(std::string_view path) const;
  std::uint32_t number_of(const Part& part) const { return static_cast<std::uint32_t>(&part - parts_.data()); }

  Header header(const Part& part) const;
  /// As it stands, under its transfer encoding. Empty in a message that came from a MessageReader: its source is gone.
  std::string_view body(const Part& part) const { return octets(part, part.body_offset, part.body_length); }
  /// Header and body, byte for byte: what a signature of RFC 1847 is over.
  std::string_view whole(const Part& part) const {
    return octets(part, part.header_offset, part.end() - part.header_offset);
  }
  /// Where the part stands in the source: within a decoded message, where that message stands.
  const Part& place_in_source(const Part& part) const;

  std::string_view source() const { return source_; }
  /// Of the tree, and of the fields that it was made from. examine() of mime/message/lint/examine.h finds all others.
  const Defects& defects() const { return defects_; }

 private:
  friend class TreeBuilder;
  friend class MessageReader;
  friend Message parse(std::string_view source, const Limits& limits);

  struct Index {
    std::string_view text;    // of the header
    std::uint32_t first = 0;  // in places_
    std::uint32_t count = 0;
  };

  std::string_view octets(const Part& part, std::uint64_t offset, std::uint64_t length) const;

  std::string_view source_;
  std::vector<Part> parts_;
  std::vector<Index> headers_;  // of each part
  std::vector<FieldPlace> places_;
  std::deque<std::string> kept_;                  // headers of a stream, messages that were decoded: views need them
  std::vector<std::string_view> decoded_bodies_;  // of each part; empty for all but encoded messages
  Defects defects_;
};

Message parse(std::string_view source, const Limits& limits = {});

}  // namespace mailrig::mime
