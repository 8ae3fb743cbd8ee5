#pragma once
/// Where `mailrig fetch` puts mail: a maildir, a folder of .eml files, or an mbox file. The octets are kept as they
/// were received, dots unstuffed, CRLF included; docs/fetch.md tells how each format gives them back.
///
///   Result<std::unique_ptr<MailTarget>> target = open_mail_target({MailTargetKind::maildir, "/mail/anna"}, opening);
///   target->begin(0);  target->write(piece);  target->finish("3f2a...");      // whole, but nobody sees it yet
///   target->publish();                                                      // durable, and there to be read
///
/// What was not published when the program or the machine stopped leaves no trace that a reader would take for mail.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace mailrig::client {

enum class MailTargetKind : std::uint8_t { maildir, eml, mbox };

struct MailTargetPlace {
  MailTargetKind kind = MailTargetKind::maildir;
  std::string path;

  /// "maildir:DIR", "eml:DIR" or "mbox:FILE". Error bad_input.
  static Result<MailTargetPlace> parse(std::string_view text);
  std::string text() const;  // the same again
};

/// How a message was put into its target, by which it is found again before the server's copy is deleted.
struct StoredCopy {
  std::uint64_t at = 0;  // mbox: where its From line begins
  std::uint64_t octets = 0;
  std::string sum;  // of these octets of the target: the first 16 hexadecimal digits of their SHA-256

  bool operator==(const StoredCopy&) const = default;
};
inline constexpr std::size_t stored_sum_digits = 16;

/// What a target has to know of the run.
struct MailTargetOpening {
  /// 16 hexadecimal digits that stand for server and user: whose mail this is.
  std::string account;
  /// Of the mbox: how long it was when the state was last saved, and how many messages had been put into it.
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  bool known = false;  // there is a saved state
  Instant now{};
};

class MailTarget {
 public:
  virtual ~MailTarget() = default;

  /// `number`: of this account's messages in this target, from 0; the first that no saved state knows of is
  /// MailTargetOpening::messages.
  virtual Status begin(std::uint64_t number) = 0;
  virtual Status write(std::string_view piece) = 0;
  /// `mark`: 16 hexadecimal digits that stand for this message of this account, for ever.
  virtual Status finish(std::string_view mark) = 0;
  /// The message that was begun is forgotten.
  virtual void abandon() = 0;
  /// All finished messages become visible, and survive a loss of power from now on.
  virtual Status publish() = 0;

  /// Of the message that was finished last.
  const StoredCopy& last_copy() const { return last_copy_; }
  /// Does what the target's path leads to now hold this message, octet for octet? Looks into the file. Without `copy`
  /// (a state that an older mailrig saved) the name must be there. Error where the target as a whole was removed or
  /// replaced under this run.
  virtual Result<bool> holds(const std::string& mark, const std::optional<StoredCopy>& copy) = 0;
  /// Can holds() find a message without `copy`?
  virtual bool finds_by_mark() const { return true; }
  /// Of a message of unsaved(): as it is there now. Nothing where it is not.
  virtual std::optional<StoredCopy> measure(const std::string& /*mark*/) { return std::nullopt; }

  /// Marks, with their numbers, of messages that are there and that no saved state knows of: published by a run that
  /// did not live to save it. Only where names can hold them.
  virtual std::map<std::string, std::uint64_t> unsaved() const { return {}; }
  /// True where messages are appended to what is there: its length has to be in the state before it grows.
  virtual bool grows() const { return false; }
  /// For the state: what MailTargetOpening wants to know the next time.
  virtual std::uint64_t octets() const { return 0; }

 protected:
  StoredCopy last_copy_;
};

/// Makes what is missing, and clears away what an interrupted run left half done. Errors: environment names the file.
Result<std::unique_ptr<MailTarget>> open_mail_target(const MailTargetPlace& place, const MailTargetOpening& opening);

}  // namespace mailrig::client
