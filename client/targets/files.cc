#include "client/targets/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace mailrig::client {
namespace {

std::string_view advice_for(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT: return "free some space, then run it again: what is missing is fetched then";
    case EACCES:
    case EPERM: return "check who may write there";
    case EROFS: return "the file system is read-only: choose another place";
    case ENOENT: return "check the path";
    case ENOTDIR: return "a part of the path is a file: check the path";
    case EISDIR: return "it is a folder: name a file";
    case EFBIG: return "the file would pass the limit of the system or the file system";
    default: return "check the path and the file system";
  }
}

constexpr std::size_t piece_octets = 256 * 1024;

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

/// Never waits: without O_NONBLOCK a FIFO is opened only once its other end is.
Result<int> open_file(std::string_view doing, const std::string& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0600);
  if (descriptor < 0 && errno != ENXIO) return file_error(doing, path, errno);
  struct stat status = {};
  const int known = descriptor < 0 ? ::stat(path.c_str(), &status) : ::fstat(descriptor, &status);
  if (known == 0 && S_ISREG(status.st_mode)) return descriptor;
  const int failure = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (known != 0) return file_error(doing, path, failure);
  return Error{Errc::environment,
               fmt::format("cannot {} {}: it is {}, and only a regular file will do; choose another path", doing,
                           printable(path, 400), kind_of(status.st_mode)),
               Step::store};
}

Status read_pieces(int descriptor, const std::string& path, std::uint64_t offset, std::uint64_t octets,
                   const std::function<void(std::string_view)>& take) {
  std::string piece(static_cast<std::size_t>(std::min<std::uint64_t>(octets, piece_octets)), '\0');
  while (octets > 0) {
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(octets, piece.size()));
    const ssize_t got = ::pread(descriptor, piece.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", path, errno);
    if (got == 0) return {};
    take(std::string_view(piece).substr(0, static_cast<std::size_t>(got)));
    offset += static_cast<std::uint64_t>(got);
    octets -= static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace

Error file_error(std::string_view doing, const std::string& path, int number) {
  return {Errc::environment,
          fmt::format("cannot {} {}: {}; {}", doing, printable(path, 400), std::generic_category().message(number),
                      advice_for(number)),
          Step::store};
}

Result<OutputFile> OutputFile::create(const std::string& path) {
  Result<int> descriptor = open_file("write", path, O_WRONLY | O_CREAT | O_EXCL);
  if (!descriptor) return descriptor.error();
  return OutputFile(path, *descriptor);
}

Result<OutputFile> OutputFile::append(const std::string& path) {
  Result<int> descriptor = open_file("write", path, O_RDWR | O_CREAT | O_APPEND);
  if (!descriptor) return descriptor.error();
  return OutputFile(path, *descriptor);
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputFile& OutputFile::operator=(OutputFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status OutputFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t octets = ::write(descriptor_, bytes.data(), bytes.size());
    if (octets < 0 && errno == EINTR) continue;
    if (octets < 0) return file_error("write", path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(octets));
  }
  return {};
}

Status OutputFile::sync() {
  if (::fsync(descriptor_) != 0) return file_error("write", path_, errno);
  return {};
}

Status OutputFile::close() {
  // A network file system may tell of a full disk only here.
  if (::close(std::exchange(descriptor_, -1)) != 0) return file_error("write", path_, errno);
  return {};
}

Result<std::uint64_t> OutputFile::size() const {
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) return file_error("read", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

Status OutputFile::truncate(std::uint64_t octets) {
  if (::ftruncate(descriptor_, static_cast<off_t>(octets)) != 0) return file_error("write", path_, errno);
  return {};
}

Result<bool> OutputFile::is_at_its_path() const {
  struct stat open = {};
  struct stat named = {};
  if (::fstat(descriptor_, &open) != 0) return file_error("read", path_, errno);
  if (::stat(path_.c_str(), &named) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return file_error("read", path_, errno);
  }
  return open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

Status OutputFile::read(std::uint64_t offset, std::uint64_t octets,
                        const std::function<void(std::string_view)>& take) const {
  return read_pieces(descriptor_, path_, offset, octets, take);
}

Status OutputFile::lock() {
  // fcntl's locks are what mail readers and delivery agents take on an mbox.
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(descriptor_, F_SETLK, &whole) == 0) return {};
  if (errno == EACCES || errno == EAGAIN)
    return Error{
        Errc::environment,
        fmt::format("{} is locked by another program, which reads or writes it: run it again when that is done",
                    printable(path_, 400)),
        Step::store};
  return file_error("lock", path_, errno);
}

Status make_folder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return file_error("make the folder", path, error.value());
  // "exists already" is no error to it, whatever it is that exists.
  if (!std::filesystem::is_directory(path, error)) return file_error("use the folder", path, ENOTDIR);
  return {};
}

Status sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return file_error("write the folder", path, errno);
  const int failed = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  if (failed != 0) return file_error("write the folder", path, failed);
  return {};
}

Status rename_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return file_error("write", to, errno);
  return {};
}

Status remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return file_error("remove", path, errno);
  return {};
}

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
    names.push_back(at->path().filename().string());
  return names;
}

Result<std::string> read_whole_file(const std::string& path, std::uint64_t octets_max) {
  Result<int> descriptor = open_file("read", path, O_RDONLY);
  if (!descriptor) return descriptor.error();
  std::string bytes;
  // One octet more than it may have tells that it is larger, also where it grows meanwhile.
  const std::uint64_t looked_at = octets_max == UINT64_MAX ? octets_max : octets_max + 1;
  struct stat status = {};
  const bool is_larger = ::fstat(*descriptor, &status) == 0 && static_cast<std::uint64_t>(status.st_size) > octets_max;
  Status read;
  if (!is_larger)
    read = read_pieces(*descriptor, path, 0, looked_at, [&bytes](std::string_view piece) { bytes += piece; });
  ::close(*descriptor);
  if (!read) return read.error();
  if (is_larger || bytes.size() > octets_max)
    return Error{Errc::limit_exceeded, fmt::format("{} is larger than {} octets", printable(path, 400), octets_max),
                 Step::store};
  return bytes;
}

Status read_in_pieces(const std::string& path, const std::function<void(std::string_view)>& take) {
  Result<int> descriptor = open_file("read", path, O_RDONLY);
  if (!descriptor) return descriptor.error();
  Status read = read_pieces(*descriptor, path, 0, UINT64_MAX, take);
  ::close(*descriptor);
  return read;
}

std::string folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string name_of(const std::string& path) { return std::filesystem::path(path).filename().string(); }

}  // namespace mailrig::client
