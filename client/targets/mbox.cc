#include "client/targets/mbox.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>

namespace mailrig::client {
namespace {

constexpr std::size_t buffer_octets = 1024 * 1024;
// Of what a run that was interrupted left: more is not looked through, and nothing is cut off then.
constexpr std::uint64_t left_over_octets_max = 1ULL << 30;

std::string author(const std::string& account) { return "From mailrig-" + account + "-"; }

}  // namespace

Mbox::Mbox(std::string path, const MailTargetOpening& opening) : path_(std::move(path)), opening_(opening) {}

Status Mbox::open() {
  if (Status made = make_folder(folder_of(path_)); !made) return made;
  Result<OutputFile> file = OutputFile::append(path_);
  if (!file) return file.error();
  file_ = *std::move(file);
  if (Status locked = file_->lock(); !locked) return locked;
  Result<std::uint64_t> size = file_->size();
  if (!size) return size.error();
  published_ = finished_ = flushed_ = *size;
  if (opening_.known && *size > opening_.octets) return clear_away(*size);
  return {};
}

/// What stands behind the last saved length is either ours, half done, or of another program: theirs is never touched.
Status Mbox::clear_away(std::uint64_t size) {
  Result<bool> ours = is_left_over(size);
  if (!ours) return ours.error();
  if (!*ours) return {};
  if (Status cut = file_->truncate(opening_.octets); !cut) return cut;
  published_ = finished_ = flushed_ = opening_.octets;
  return {};
}

/// True when all From lines in it are of messages that no saved state knows of.
Result<bool> Mbox::is_left_over(std::uint64_t size) const {
  if (size - opening_.octets > left_over_octets_max) return false;
  std::string tail(static_cast<std::size_t>(size - opening_.octets), '\0');
  for (std::size_t at = 0; at < tail.size();) {
    const ssize_t octets =
        ::pread(file_->descriptor(), tail.data() + at, tail.size() - at, static_cast<off_t>(opening_.octets + at));
    if (octets < 0 && errno == EINTR) continue;
    if (octets < 0) return file_error("read", path_, errno);
    if (octets == 0) return false;  // it became shorter meanwhile
    at += static_cast<std::size_t>(octets);
  }
  // Some file systems lengthen a file before its octets are there, and lose power in between.
  if (tail.find_first_not_of('\0') == std::string::npos) return true;
  const std::string ours = author(opening_.account);
  if (!tail.starts_with(ours) && !std::string_view(ours).starts_with(tail)) return false;
  for (std::size_t line = 0; line != std::string::npos && line < tail.size();) {
    const std::string_view rest = std::string_view(tail).substr(line);
    if (rest.starts_with("From ")) {
      std::uint64_t number = 0;
      const char* end = rest.data() + rest.size();
      if (rest.size() > ours.size()) {
        if (!rest.starts_with(ours)) return false;
        // A number that was cut off in the middle is too small, and was not yet saved all the same.
        const auto [stop, wrong] = std::from_chars(rest.data() + ours.size(), end, number);
        if (wrong != std::errc() || (stop != end && number < opening_.messages)) return false;
      }
    }
    const std::size_t next = tail.find('\n', line);
    line = next == std::string::npos ? next : next + 1;
  }
  return true;
}

Status Mbox::begin(std::uint64_t number) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(opening_.now.time_since_epoch()).count();
  buffer_ += fmt::format("{}{} {:%a %b %e %H:%M:%S %Y}\n", author(opening_.account), number, fmt::gmtime(seconds));
  return {};
}

Status Mbox::write(std::string_view piece) {
  quoter_.feed(piece, buffer_);
  return buffer_.size() < buffer_octets ? Status{} : flush();
}

Status Mbox::finish(std::string_view /*mark*/) {
  quoter_.finish(buffer_);
  buffer_ += '\n';
  finished_ = flushed_ + buffer_.size();
  return {};
}

void Mbox::abandon() {
  std::string ignored;
  quoter_.finish(ignored);
  if (finished_ >= flushed_) {
    buffer_.resize(static_cast<std::size_t>(finished_ - flushed_));
    return;
  }
  buffer_.clear();
  // Where this fails, what is left over is cleared away by the next run; until then nothing more is written.
  if (file_->truncate(finished_))
    flushed_ = finished_;
  else
    file_.reset();
}

Status Mbox::flush() {
  if (!file_) return Error{Errc::environment, "an incomplete message could not be taken out of " + path_, Step::store};
  if (Status written = file_->write(buffer_); !written) {
    // A part of it may be there. Where not even this helps, the next run clears it away.
    if (!file_->truncate(flushed_)) file_.reset();
    return written;
  }
  flushed_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status Mbox::publish() {
  if (finished_ == published_) return {};
  if (Status written = flush(); !written) return written;
  if (Status durable = file_->sync(); !durable) return durable;
  const bool is_new = published_ == 0;
  published_ = finished_;
  return is_new ? sync_folder(folder_of(path_)) : Status{};
}

}  // namespace mailrig::client
