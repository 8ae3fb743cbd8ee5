#pragma once
/// Python's email package as a second opinion: a program of ours reads a folder of files, and says what it found.
///
///   if (!has_python()) GTEST_SKIP() << "python3 is not installed";
///   Folder folder("compose");
///   folder.put("1.eml", message);
///   EXPECT_EQ(python(folder, program), "read 1\n");

#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace mailrig::mime::testing {

/// A folder of its own, gone at the end.
class Folder {
 public:
  explicit Folder(std::string_view name)
      : path_(std::filesystem::temp_directory_path() / (std::string(name) + '.' + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  void put(const std::string& name, std::string_view octets) const {
    std::ofstream(path_ / name, std::ios::binary).write(octets.data(), static_cast<std::streamsize>(octets.size()));
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

inline bool has_python() { return std::filesystem::exists("/usr/bin/python3"); }

/// What the program prints, errors too; it is given the folder's path.
inline std::string python(const Folder& folder, std::string_view program) {
  folder.put("program.py", program);
  const std::string command = "/usr/bin/python3 '" + folder.path() + "/program.py' '" + folder.path() + "' 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "python3 cannot be started";
  std::string printed;
  std::array<char, 4096> piece{};
  for (std::size_t count = 0; (count = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
    printed.append(piece.data(), count);
  ::pclose(pipe);
  return printed;
}

}  // namespace mailrig::mime::testing
