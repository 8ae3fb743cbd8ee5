#include "client/pop3/capabilities.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"

namespace mailrig::client {
namespace {

std::string_view take_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  std::string_view word = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(word.size());
  return word;
}

bool is(std::string_view word, std::string_view upper_word) {
  return std::ranges::equal(word, upper_word, [](char a, char b) { return upper(a) == b; });
}

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

void Pop3Capabilities::add(std::string_view line) {
  std::string_view tag = take_word(line);
  std::string_view first = take_word(line);
  if (is(tag, "STLS")) stls = true;
  if (is(tag, "USER")) user = true;
  if (is(tag, "SASL"))
    for (std::string_view mechanism = first; !mechanism.empty(); mechanism = take_word(line))
      if (is(mechanism, "PLAIN")) sasl_plain = true;
  if (is(tag, "TOP")) top = true;
  if (is(tag, "PIPELINING")) pipelining = true;
  if (is(tag, "EXPIRE") && number(first) == 0U) expires_at_once = true;
  if (is(tag, "LOGIN-DELAY")) login_delay_seconds = number(first);
}

}  // namespace mailrig::client
