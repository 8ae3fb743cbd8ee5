#include "net/tls/tls_records.h"

#include <algorithm>

namespace mailrig {
namespace {

constexpr char change_cipher_spec = 20;  // the lowest type of a record; alert 21, handshake 22, application data 23
constexpr char handshake = 22;
constexpr char application_data = 23;
constexpr char version_major = 3;
constexpr std::size_t record_header = 5;              // type, version (2), length (2)
constexpr std::size_t record_octets_max = 16 * 1024;  // RFC 5246 §6.2.1
constexpr std::size_t message_header = 4;             // type, length (3)
constexpr char certificate_message = 11;

std::size_t number(std::string_view octets) {
  std::size_t value = 0;
  for (char octet : octets) value = value * 256 + static_cast<unsigned char>(octet);
  return value;
}
void append_number(std::string& to, std::size_t value, int octets) {
  for (int i = octets - 1; i >= 0; --i) to += static_cast<char>(value >> (8 * i) & 0xff);
}

std::string certificate_body(const std::vector<std::string>& certificates) {
  std::string list;
  for (const std::string& der : certificates) {
    append_number(list, der.size(), 3);
    list += der;
  }
  std::string body;
  append_number(body, list.size(), 3);
  return body + list;
}

/// Messages one after the other, with the body of each Certificate exchanged.
std::string with_certificates(std::string_view messages, const std::vector<std::string>& certificates) {
  std::string exchanged;
  while (messages.size() >= message_header) {
    std::size_t length = std::min(number(messages.substr(1, 3)), messages.size() - message_header);
    std::string_view body = messages.substr(message_header, length);
    if (messages[0] == certificate_message) {
      std::string other = certificate_body(certificates);
      exchanged += certificate_message;
      append_number(exchanged, other.size(), 3);
      exchanged += other;
    } else {
      exchanged += messages.substr(0, message_header + body.size());
    }
    messages.remove_prefix(message_header + body.size());
  }
  return exchanged;
}

}  // namespace

bool could_be_tls(std::string_view first_octets) {
  if (first_octets.empty()) return true;
  if (first_octets[0] < change_cipher_spec || first_octets[0] > application_data) return false;
  return first_octets.size() < 2 || first_octets[1] == version_major;
}

std::string replace_certificates(std::string_view flight, const std::vector<std::string>& certificates) {
  std::string version;
  std::string messages;
  while (flight.size() >= record_header && flight[0] == handshake) {
    std::size_t length = std::min(number(flight.substr(3, 2)), flight.size() - record_header);
    version = flight.substr(1, 2);
    messages += flight.substr(record_header, length);
    flight.remove_prefix(record_header + length);
  }
  std::string replaced;
  std::string exchanged = with_certificates(messages, certificates);
  for (std::size_t at = 0; at < exchanged.size(); at += record_octets_max) {
    std::string_view part = std::string_view(exchanged).substr(at, record_octets_max);
    replaced += handshake;
    replaced += version;
    append_number(replaced, part.size(), 2);
    replaced += part;
  }
  return replaced + std::string(flight);
}

}  // namespace mailrig
