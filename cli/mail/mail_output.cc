#include "cli/mail/mail_output.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/text.h"

namespace mailrig::cli {

MailOutput::MailOutput(Program& program, std::string path) : program_(program), path_(std::move(path)) {
  if (path_.empty()) return;
  // A device or a FIFO is written to; a file takes its place only once it is whole.
  std::error_code missing;
  const std::filesystem::file_status before = std::filesystem::status(path_, missing);
  const bool in_place = std::filesystem::exists(before) && std::filesystem::is_other(before);
  if (!in_place) unfinished_ = path_ + ".unfinished";
  Result<OutputHold> hold = hold_output(path_);
  if (!hold) {
    opening_ = hold.error();
    return;
  }
  hold_ = *std::move(hold);
  file_.open(in_place ? path_ : unfinished_, std::ios::binary | std::ios::trunc);
}

MailOutput::~MailOutput() {
  std::error_code ignored;
  if (!unfinished_.empty()) std::filesystem::remove(unfinished_, ignored);
}

Status MailOutput::write(std::string_view octets) {
  if (!opening_) return opening_;
  std::ostream& stream = path_.empty() ? program_.out : file_;
  stream.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  if (!stream)
    return Error{Errc::environment,
                 fmt::format("{} cannot be written", path_.empty() ? "standard output" : printable(path_))};
  return {};
}

Status MailOutput::finish() {
  if (path_.empty()) return {};
  if (!opening_) return opening_;
  file_.close();
  std::error_code failure;
  if (file_ && !unfinished_.empty()) std::filesystem::rename(unfinished_, path_, failure);
  if (!file_ || failure) return Error{Errc::environment, fmt::format("{} cannot be written", printable(path_))};
  unfinished_.clear();
  return {};
}

}  // namespace mailrig::cli
