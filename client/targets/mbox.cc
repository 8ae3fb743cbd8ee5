#include "client/targets/mbox.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>

#include "base/text.h"

namespace mailrig::client {
namespace {

constexpr std::size_t mbox_buffer_octets = 1024 * 1024;
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

/// A message that was not published is no mail yet.
Mbox::~Mbox() {
  if (file_ && flushed_ > published_) static_cast<void>(cut_back(published_).has_value());
}

Status Mbox::begin(std::uint64_t number) {
  if (!broken_) return broken_;
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(opening_.now.time_since_epoch()).count();
  const std::string line =
      fmt::format("{}{} {:%a %b %e %H:%M:%S %Y}\n", author(opening_.account), number, fmt::gmtime(seconds));
  begun_at_ = flushed_ + buffer_.size();
  sum_ = {};
  sum_.update(line);
  buffer_ += line;
  return {};
}

Status Mbox::write(std::string_view piece) {
  const std::size_t before = buffer_.size();
  quoter_.feed(piece, buffer_);
  sum_.update(std::string_view(buffer_).substr(before));
  return buffer_.size() < mbox_buffer_octets ? Status{} : flush();
}

Status Mbox::finish(std::string_view /*mark*/) {
  const std::size_t before = buffer_.size();
  quoter_.finish(buffer_);
  buffer_ += '\n';
  sum_.update(std::string_view(buffer_).substr(before));
  finished_ = flushed_ + buffer_.size();
  last_copy_ = {.at = begun_at_, .octets = finished_ - begun_at_, .sum = sum_.hex().substr(0, stored_sum_digits)};
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
  static_cast<void>(cut_back(finished_).has_value());
}

/// Where this fails, what is left over is cleared away by the next run; until then nothing more is written.
Status Mbox::cut_back(std::uint64_t octets) {
  Status cut = file_->truncate(octets);
  if (cut) {
    flushed_ = octets;
    return {};
  }
  file_.reset();
  if (broken_)
    broken_ = Error{Errc::environment, "an incomplete message could not be taken out of " + printable(path_, 400),
                    Step::store};
  return cut;
}

Status Mbox::flush() {
  if (!broken_) return broken_;
  if (Status written = file_->write(buffer_); !written) {
    // A part of it may be there, and must not pass for mail.
    static_cast<void>(cut_back(flushed_).has_value());
    return written;
  }
  flushed_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status Mbox::publish() {
  if (!broken_) return broken_;
  if (finished_ == published_) return {};
  Status durable = flush();
  if (durable) durable = file_->sync();
  if (durable) durable = still_there();
  if (!durable) {
    // No message since the last commit counts as stored, so none of them may stay either.
    broken_ = durable;
    buffer_.clear();
    finished_ = published_;
    if (file_ && flushed_ > published_) static_cast<void>(cut_back(published_).has_value());
    return durable;
  }
  const bool is_new = published_ == 0;
  published_ = finished_;
  return is_new ? sync_folder(folder_of(path_)) : Status{};
}

/// What is written goes to the file that was opened, which may have lost its name.
Status Mbox::still_there() {
  if (!file_) return broken_;
  Result<bool> named = file_->is_at_its_path();
  if (!named) return named.error();
  if (!*named)
    return Error{
        Errc::environment,
        fmt::format("{} was removed or replaced by another file during this fetch; what was not yet safe in it "
                    "is still on the server, and nothing more is deleted there: see to it that no other "
                    "program replaces the file, then run it again",
                    printable(path_, 400)),
        Step::store};
  Result<std::uint64_t> size = file_->size();
  if (!size) return size.error();
  if (*size < flushed_)
    return Error{Errc::environment,
                 fmt::format("{} was cut shorter by another program during this fetch, from {} octets to {}; nothing "
                             "more is deleted from the server: see to it that no other program writes the file "
                             "meanwhile, then run it again",
                             printable(path_, 400), flushed_, *size),
                 Step::store};
  return {};
}

Result<std::string> Mbox::sum_of(std::uint64_t offset, std::uint64_t octets) const {
  Sha256 sum;
  if (Status read = file_->read(offset, octets, [&sum](std::string_view piece) { sum.update(piece); }); !read)
    return read.error();
  return sum.hex().substr(0, stored_sum_digits);
}

Result<bool> Mbox::holds(const std::string& /*mark*/, const std::optional<StoredCopy>& copy) {
  if (Status there = still_there(); !there) return there.error();
  if (!copy) return false;
  Result<std::string> sum = sum_of(copy->at, copy->octets);
  if (!sum) return sum.error();
  if (*sum == copy->sum) return true;
  // A mail reader that took other messages out has moved this one.
  if (!copies_)
    if (Status found = find_copies(); !found) return found.error();
  return copies_->contains({copy->octets, copy->sum});
}

/// Of all messages of this account, by their From lines: each from there to the next From line.
Status Mbox::find_copies() {
  copies_.emplace();
  const std::string ours = author(opening_.account);
  std::uint64_t at = 0;     // of the octet that is looked at
  std::uint64_t begun = 0;  // of the message
  bool is_ours = false;
  Sha256 sum;
  std::string line;  // of its beginning, as much as tells whose it is
  bool line_start = true;
  auto end_message = [&] {
    if (is_ours) copies_->emplace(at - line.size() - begun, sum.hex().substr(0, stored_sum_digits));
    sum = {};
    begun = at - line.size();
  };
  auto end_line_start = [&] {
    if (line.starts_with("From ")) {
      end_message();
      is_ours = line == ours;
    }
    sum.update(line);
    line.clear();
    line_start = false;
  };
  Status read = file_->read(0, UINT64_MAX, [&](std::string_view piece) {
    while (!piece.empty()) {
      if (line_start) {
        const char c = piece.front();
        if (line.size() < ours.size() && c == ours[line.size()]) {
          line += c;
          ++at;
          piece.remove_prefix(1);
          if (line.size() < ours.size()) continue;
        }
        end_line_start();
        continue;
      }
      const std::size_t end = std::min(piece.find('\n'), piece.size() - 1) + 1;
      sum.update(piece.substr(0, end));
      line_start = piece[end - 1] == '\n';
      at += end;
      piece.remove_prefix(end);
    }
  });
  if (!read) return read;
  if (line_start) end_line_start();
  line.clear();
  end_message();
  return {};
}

}  // namespace mailrig::client
