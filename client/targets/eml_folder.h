#pragma once
/// A folder of files, MARK.eml. The same message has the same name at every fetch. For mail_target.cc.

#include "client/targets/mail_target.h"
#include "client/targets/message_files.h"

namespace mailrig::client {

class EmlFolder final : public MailTarget {
 public:
  EmlFolder(std::string path, const MailTargetOpening& opening)
      : path_(std::move(path)), files_(path_, ".mailrig-" + opening.account + ".") {}
  Status open() {
    if (Status made = make_folder(path_); !made) return made;
    return files_.clear_away();
  }

  Status begin() override { return files_.begin(); }
  Status write(std::string_view piece) override { return files_.write(piece); }
  Status finish(std::string_view mark) override { return files_.finish(path_ + "/" + std::string(mark) + ".eml"); }
  void abandon() override { files_.abandon(); }
  Status publish() override { return files_.publish(path_); }
  std::set<std::string> marks() const override {
    std::set<std::string> marks;
    for (const std::string& name : names_in(path_))
      if (name.ends_with(".eml")) marks.insert(name.substr(0, name.size() - 4));
    return marks;
  }

 private:
  std::string path_;
  MessageFiles files_;
};

}  // namespace mailrig::client
