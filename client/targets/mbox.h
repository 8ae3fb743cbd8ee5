#pragma once
/// An mbox file in the mboxrd dialect. For mail_target.cc.
///
/// A message is a line "From mailrig-ACCOUNT-NUMBER Mon Jun  2 09:00:00 2014" ended by LF, its octets quoted
/// (MboxQuoter), and one LF. So what stands between a From line and the LF before the next one (or the last LF of the
/// file), unquoted, is the message, octet for octet, whether it ended in CRLF, in LF or in neither.

#include <optional>
#include <set>
#include <utility>

#include "base/sha256.h"
#include "client/targets/files.h"
#include "client/targets/mail_target.h"
#include "client/targets/mbox_quoter.h"

namespace mailrig::client {

class Mbox final : public MailTarget {
 public:
  Mbox(std::string path, const MailTargetOpening& opening);
  ~Mbox() override;
  Mbox(const Mbox&) = delete;
  Mbox& operator=(const Mbox&) = delete;
  Status open();

  Status begin(std::uint64_t number) override;
  Status write(std::string_view piece) override;
  Status finish(std::string_view mark) override;
  void abandon() override;
  Status publish() override;
  bool grows() const override { return true; }
  std::uint64_t octets() const override { return published_; }
  bool finds_by_mark() const override { return false; }
  Result<bool> holds(const std::string& mark, const std::optional<StoredCopy>& copy) override;

 private:
  Status clear_away(std::uint64_t size);
  Result<bool> is_left_over(std::uint64_t size) const;
  Status flush();
  Status cut_back(std::uint64_t octets);
  Status still_there();
  Result<std::string> sum_of(std::uint64_t offset, std::uint64_t octets) const;
  Status find_copies();

  std::string path_;
  MailTargetOpening opening_;
  std::optional<OutputFile> file_;
  MboxQuoter quoter_;
  std::string buffer_;
  std::uint64_t published_ = 0;  // octets of the file that stay
  std::uint64_t finished_ = 0;   // octets up to the end of the last finished message, some of them in the buffer
  std::uint64_t flushed_ = 0;    // octets that are in the file
  std::uint64_t begun_at_ = 0;   // where the message in hand begins
  Sha256 sum_;                   // of the message in hand, as it is in the file
  Status broken_;                // why nothing more can be written
  // Octets and sums of the messages that are there, wherever they are: looked up when one is not where it was put.
  std::optional<std::set<std::pair<std::uint64_t, std::string>>> copies_;
};

}  // namespace mailrig::client
