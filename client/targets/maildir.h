#pragma once
/// A maildir (cr.yp.to/proto/maildir.html): written in tmp/, renamed to new/. For mail_target.cc.
/// A message is called 1401699600.M123456Q17_3f2a9c0d1b2e4f56.mailrig: seconds and microseconds of the run, then number
/// and mark of the message.

#include "client/targets/mail_target.h"
#include "client/targets/message_files.h"

namespace mailrig::client {

class Maildir final : public MailTarget {
 public:
  Maildir(std::string path, const MailTargetOpening& opening);
  Status open();

  Status begin(std::uint64_t number) override {
    number_ = number;
    return files_.begin();
  }
  Status write(std::string_view piece) override { return files_.write(piece); }
  Status finish(std::string_view mark) override;
  void abandon() override { files_.abandon(); }
  Status publish() override { return files_.publish(path_ + "/new"); }
  /// In new/ or cur/, whatever flags a reader has given it. Not in another folder: whether what was moved there is to
  /// stay is for its user to say.
  Result<bool> holds(const std::string& mark, const std::optional<StoredCopy>& copy) override {
    return there_.holds(mark, copy);
  }
  std::optional<StoredCopy> measure(const std::string& mark) override { return there_.measure(mark); }
  /// Wherever a reader has moved them within it.
  std::map<std::string, std::uint64_t> unsaved() const override;

 private:
  std::string path_;
  MailTargetOpening opening_;
  std::uint64_t number_ = 0;
  MessageFiles files_;
  MarkedFiles there_;
};

}  // namespace mailrig::client
