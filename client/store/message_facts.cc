#include "client/store/message_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/sha256.h"
#include "mime/message/fields/address.h"
#include "mime/message/fields/date.h"
#include "mime/message/header_index.h"

namespace mailrig::client {
namespace {

// RFC 5322 §2.1.1: no line is longer, so no identifier is.
constexpr std::size_t message_id_octets_max = 998;

bool same_letters(char a, char b) { return lower(a) == lower(b); }

std::string read_message_id(std::string_view body) {
  std::string text = mime::unfold(body);
  std::size_t open = text.find('<');
  std::size_t close = open == std::string::npos ? open : text.find('>', open);
  if (close != std::string::npos) text = text.substr(open + 1, close - open - 1);
  if (text.size() > message_id_octets_max) text.clear();
  return text;
}

}  // namespace

MessageFacts read_facts(std::string_view message) {
  MessageFacts facts;
  // Lines that are no field are passed over: whoever sent them has a sender all the same.
  std::vector<mime::FieldPlace> places;
  mime::index_header(message, places);
  const mime::Header header(message, places);
  for (std::size_t i = 0; i < header.size(); ++i) {
    const mime::HeaderField field = header[i];
    if (facts.message_id.empty() && mime::is_field(field.name, "message-id"))
      facts.message_id = read_message_id(field.body);
    else if (facts.from.empty() && mime::is_field(field.name, "from"))
      facts.from = mime::unfold(field.body);
    else if (!facts.date && mime::is_field(field.name, "date"))
      if (std::optional<mime::Date> date = mime::parse_date(field.body)) facts.date = date->instant();
  }
  return facts;
}

std::string_view header_text(std::string_view message) {
  std::size_t crlf = message.starts_with("\r\n") ? 0 : message.find("\r\n\r\n");
  std::size_t lf = message.starts_with('\n') ? 0 : message.find("\n\n");
  std::string_view header = message.substr(0, std::min(crlf, lf));
  header.remove_suffix(header.size() - (header.find_last_not_of("\r\n") + 1));
  return header;
}

std::string identity_of(std::string_view header, std::uint64_t listed_octets) {
  return fmt::format(" header {} {}", Sha256::hex_of(header_text(header)), listed_octets);
}

std::string folder_for(const MessageFacts& facts, const std::vector<Filter>& filters) {
  for (const Filter& filter : filters) {
    auto found = std::search(facts.from.begin(), facts.from.end(), filter.sender_contains.begin(),
                             filter.sender_contains.end(), same_letters);
    if (found != facts.from.end()) return filter.move_to;
  }
  return std::string(inbox_folder);
}

bool is_from(const MessageFacts& facts, std::string_view address) {
  if (address.empty()) return false;
  return std::ranges::any_of(mime::parse_addresses(facts.from), [&](const mime::Address& sender) {
    return std::ranges::equal(sender.address, address, same_letters);
  });
}

}  // namespace mailrig::client
