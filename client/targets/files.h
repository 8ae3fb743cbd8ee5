#pragma once
/// The few calls of the file system that a target needs, with errors that say what to do.
///
///   Result<OutputFile> file = OutputFile::create("/mail/tmp/x");
///   Status written = file->write(bytes);
///   Status durable = file->sync();
///
/// All errors are `environment` and name the file.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace mailrig::client {

class OutputFile {
 public:
  /// A new file of mode 0600; one of that name must not exist.
  static Result<OutputFile> create(const std::string& path);
  /// One to append to, made where there is none. Only a regular file: a FIFO or a device keeps no mail.
  static Result<OutputFile> append(const std::string& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&& other) noexcept;
  ~OutputFile();

  Status write(std::string_view bytes);
  /// Data and size are on the disk.
  Status sync();
  Status close();
  Result<std::uint64_t> size() const;
  Status truncate(std::uint64_t octets);
  /// Is it still what its path leads to? False where it was removed or replaced meanwhile.
  Result<bool> is_at_its_path() const;
  /// `octets` from `offset` on, handed over in pieces; fewer where the file ends before.
  Status read(std::uint64_t offset, std::uint64_t octets, const std::function<void(std::string_view)>& take) const;
  /// Nobody else may write meanwhile. Error where somebody does.
  Status lock();
  int descriptor() const { return descriptor_; }

 private:
  OutputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}

  std::string path_;
  int descriptor_ = -1;
};

/// "cannot write PATH: No space left on device; free some space"
Error file_error(std::string_view doing, const std::string& path, int number);

/// Makes the folder and those above it; fine where it is there.
Status make_folder(const std::string& path);
/// Names that were made or changed in it are on the disk.
Status sync_folder(const std::string& path);
Status rename_file(const std::string& from, const std::string& to);
Status remove_file(const std::string& path);
bool exists(const std::string& path);
/// The names in it, in no order; nothing where it cannot be read.
std::vector<std::string> names_in(const std::string& path);
/// A regular file, and none else: a FIFO would be waited for. Error limit_exceeded: it is larger than `octets_max`.
Result<std::string> read_whole_file(const std::string& path, std::uint64_t octets_max = UINT64_MAX);
/// The same, in pieces.
Status read_in_pieces(const std::string& path, const std::function<void(std::string_view)>& take);
/// "/a/b" for "/a/b/c"; "." where there is no folder in it.
std::string folder_of(const std::string& path);
std::string name_of(const std::string& path);

}  // namespace mailrig::client
