#pragma once
/// A maildir (cr.yp.to/proto/maildir.html): written in tmp/, renamed to new/. For mail_target.cc.
/// A message is called 1401699600.M123456Q17_3f2a9c0d1b2e4f56.mailrig: seconds, microseconds and number of the run,
/// then its mark.

#include "client/targets/mail_target.h"
#include "client/targets/message_files.h"

namespace mailrig::client {

class Maildir final : public MailTarget {
 public:
  Maildir(std::string path, const MailTargetOpening& opening);
  Status open();

  Status begin() override { return files_.begin(); }
  Status write(std::string_view piece) override { return files_.write(piece); }
  Status finish(std::string_view mark) override;
  void abandon() override { files_.abandon(); }
  Status publish() override { return files_.publish(path_ + "/new"); }
  /// Wherever a reader has moved them within it.
  std::set<std::string> marks() const override;

 private:
  std::string path_;
  Instant now_;
  unsigned number_ = 0;
  MessageFiles files_;
};

}  // namespace mailrig::client
