#include "mime/message/fields/text_list.h"

#include <algorithm>

#include "mime/message/ascii.h"
#include "mime/message/fields/encoded_word.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

class ItemReader {
 public:
  /// How much of the text stands before the next comma that separates.
  std::size_t item_size(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size() && text[at] != ',') {
      std::size_t size = encoded_word_size(text.substr(at));
      if (size == 0 && text[at] == '"' && !lone_quote_) {
        size = Tokens(text.substr(at)).quoted_size();
        lone_quote_ = size == 0;
      }
      at += std::max<std::size_t>(size, 1);
    }
    return at;
  }

 private:
  bool lone_quote_ = false;  // one was met: all behind it are but characters
};

}  // namespace

std::vector<std::string> parse_text_list(std::string_view field_body, Defects* defects, Charsets* charsets) {
  std::vector<std::string> items;
  ItemReader reader;
  Charsets own;
  if (charsets == nullptr) charsets = &own;
  while (!field_body.empty() && items.size() < text_list_max) {
    const std::size_t size = reader.item_size(field_body);
    const std::string_view written = trimmed(field_body.substr(0, size));
    field_body.remove_prefix(std::min(size + 1, field_body.size()));
    Tokens tokens(written);
    std::string unquoted;
    const bool is_quoted = tokens.is_at('"') && tokens.quoted_size() == written.size();
    if (is_quoted) tokens.take_quoted(unquoted);
    std::string item = text_value(is_quoted ? unquoted : written, defects, charsets);
    if (!item.empty()) items.push_back(std::move(item));
  }
  return items;
}

}  // namespace mailrig::mime
