#include "cli/mail_output.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"

namespace mailrig::cli {

MailOutput::MailOutput(Program& program, std::string path) : program_(program), path_(std::move(path)) {
  if (path_.empty()) return;
  unfinished_ = path_ + ".unfinished";
  file_.open(unfinished_, std::ios::binary | std::ios::trunc);
}

MailOutput::~MailOutput() {
  std::error_code ignored;
  if (!unfinished_.empty()) std::filesystem::remove(unfinished_, ignored);
}

Status MailOutput::write(std::string_view octets) {
  std::ostream& stream = path_.empty() ? program_.out : file_;
  stream.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  if (!stream)
    return Error{Errc::environment,
                 fmt::format("{} cannot be written", path_.empty() ? "standard output" : printable(path_))};
  return {};
}

Status MailOutput::finish() {
  if (path_.empty()) return {};
  file_.close();
  std::error_code failure;
  if (file_) std::filesystem::rename(unfinished_, path_, failure);
  if (!file_ || failure) return Error{Errc::environment, fmt::format("{} cannot be written", printable(path_))};
  unfinished_.clear();
  return {};
}

}  // namespace mailrig::cli
