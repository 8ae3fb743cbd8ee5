#include "cli/mail/mail_files.h"

#include "base/text.h"
#include "cli/files.h"
#include "mime/message/facts/message_json.h"

namespace mailrig::cli {

Result<std::string> read_mail(const std::string& path) {
  return read_file(path == "-" ? "/dev/stdin" : path, mail_octets_max);
}

std::string mail_name(const std::string& path) { return path == "-" ? "standard input" : printable(path); }

std::string as_sent(std::string text) {
  if (text.find("\r\n") != std::string::npos) return text;
  return mime::with_crlf(text);
}

Place Places::at(std::uint64_t offset) {
  if (offset < line_start_) {
    line_ = 1;
    line_start_ = 0;
  }
  for (std::size_t lf = text_.find('\n', line_start_); lf < offset; lf = text_.find('\n', line_start_)) {
    ++line_;
    line_start_ = lf + 1;
  }
  return {line_, 1 + offset - line_start_};
}

}  // namespace mailrig::cli
