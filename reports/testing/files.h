#pragma once
/// Files that a test hands to another program.

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

namespace mailrig::reports::testing {

inline void write_file(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

inline std::string read_file(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace mailrig::reports::testing
