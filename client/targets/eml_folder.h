#pragma once
/// A folder of files, NUMBER-MARK.eml: 000017-3f2a9c0d1b2e4f56.eml, so that they sort as they came. For mail_target.cc.

#include <fmt/format.h>

#include "client/targets/mail_target.h"
#include "client/targets/message_files.h"

namespace mailrig::client {

class EmlFolder final : public MailTarget {
 public:
  EmlFolder(std::string path, const MailTargetOpening& opening)
      : path_(std::move(path)),
        saved_(opening.messages),
        files_(path_, ".mailrig-" + opening.account + "."),
        there_({path_}, mark_in) {}
  Status open() {
    if (Status made = make_folder(path_); !made) return made;
    return files_.clear_away();
  }

  Status begin(std::uint64_t number) override {
    number_ = number;
    return files_.begin();
  }
  Status write(std::string_view piece) override { return files_.write(piece); }
  Status finish(std::string_view mark) override {
    Status finished = files_.finish(fmt::format("{}/{:06}-{}.eml", path_, number_, mark));
    last_copy_ = files_.last_copy();
    return finished;
  }
  void abandon() override { files_.abandon(); }
  Status publish() override { return files_.publish(path_); }
  Result<bool> holds(const std::string& mark, const std::optional<StoredCopy>& copy) override {
    return there_.holds(mark, copy);
  }
  std::optional<StoredCopy> measure(const std::string& mark) override { return there_.measure(mark); }
  std::map<std::string, std::uint64_t> unsaved() const override {
    std::map<std::string, std::uint64_t> marks;
    for (const std::string& name : names_in(path_)) {
      const std::optional<NumberedMark> found = parse(name);
      if (found && found->number >= saved_) marks[found->mark] = found->number;
    }
    return marks;
  }

 private:
  static std::optional<NumberedMark> parse(const std::string& name) {
    if (!name.ends_with(".eml")) return std::nullopt;
    return parse_numbered_mark(std::string_view(name).substr(0, name.size() - 4), '-');
  }
  static std::optional<std::string> mark_in(const std::string& name) {
    std::optional<NumberedMark> found = parse(name);
    return found ? std::optional(std::move(found->mark)) : std::nullopt;
  }

  std::string path_;
  std::uint64_t saved_;
  std::uint64_t number_ = 0;
  MessageFiles files_;
  MarkedFiles there_;
};

}  // namespace mailrig::client
