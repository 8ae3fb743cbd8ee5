#include "mime/address.h"

#include <algorithm>

#include "mime/header.h"

namespace mailrig::mime {
namespace {

/// Collects one address at a time while the field is read from left to right.
class AddressReader {
 public:
  explicit AddressReader(std::string_view text) : text_(text) {}

  std::vector<Address> read() {
    while (!text_.empty() && found_.size() < addresses_max) {
      const char c = text_.front();
      if (c == '"')
        take_quoted();
      else if (c == '(')
        take_comment();
      else
        take_plain(c);
    }
    end_address();
    return std::move(found_);
  }

 private:
  void take_plain(char c) {
    text_.remove_prefix(1);
    if ((c == ',' || c == ';') && !(in_angle_ && angle_.starts_with('@'))) {  // the commas of a route
      end_address();
    } else if (c == ':' && !in_angle_) {
      words_.clear();  // it was the name of a group
    } else if (c == '<') {
      in_angle_ = has_angle_ = true;
      angle_.clear();
    } else if (c == '>') {
      in_angle_ = false;
    } else if (in_angle_) {
      if (c != ' ') angle_ += c;
    } else {
      words_ += c;
    }
  }

  void take_quoted() {
    text_.remove_prefix(1);
    std::string quoted;
    while (!text_.empty() && text_.front() != '"') {
      if (text_.front() == '\\' && text_.size() > 1) text_.remove_prefix(1);
      quoted += text_.front();
      text_.remove_prefix(1);
    }
    text_.remove_prefix(std::min<std::size_t>(1, text_.size()));
    // A quoted local part keeps its marks; a name does not. What stands right before the '@' is a local part.
    const bool local_part = in_angle_ || text_.starts_with('@');
    std::string& target = in_angle_ ? angle_ : words_;
    target += local_part ? '"' + quoted + '"' : quoted;
  }

  void take_comment() {
    int depth = 0;
    std::string comment;
    do {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '\\' && !text_.empty()) {
        comment += text_.front();
        text_.remove_prefix(1);
        continue;
      }
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (depth > 0 && (c != '(' || depth > 1)) comment += c;
    } while (depth > 0 && !text_.empty());
    if (comment_.empty()) comment_ = comment;
  }

  void end_address() {
    Address address;
    const std::string words = unfold(words_);
    if (has_angle_) {
      // "<@relay,@other:anna@x.test>": the route is of no use today (RFC 5322 §4.4).
      address.address = angle_.starts_with('@') ? angle_.substr(angle_.find(':') + 1) : angle_;
      address.name = decode_words(words);
    } else {
      bool quoted = false;
      for (char c : words) {
        quoted = quoted != (c == '"');
        if (quoted || c != ' ') address.address += c;
      }
    }
    if (address.name.empty()) address.name = decode_words(unfold(comment_));
    const std::size_t at = address.address.rfind('@');
    if (at != std::string::npos && at > 0 && at + 1 < address.address.size()) found_.push_back(std::move(address));
    words_.clear();
    angle_.clear();
    comment_.clear();
    in_angle_ = has_angle_ = false;
  }

  std::string_view text_;
  std::string words_;
  std::string angle_;
  std::string comment_;
  bool in_angle_ = false;
  bool has_angle_ = false;
  std::vector<Address> found_;
};

}  // namespace

std::vector<Address> parse_addresses(std::string_view field_body) {
  const std::string line = unfold(field_body);
  return AddressReader(line).read();
}

}  // namespace mailrig::mime
