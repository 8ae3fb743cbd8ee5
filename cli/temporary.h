#pragma once
/// Files and folders that go away with their owner, on every way out that destroys it.
///
///   const TemporaryFolder scratch("/tmp");        // /tmp/mailrig-Ab12Cd
///   TemporaryFile ca(path);                       // removes path, which somebody else writes

#include <string>

namespace mailrig::cli {

class TemporaryFile {
 public:
  /// Empty: none.
  explicit TemporaryFile(std::string path = {}) : path_(std::move(path)) {}
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }
  /// Removes what there was before.
  void reset(std::string path);

 private:
  std::string path_;
};

class TemporaryFolder {
 public:
  /// A new folder in `parent`; where none can be made, `parent` itself, which stays.
  explicit TemporaryFolder(const std::string& parent);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

}  // namespace mailrig::cli
