#pragma once
/// One open conversion of the C library to UTF-8 (iconv). For mime/message/coding/charset*.cc only.
///
///   Conversion conversion("EUC-JP");
///   int failure = conversion.convert(octets, out);       // takes off what could be converted

#include <iconv.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

namespace mailrig::mime {

/// An open conversion to UTF-8; conversions that the C library lacks are closed from the start.
class Conversion {
 public:
  explicit Conversion(std::string_view from) {
    if (!from.empty()) handle_ = iconv_open("UTF-8", std::string(from).c_str());
  }
  ~Conversion() {
    if (is_open()) iconv_close(handle_);
  }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  bool is_open() const { return handle_ != closed(); }
  void reset() {
    if (is_open()) iconv(handle_, nullptr, nullptr, nullptr, nullptr);
  }

  /// Takes off `octets` what could be converted and appends it to out: 0, or EILSEQ or EINVAL where it stands now.
  int convert(std::string_view& octets, std::string& out) {
    // iconv wants char** and changes no octet.
    char* from = const_cast<char*>(octets.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    std::size_t from_left = octets.size();
    int failure = E2BIG;
    while (failure == E2BIG) {
      std::array<char, 4096> buffer;
      char* to = buffer.data();
      std::size_t to_left = buffer.size();
      failure = iconv(handle_, &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1) ? errno : 0;
      out.append(buffer.data(), buffer.size() - to_left);
    }
    octets.remove_prefix(octets.size() - from_left);
    return failure;
  }

  /// What the conversion holds back (Vietnamese letters that could still get an accent).
  void flush(std::string& out) {
    std::array<char, 64> buffer;
    char* to = buffer.data();
    std::size_t to_left = buffer.size();
    iconv(handle_, nullptr, nullptr, &to, &to_left);
    out.append(buffer.data(), buffer.size() - to_left);
  }

 private:
  static iconv_t closed() { return reinterpret_cast<iconv_t>(-1); }  // NOLINT(performance-no-int-to-ptr): POSIX
  iconv_t handle_ = closed();
};

}  // namespace mailrig::mime
