#include "mime/message/fields/idn.h"

#include <idn2.h>

#include <memory>

#include "mime/message/ascii.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

struct Free {
  void operator()(char* text) const { idn2_free(text); }
};

bool is_a_name(std::string_view domain) {
  return !domain.empty() && domain.size() <= domain_octets_max && !domain.starts_with('[') &&
         domain.find('\0') == std::string_view::npos;
}

}  // namespace

std::string domain_to_ascii(std::string_view utf8) {
  std::string domain(utf8);
  if (!is_a_name(utf8) || ascii_length(utf8) == utf8.size()) return domain;
  char* converted = nullptr;
  const int result = idn2_to_ascii_8z(domain.c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, Free> owner(converted);
  return result == IDN2_OK ? std::string(converted) : domain;
}

std::string domain_to_unicode(std::string_view ascii) {
  std::string domain(ascii);
  if (!is_a_name(ascii) || domain.find("--") == std::string::npos) return domain;  // every such label begins with xn--
  char* converted = nullptr;
  const int result = idn2_to_unicode_8z8z(lower_case(domain).c_str(), &converted, 0);
  const std::unique_ptr<char, Free> owner(converted);
  return result == IDN2_OK ? std::string(converted) : domain;
}

std::string address_to_ascii(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return std::string(address);
  return std::string(address.substr(0, at + 1)) + domain_to_ascii(address.substr(at + 1));
}

}  // namespace mailrig::mime
