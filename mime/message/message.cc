#include "mime/message/message.h"

#include "mime/message/tree_builder.h"

namespace mailrig::mime {

Message parse(std::string_view source, const Limits& limits) {
  Message message;
  message.source_ = source;
  TreeBuilder(message, limits, {}).read(source, true);
  message.defects_.sort();
  return message;
}

const Part* Message::find(std::string_view path) const {
  for (const Part& part : parts_)
    if (part.kind != Part::Kind::multipart && part.path == path) return &part;
  return nullptr;
}

Header Message::header(const Part& part) const {
  const Index& index = headers_[number_of(part)];
  return {index.text, std::span(places_).subspan(index.first, index.count)};
}

const Part& Message::place_in_source(const Part& part) const {
  const Part* place = &part;
  while (place->decoded_in != Part::none) place = &parts_[place->decoded_in];
  return *place;
}

std::string_view Message::octets(const Part& part, std::uint64_t offset, std::uint64_t length) const {
  const std::string_view text = part.decoded_in == Part::none ? source_ : decoded_bodies_[part.decoded_in];
  if (offset + length > text.size()) return {};
  return text.substr(offset, length);
}

}  // namespace mailrig::mime
