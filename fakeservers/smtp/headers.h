#pragma once
/// The header of a message as an SMTP server looks at it: enough to tell who it says it is from, and to change that.
///
///   Header header = Header::of(raw);
///   header.value("from") == "\"Anna\" <anna@zillum.test>";
///   address_in(header.value("from")) == "anna@zillum.test";

#include <string>
#include <string_view>
#include <vector>

namespace mailrig::fakeservers::smtp {

struct HeaderField {
  std::string_view name;
  std::string_view value;  // folded as it is, without its line end and leading blanks
  std::size_t begin = 0;   // in the message
  std::size_t end = 0;     // behind its line end
};

/// Views into the message that it was made of.
class Header {
 public:
  static Header of(std::string_view message);

  const HeaderField* find(std::string_view name) const;  // in any letter case, the first
  std::string value(std::string_view name) const;        // unfolded; empty without one
  const std::vector<HeaderField>& fields() const { return fields_; }
  /// Where the fields end, and where the body begins.
  std::size_t end() const { return end_; }
  std::size_t body() const { return body_; }

 private:
  std::vector<HeaderField> fields_;
  std::size_t end_ = 0;
  std::size_t body_ = 0;
};

/// Folds undone: "a\r\n b" is "a b".
std::string unfolded(std::string_view value);
/// The first address of a field such as From: what stands in <>, or all of it. Quoted strings and comments are skipped.
std::string address_in(std::string_view value);

/// The message with `Sender: address` behind its From field, and no other Sender.
std::string with_sender(std::string_view message, std::string_view address);
/// The message with the address of its From field replaced; the name stays.
std::string with_from(std::string_view message, std::string_view address);

}  // namespace mailrig::fakeservers::smtp
