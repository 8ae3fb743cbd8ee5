#pragma once
/// A message a file: written under a name that nobody looks at, renamed once it is durable. What maildir and eml have
/// in common. For client/targets only.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/targets/files.h"

namespace mailrig::client {

struct NumberedMark {
  std::uint64_t number = 0;
  std::string mark;
};
/// "17_3f2a9c0d1b2e4f56", apart by `separator`.
std::optional<NumberedMark> parse_numbered_mark(std::string_view text, char separator);

class MessageFiles {
 public:
  /// Half-done files are `folder`/`prefix`N.
  MessageFiles(std::string folder, std::string prefix) : folder_(std::move(folder)), prefix_(std::move(prefix)) {}

  /// Removes what a run that was interrupted left.
  Status clear_away();

  Status begin();
  Status write(std::string_view piece);
  /// `path` is what it will be called.
  Status finish(std::string path);
  void abandon();
  /// Durable, renamed, and the new names durable too. `folder` is where they all go.
  Status publish(const std::string& folder);

 private:
  Status flush();
  Status make_durable();

  std::string folder_;
  std::string prefix_;
  unsigned number_ = 0;
  std::string path_;  // of the message in hand
  std::optional<OutputFile> file_;
  std::string buffer_;
  bool begun_ = false;
  std::vector<std::pair<std::string, std::string>> finished_;  // from, to
};

}  // namespace mailrig::client
