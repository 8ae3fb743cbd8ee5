#include "cli/temporary.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace mailrig::cli {

TemporaryFile::~TemporaryFile() { reset({}); }

void TemporaryFile::reset(std::string path) {
  const std::string old = std::exchange(path_, std::move(path));
  if (!old.empty()) std::remove(old.c_str());
}

TemporaryFolder::TemporaryFolder(const std::string& parent) : path_(parent + "/mailrig-XXXXXX") {
  made_ = ::mkdtemp(path_.data()) != nullptr;
  if (!made_) path_ = parent;
}

TemporaryFolder::~TemporaryFolder() {
  if (!made_) return;
  std::error_code ignored;  // there is nothing that this end could do about it
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mailrig::cli
