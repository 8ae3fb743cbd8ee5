#include "client/targets/message_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace mailrig::client {
namespace {

// Most mail fits: then a message costs one open, one write and one close.
constexpr std::size_t buffer_octets = 256 * 1024;
// Up to so many files are made durable one by one; more of them by one syncfs, which writes out the whole file system
// once, where an fsync each waits for the disk each time (3.7 ms on the machine of docs/performance.md).
constexpr std::size_t single_syncs_max = 4;
constexpr std::size_t mark_digits = 16;
// A file that is not where it was is looked for by reading its folders again: readers rename what they show. So often
// in a run, so that a folder of many names from which many are gone costs no more than a few times its length.
constexpr unsigned looks_max = 8;

std::optional<StoredCopy> measure_file(const std::string& path) {
  StoredCopy copy;
  Sha256 sum;
  const Status read = read_in_pieces(path, [&](std::string_view piece) {
    copy.octets += piece.size();
    sum.update(piece);
  });
  if (!read) return std::nullopt;
  copy.sum = sum.hex().substr(0, stored_sum_digits);
  return copy;
}

}  // namespace

std::optional<NumberedMark> parse_numbered_mark(std::string_view text, char separator) {
  std::uint64_t number = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (wrong != std::errc() || digits == text.size() || *end != separator) return std::nullopt;
  const std::string_view mark = text.substr(digits + 1);
  if (mark.size() != mark_digits) return std::nullopt;
  // Made in its place: moving one whose size is known makes g++ 12 -O2 warn of reading past the short string.
  std::optional<NumberedMark> found(std::in_place);
  found->number = number;
  found->mark.assign(mark);
  return found;
}

void MarkedFiles::look() {
  ++looks_;
  paths_.clear();
  for (const std::string& folder : folders_)
    for (const std::string& name : names_in(folder))
      if (std::optional<std::string> mark = mark_in_(name)) paths_.emplace(*std::move(mark), folder + "/" + name);
}

bool MarkedFiles::any_of(const std::string& mark, const std::function<bool(const std::string& path)>& is_it) {
  for (bool again = looks_ > 0;; again = false) {
    if (!again) {
      if (looks_ == looks_max) return false;
      look();
    }
    const auto [begin, end] = paths_.equal_range(mark);
    if (std::any_of(begin, end, [&](const auto& entry) { return is_it(entry.second); })) return true;
    if (!again) return false;
  }
}

bool MarkedFiles::holds(const std::string& mark, const std::optional<StoredCopy>& copy) {
  return any_of(mark, [&](const std::string& path) {
    const std::optional<StoredCopy> found = measure_file(path);
    return found && (copy ? *found == *copy : found->octets > 0);
  });
}

std::optional<StoredCopy> MarkedFiles::measure(const std::string& mark) {
  std::optional<StoredCopy> found;
  any_of(mark, [&](const std::string& path) {
    found = measure_file(path);
    return found.has_value();
  });
  return found;
}

Status MessageFiles::clear_away() {
  for (const std::string& name : names_in(folder_))
    if (name.starts_with(prefix_))
      if (Status gone = remove_file(folder_ + "/" + name); !gone) return gone;
  return {};
}

Status MessageFiles::begin() {
  path_ = fmt::format("{}/{}{}", folder_, prefix_, ++number_);
  buffer_.clear();
  file_.reset();
  begun_ = true;
  octets_ = 0;
  sum_ = {};
  return {};
}

Status MessageFiles::write(std::string_view piece) {
  buffer_ += piece;
  octets_ += piece.size();
  sum_.update(piece);
  return buffer_.size() < buffer_octets ? Status{} : flush();
}

Status MessageFiles::flush() {
  if (!file_) {
    Result<OutputFile> file = OutputFile::create(path_);
    if (!file) return file.error();
    file_ = *std::move(file);
  }
  Status written = file_->write(buffer_);
  buffer_.clear();
  return written;
}

Status MessageFiles::finish(std::string path) {
  if (Status written = flush(); !written) return written;
  if (Status closed = file_->close(); !closed) return closed;
  file_.reset();
  begun_ = false;
  last_copy_ = {.at = 0, .octets = octets_, .sum = sum_.hex().substr(0, stored_sum_digits)};
  finished_.emplace_back(path_, std::move(path));
  return {};
}

void MessageFiles::abandon() {
  if (!begun_) return;
  begun_ = false;
  if (!file_) return;
  file_.reset();
  // Where even this fails, the next run clears it away.
  Status gone = remove_file(path_);
  static_cast<void>(gone);
}

Status MessageFiles::publish(const std::string& folder) {
  if (finished_.empty()) return {};
  // First the octets, then the names: a name never leads to less than the whole message.
  if (Status durable = make_durable(); !durable) return durable;
  for (const auto& [from, to] : finished_)
    if (Status renamed = rename_file(from, to); !renamed) return renamed;
  finished_.clear();
  return sync_folder(folder);
}

Status MessageFiles::make_durable() {
  if (finished_.size() > single_syncs_max) {
    const int descriptor = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return file_error("write the folder", folder_, errno);
    const int failed = ::syncfs(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (failed != 0) return file_error("write the folder", folder_, failed);
    return {};
  }
  for (const auto& [from, to] : finished_) {
    Result<OutputFile> file = OutputFile::append(from);
    if (!file) return file.error();
    if (Status durable = file->sync(); !durable) return durable;
  }
  return {};
}

}  // namespace mailrig::client
