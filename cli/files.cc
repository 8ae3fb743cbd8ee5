#include "cli/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.h"

namespace mailrig::cli {
namespace {

Error unreadable(const std::string& path, int number) {
  std::string advice = number == ENOENT   ? "check the path"
                       : number == EACCES ? "check who may read it"
                                          : "name a file that can be read";
  return {Errc::environment,
          fmt::format("cannot read {}: {}; {}", printable(path), std::generic_category().message(number), advice)};
}

Error wrong_kind(const std::string& path, mode_t mode) {
  const std::string_view kind = S_ISDIR(mode)    ? "a folder"
                                : S_ISFIFO(mode) ? "a FIFO"
                                : S_ISSOCK(mode) ? "a socket"
                                                 : "a device";
  return {Errc::environment,
          fmt::format("cannot read {}: it is {}; name a regular file, or /dev/stdin", printable(path), kind)};
}

/// Descriptors that the caller opened, by the names that Linux has for them.
bool is_passed_open(const std::string& path) {
  return path == "/dev/stdin" || path.starts_with("/dev/fd/") || path.starts_with("/proc/self/fd/");
}

/// Closes a descriptor when its time is over.
struct Descriptor {
  explicit Descriptor(int descriptor) : number(descriptor) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

}  // namespace

OutputHold::~OutputHold() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

OutputHold::OutputHold(OutputHold&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputHold& OutputHold::operator=(OutputHold&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Result<OutputHold> hold_output(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return OutputHold();
  if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode)) return OutputHold();
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor >= 0) return OutputHold(descriptor);
  const int number = errno;
  std::string why = fmt::format("{}; name another file", std::generic_category().message(number));
  if (S_ISSOCK(status.st_mode))
    why = "it is a socket; name a file";
  else if (number == ENXIO)
    why = "it is a FIFO that no program reads; start its reader first, or name a file";
  return Error{Errc::environment, fmt::format("cannot write {}: {}", printable(path), why)};
}

Result<std::string> read_file(const std::string& path, std::size_t octets_max) {
  const bool passed = is_passed_open(path);
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | (passed ? 0 : O_NONBLOCK)));
  if (file.number < 0) return errno == ENXIO ? wrong_kind(path, S_IFSOCK) : unreadable(path, errno);
  std::string bytes;
  struct stat status = {};
  if (::fstat(file.number, &status) != 0) return unreadable(path, errno);
  if (S_ISDIR(status.st_mode) || (!passed && !S_ISREG(status.st_mode))) return wrong_kind(path, status.st_mode);
  // Only a hint: a pipe has no size, and a file may grow. One octet more finds the end without a second read.
  if (S_ISREG(status.st_mode)) bytes.reserve(std::min(static_cast<std::size_t>(status.st_size), octets_max) + 1);
  constexpr std::size_t at_once = 256 * 1024;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + std::min(at_once, std::max<std::size_t>(bytes.capacity() - before, 4096)));
    const ssize_t octets = ::read(file.number, bytes.data() + before, bytes.size() - before);
    const int number = errno;
    bytes.resize(before + (octets > 0 ? static_cast<std::size_t>(octets) : 0));
    if (octets == 0) return bytes;
    if (octets < 0 && number != EINTR) return unreadable(path, number);
    if (bytes.size() > octets_max)
      return Error{Errc::limit_exceeded, fmt::format("{} is larger than {} octets, the most that mailrig takes",
                                                     printable(path), octets_max)};
  }
}

Result<std::string> read_password(const std::string& path) {
  Result<std::string> password = read_file(path, password_octets_max);
  if (!password) return password;
  if (password->ends_with('\n')) password->pop_back();
  if (password->ends_with('\r')) password->pop_back();
  if (password->empty()) return Error{Errc::bad_input, fmt::format("{} holds no password", printable(path))};
  if (password->find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return Error{Errc::bad_input, fmt::format("{} holds more than a password: a line end or a NUL is in it. It has to "
                                              "hold the password alone, in one line",
                                              printable(path))};
  return password;
}

}  // namespace mailrig::cli
