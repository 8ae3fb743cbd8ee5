#include "client/compose.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "client/base64.h"
#include "client/smtp/envelope.h"

namespace mailrig::client {
namespace {

// RFC 5322 §2.1.1, without CRLF.
constexpr std::size_t line_octets_max = 998;
// A header text that leaves room for its name; longer ones are folded as encoded words.
constexpr std::size_t header_text_octets_max = 900;

bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

struct Mailbox {
  std::string name;
  std::string address;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// "bert@customer.test" or "Bert Bolt <bert@customer.test>".
Result<Mailbox> parse_mailbox(std::string_view text) {
  Mailbox mailbox;
  text = trimmed(text);
  const std::size_t open = text.rfind('<');
  if (text.ends_with('>') && open != std::string_view::npos) {
    std::string_view name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    mailbox = {std::string(name), std::string(text.substr(open + 1, text.size() - open - 2))};
  } else {
    mailbox.address = std::string(text);
  }
  if (Status fit = check_path(mailbox.address); !fit) return fit.error();
  return mailbox;
}

std::string to_field(const Mailbox& mailbox) {
  if (mailbox.name.empty()) return mailbox.address;
  if (!is_printable_ascii(mailbox.name))
    return fmt::format("{} <{}>", encode_header_text(mailbox.name), mailbox.address);
  std::string quoted;
  for (char c : mailbox.name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return fmt::format("\"{}\" <{}>", quoted, mailbox.address);
}

/// A text, or a list of texts.
Result<std::vector<Mailbox>> read_mailboxes(const Value& message, std::string_view key) {
  std::vector<Mailbox> mailboxes;
  const Value* value = message.find(key);
  if (value == nullptr) return mailboxes;
  const Value::List items = value->is(Value::Kind::list) ? value->items() : Value::List{*value};
  for (const Value& item : items) {
    if (!item.is(Value::Kind::text))
      return Error{Errc::bad_input, fmt::format("\"{}\" must be an address or a list of addresses", key)};
    Result<Mailbox> mailbox = parse_mailbox(item.text());
    if (!mailbox) return Error{Errc::bad_input, fmt::format("\"{}\": {}", key, mailbox.error().message)};
    mailboxes.push_back(*std::move(mailbox));
  }
  return mailboxes;
}

std::string text_of(const Value& message, std::string_view key) {
  const Value* value = message.find(key);
  return value != nullptr && value->is(Value::Kind::text) ? value->text() : std::string();
}

std::string field(std::string_view name, const std::vector<Mailbox>& mailboxes) {
  if (mailboxes.empty()) return {};
  std::string line = fmt::format("{}: ", name);
  for (std::size_t i = 0; i < mailboxes.size(); ++i) line += (i == 0 ? "" : ",\r\n ") + to_field(mailboxes[i]);
  return line + "\r\n";
}

std::string new_message_id(std::string_view from, Prng& prng) {
  const std::size_t at = from.rfind('@');
  const std::string_view domain = at == std::string_view::npos ? "localhost" : from.substr(at + 1);
  return fmt::format("{}@{}", prng.hex(32), domain);
}

/// Every line end becomes CRLF, and the last line gets one.
std::string with_crlf(std::string_view text) {
  std::string lines;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') continue;
    if (text[i] == '\n' || text[i] == '\r')
      lines += "\r\n";
    else
      lines += text[i];
  }
  if (!lines.empty() && !lines.ends_with('\n')) lines += "\r\n";
  return lines;
}

bool has_long_line(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    if (end > line_octets_max) return true;
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return false;
}

struct HeaderField {
  std::string_view name;
  std::string_view whole;  // with its line ends and continuation lines
  std::string_view body;   // behind the colon
};

/// The field at the front of `rest`, taken off; nothing where none is.
std::optional<HeaderField> take_field(std::string_view& rest) {
  std::size_t name = 0;
  while (name < rest.size() && rest[name] > 0x20 && rest[name] < 0x7f && rest[name] != ':') ++name;
  const std::size_t colon = rest.find_first_not_of(" \t", name);
  if (name == 0 || colon == std::string_view::npos || rest[colon] != ':') return std::nullopt;
  std::size_t end = colon;
  do {
    end = rest.find('\n', end);
    end = end == std::string_view::npos ? rest.size() : end + 1;
  } while (end < rest.size() && (rest[end] == ' ' || rest[end] == '\t'));
  HeaderField found{rest.substr(0, name), rest.substr(0, end), rest.substr(colon + 1, end - colon - 1)};
  rest.remove_prefix(end);
  return found;
}

bool is_named(std::string_view name, std::string_view lower_case) {
  return std::equal(name.begin(), name.end(), lower_case.begin(), lower_case.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

std::string inside_brackets(std::string_view text) {
  const std::size_t open = text.find('<');
  const std::size_t close = text.find('>', open == std::string_view::npos ? 0 : open);
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  return std::string(text.substr(open + 1, close - open - 1));
}

Letter compose_text(const Value& message, const Mailbox& from, const std::vector<Mailbox>& to,
                    const std::vector<Mailbox>& cc, Instant now, Prng& prng) {
  Letter letter{.from = from.address, .recipients = {}, .message_id = new_message_id(from.address, prng), .raw = {}};
  const std::string text = with_crlf(text_of(message, "text"));
  const bool long_lines = has_long_line(text);
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0x80U) == 0; });
  letter.raw = fmt::format(
      "From: {}\r\n{}{}Subject: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {}\r\n\r\n{}",
      to_field(from), field("To", to), field("Cc", cc), encode_header_text(text_of(message, "subject")),
      format_rfc5322_date(now), letter.message_id,
      long_lines ? "quoted-printable"
      : ascii    ? "7bit"
                 : "8bit",
      long_lines ? to_quoted_printable(text) : text);
  return letter;
}

}  // namespace

std::string encode_header_text(std::string_view text) {
  if (is_printable_ascii(text) && text.size() <= header_text_octets_max) return std::string(text);
  // RFC 2047 §2: 75 characters a word; "=?UTF-8?B?" and "?=" leave 63, of which 60 hold 45 octets.
  constexpr std::size_t word_octets_max = 45;
  std::string words;
  while (!text.empty()) {
    std::size_t octets = 0;
    while (octets < text.size()) {  // a word holds whole characters (§5)
      const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(octets)), 1);
      if (octets + length > word_octets_max) break;
      octets += length;
    }
    words += fmt::format("{}=?UTF-8?B?{}?=", words.empty() ? "" : "\r\n ", to_base64(text.substr(0, octets)));
    text.remove_prefix(octets);
  }
  return words;
}

std::string to_quoted_printable(std::string_view text) {
  constexpr std::size_t columns_max = 75;  // and the '=' of a soft line break
  std::string encoded;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\r\n")) {
      encoded += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    const bool at_end = i + 1 == text.size() || text.substr(i + 1).starts_with("\r\n");
    const bool plain = (c > 0x20 && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !at_end);
    const std::string octet = plain ? std::string(1, text[i]) : fmt::format("={:02X}", c);
    if (column + octet.size() > columns_max) {
      encoded += "=\r\n";
      column = 0;
    }
    encoded += octet;
    column += octet.size();
  }
  return encoded;
}

Letter complete(std::string_view raw, std::string_view from, Instant now, Prng& prng) {
  Letter letter{.from = std::string(from), .recipients = {}, .message_id = {}, .raw = {}};
  bool has_from = false;
  bool has_date = false;
  std::string header;
  std::string_view rest = raw;
  while (std::optional<HeaderField> found = take_field(rest)) {
    if (is_named(found->name, "bcc")) continue;
    has_from = has_from || is_named(found->name, "from");
    has_date = has_date || is_named(found->name, "date");
    if (letter.message_id.empty() && is_named(found->name, "message-id"))
      letter.message_id = inside_brackets(found->body);
    header += found->whole;
  }
  std::string added;
  if (!has_from) added += fmt::format("From: {}\r\n", from);
  if (!has_date) added += fmt::format("Date: {}\r\n", format_rfc5322_date(now));
  if (letter.message_id.empty()) {
    letter.message_id = new_message_id(from, prng);
    added += fmt::format("Message-ID: <{}>\r\n", letter.message_id);
  }
  const bool has_blank_line = rest.starts_with("\r\n") || rest.starts_with('\n');
  letter.raw = added + header + (has_blank_line || rest.empty() ? "" : "\r\n") + std::string(rest);
  return letter;
}

Result<Letter> compose(const Value& message, std::string_view own_address, Instant now, Prng& prng) {
  Result<std::vector<Mailbox>> to = read_mailboxes(message, "to");
  if (!to) return to.error();
  Result<std::vector<Mailbox>> cc = read_mailboxes(message, "cc");
  if (!cc) return cc.error();
  Result<std::vector<Mailbox>> bcc = read_mailboxes(message, "bcc");
  if (!bcc) return bcc.error();
  const std::string from_text = text_of(message, "from");
  Result<Mailbox> from = parse_mailbox(from_text.empty() ? own_address : std::string_view(from_text));
  if (!from) return Error{Errc::bad_input, "the sender: " + from.error().message};
  const Value* raw = message.find("raw");
  Letter letter = raw != nullptr ? complete(raw->text(), from->address, now, prng)
                                 : compose_text(message, *from, *to, *cc, now, prng);
  for (const std::vector<Mailbox>* list : {&*to, &*cc, &*bcc})
    for (const Mailbox& mailbox : *list)
      if (std::find(letter.recipients.begin(), letter.recipients.end(), mailbox.address) == letter.recipients.end())
        letter.recipients.push_back(mailbox.address);
  if (letter.recipients.empty()) return Error{Errc::bad_input, "the message has no recipients: give to, cc or bcc"};
  return letter;
}

}  // namespace mailrig::client
