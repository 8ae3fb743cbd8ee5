#pragma once
/// An mbox file in the mboxrd dialect. For mail_target.cc.
///
/// A message is a line "From mailrig-ACCOUNT-NUMBER Mon Jun  2 09:00:00 2014" ended by LF, its octets quoted
/// (MboxQuoter), and one LF. So what stands between a From line and the LF before the next one (or the last LF of the
/// file), unquoted, is the message, octet for octet, whether it ended in CRLF, in LF or in neither.

#include <optional>

#include "client/targets/files.h"
#include "client/targets/mail_target.h"
#include "client/targets/mbox_quoter.h"

namespace mailrig::client {

class Mbox final : public MailTarget {
 public:
  Mbox(std::string path, const MailTargetOpening& opening);
  Status open();

  Status begin(std::uint64_t number) override;
  Status write(std::string_view piece) override;
  Status finish(std::string_view mark) override;
  void abandon() override;
  Status publish() override;
  bool grows() const override { return true; }
  std::uint64_t octets() const override { return published_; }

 private:
  Status clear_away(std::uint64_t size);
  Result<bool> is_left_over(std::uint64_t size) const;
  Status flush();

  std::string path_;
  MailTargetOpening opening_;
  std::optional<OutputFile> file_;
  MboxQuoter quoter_;
  std::string buffer_;
  std::uint64_t published_ = 0;  // octets of the file that stay
  std::uint64_t finished_ = 0;   // octets up to the end of the last finished message, some of them in the buffer
  std::uint64_t flushed_ = 0;    // octets that are in the file
};

}  // namespace mailrig::client
