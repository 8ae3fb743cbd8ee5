#pragma once
/// A message a file: written under a name that nobody looks at, renamed once it is durable. What maildir and eml have
/// in common. For client/targets only.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "client/targets/files.h"
#include "client/targets/mail_target.h"

namespace mailrig::client {

struct NumberedMark {
  std::uint64_t number = 0;
  std::string mark;
};
/// "17_3f2a9c0d1b2e4f56", apart by `separator`.
std::optional<NumberedMark> parse_numbered_mark(std::string_view text, char separator);

/// Which file holds which mark, in folders whose names other programs may change.
class MarkedFiles {
 public:
  /// `mark_in(name)`: the mark that a file's name holds, or nothing.
  MarkedFiles(std::vector<std::string> folders, std::function<std::optional<std::string>(const std::string&)> mark_in)
      : folders_(std::move(folders)), mark_in_(std::move(mark_in)) {}

  /// Is one of the files of this mark `copy`, octet for octet? Without `copy`: is there one that is not empty?
  bool holds(const std::string& mark, const std::optional<StoredCopy>& copy);
  std::optional<StoredCopy> measure(const std::string& mark);

 private:
  void look();
  bool any_of(const std::string& mark, const std::function<bool(const std::string& path)>& is_it);

  std::vector<std::string> folders_;
  std::function<std::optional<std::string>(const std::string&)> mark_in_;
  std::unordered_multimap<std::string, std::string> paths_;  // by mark
  unsigned looks_ = 0;
};

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
  /// Of the message that was finished last.
  const StoredCopy& last_copy() const { return last_copy_; }
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
  Sha256 sum_;
  StoredCopy last_copy_;
  std::uint64_t octets_ = 0;
  std::vector<std::pair<std::string, std::string>> finished_;  // from, to
};

}  // namespace mailrig::client
