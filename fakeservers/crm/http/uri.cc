#include "fakeservers/crm/http/uri.h"

#include <algorithm>
#include <array>

namespace mailrig::fakeservers::crm {
namespace {

// Every parameter of the token calls, and of the v1 API, that stands for a right.
constexpr std::array<std::string_view, 6> secret_parameters{"refresh_token", "client_secret", "code",
                                                            "token",         "access_token",  "authtoken"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view encoded, bool plus_is_blank) {
  std::string text;
  text.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] == '%' && i + 2 < encoded.size() && hex_digit(encoded[i + 1]) >= 0 &&
        hex_digit(encoded[i + 2]) >= 0) {
      text += static_cast<char>(hex_digit(encoded[i + 1]) * 16 + hex_digit(encoded[i + 2]));
      i += 2;
    } else {
      text += plus_is_blank && encoded[i] == '+' ? ' ' : encoded[i];
    }
  }
  return text;
}

/// Calls take(name, value) for each raw pair.
template <class Take>
void each_pair(std::string_view encoded, Take take) {
  while (!encoded.empty()) {
    std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(encoded.size(), pair.size() + 1));
    if (pair.empty()) continue;
    std::string_view name = pair.substr(0, pair.find('='));
    take(name, pair.substr(std::min(pair.size(), name.size() + 1)));
  }
}

/// RFC 9112 §3.2.2: a server takes the absolute form too.
std::string_view without_origin(std::string_view target) {
  std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == std::string_view::npos) return target;
  std::size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

Query Query::parse(std::string_view encoded) {
  Query query;
  each_pair(encoded, [&](std::string_view name, std::string_view value) {
    query.pairs_.emplace_back(decode(name, true), decode(value, true));
  });
  return query;
}

const std::string* Query::find(std::string_view name) const {
  auto found = std::ranges::find(pairs_, name, [](const auto& pair) { return std::string_view(pair.first); });
  return found == pairs_.end() ? nullptr : &found->second;
}

std::string Query::text(std::string_view name) const {
  const std::string* value = find(name);
  return value == nullptr ? std::string() : *value;
}

void Query::append(Query more) {
  pairs_.insert(pairs_.end(), std::make_move_iterator(more.pairs_.begin()), std::make_move_iterator(more.pairs_.end()));
}

Target parse_target(std::string_view target) {
  Target result;
  std::string_view rest = without_origin(target);
  std::string_view path = rest.substr(0, rest.find('?'));
  result.path = path;
  if (path.size() < rest.size()) result.query = Query::parse(rest.substr(path.size() + 1));
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty()) {
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), segment.size() + 1));
    result.segments.push_back(decode(segment, false));
  }
  return result;
}

bool is_secret_parameter(std::string_view name) {
  return std::ranges::find(secret_parameters, name) != secret_parameters.end();
}

std::string masked_target(std::string_view target) {
  std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::string(target);
  std::string shown(target.substr(0, mark));
  char separator = '?';
  each_pair(target.substr(mark + 1), [&](std::string_view name, std::string_view value) {
    std::string plain = decode(name, true);
    shown += std::exchange(separator, '&');
    shown += name;
    if (is_secret_parameter(plain))
      shown += "=<" + plain + '>';
    else if (!value.empty())
      shown += '=' + std::string(value);
  });
  return shown;
}

}  // namespace mailrig::fakeservers::crm
