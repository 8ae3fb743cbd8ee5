#include "client/crm/secrets.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/crm/http.h"

namespace mailrig::client {
namespace {

// Scenarios have short secrets; a shorter one than this would mask syllables of ordinary words.
constexpr std::size_t secret_octets_min = 4;
constexpr std::string_view zoho_prefix = "1000.";
// An ordinary number after "1000." is shorter.
constexpr std::size_t zoho_octets_min = 16;

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.';
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

}  // namespace

void CrmSecrets::add(std::string_view secret, std::string_view name) {
  if (secret.size() < secret_octets_min) return;
  const std::string shown = fmt::format("<{}>", name);
  const std::string encoded = percent_encoded(secret);
  secrets_.emplace_back(secret, shown);
  if (encoded != secret) secrets_.emplace_back(encoded, shown);
  std::stable_sort(secrets_.begin(), secrets_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

std::string CrmSecrets::mask(std::string text) const {
  for (const auto& [secret, shown] : secrets_) replace_all(text, secret, shown);
  for (std::size_t at = text.find(zoho_prefix); at != std::string::npos; at = text.find(zoho_prefix, at + 1)) {
    std::size_t end = at + zoho_prefix.size();
    while (end < text.size() && is_token_character(text[end])) ++end;
    if (end - at >= zoho_octets_min) text.replace(at, end - at, "<token>");
  }
  return text;
}

}  // namespace mailrig::client
