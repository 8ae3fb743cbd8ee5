#include "cli/mail_files.h"

#include <algorithm>

#include "base/text.h"
#include "cli/files.h"
#include "mime/reading.h"

namespace mailrig::cli {

Result<std::string> read_mail(const std::string& path) {
  return read_file(path == "-" ? "/dev/stdin" : path, mail_octets_max);
}

std::string mail_name(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

std::string as_sent(std::string text) {
  if (text.find("\r\n") != std::string::npos) return text;
  return mime::with_crlf(text);
}

Place place_of(std::string_view text, std::uint64_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {1 + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n')),
          1 + before.size() - line_start};
}

}  // namespace mailrig::cli
