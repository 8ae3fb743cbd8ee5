#include "client/smtp/capabilities.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace mailrig::client {
namespace {

/// The next word, upper case, taken off the front; empty at the end.
std::string take_word(std::string_view& text, std::string_view separators) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  std::string word(text.substr(0, text.find_first_of(separators)));
  text.remove_prefix(word.size());
  std::transform(word.begin(), word.end(), word.begin(), upper);
  return word;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t octets = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), octets);
  // RFC 1870 §4: zero means that there is no fixed limit.
  if (error != std::errc() || end != text.data() + text.size() || octets == 0) return std::nullopt;
  return octets;
}

}  // namespace

SmtpCapabilities parse_capabilities(const SmtpReply& ehlo) {
  SmtpCapabilities offered;
  for (std::size_t i = 1; i < ehlo.lines.size(); ++i) {  // the first line is the greeting with the server's name
    std::string_view line = ehlo.lines[i];
    // Only AUTH is followed by '=': "AUTH=PLAIN LOGIN".
    std::string_view separators = line.size() > 4 && line[4] == '=' ? "= \t" : " \t";
    const std::string keyword = take_word(line, separators);
    if (keyword == "STARTTLS") {
      offered.starttls = true;
    } else if (keyword == "PIPELINING") {
      offered.pipelining = true;
    } else if (keyword == "8BITMIME") {
      offered.eight_bit_mime = true;
    } else if (keyword == "SMTPUTF8") {
      offered.smtp_utf8 = true;
    } else if (keyword == "SIZE") {
      offered.size_max = parse_size(take_word(line, separators));
    } else if (keyword == "AUTH") {
      for (std::string name = take_word(line, separators); !name.empty(); name = take_word(line, separators)) {
        offered.auth = true;
        offered.auth_plain = offered.auth_plain || name == "PLAIN";
        offered.auth_login = offered.auth_login || name == "LOGIN";
      }
    }
  }
  return offered;
}

}  // namespace mailrig::client
