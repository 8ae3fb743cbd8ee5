#pragma once
/// One message's way through MAIL, RCPT and DATA: what to say next, and what each reply means. One by one, or pipelined
/// (RFC 2920) in groups.
///
///   SmtpTransaction mail(message, offered);
///   while (std::optional<SmtpTransaction::Group> group = mail.next_group()) { say(group->bytes); hear(group->replies);
///   } if (mail.wants_body()) ...

#include <optional>
#include <string>

#include "client/smtp/body.h"
#include "client/smtp/capabilities.h"
#include "client/smtp/envelope.h"
#include "client/smtp/result.h"

namespace mailrig::client {

// How many commands may be out without an answer. RFC 2920 §3.1 warns of a deadlock once both sides' windows are full:
// the answers to a hundred commands (RFC 5321: 512 octets each) fit into any window, and the commands into one Send.
inline constexpr std::size_t smtp_group_commands_max = 100;

class SmtpTransaction {
 public:
  SmtpTransaction(const SmtpMessage& message, const SmtpCapabilities& offered);

  struct Group {
    std::string bytes;  // one or more lines with CRLF
    std::size_t replies = 0;
  };
  /// Nothing once DATA was answered, or when it is of no use to go on.
  std::optional<Group> next_group();
  /// Of the reply that is awaited next.
  Step step() const;
  /// Error peer_protocol when it is no reply to this command.
  Status on_reply(const SmtpReply& reply);

  /// After the last group: DATA was granted, so the body has to follow, or, where nobody is left to receive it, a lone
  /// dot (RFC 2920 §3.1).
  bool wants_body() const { return data_granted_; }
  bool has_recipients() const { return accepted_ > 0; }
  /// True when the server holds a half-made transaction that has to be given up by RSET before the next.
  bool needs_reset() const { return mail_accepted_ && !data_granted_; }
  void on_final_reply(const SmtpReply& reply);

  /// The connection or the session failed: all that is not decided yet is decided by this.
  void fail(const SmtpJudgement& judgement);
  /// The body was sent whole.
  void on_body_sent() { body_sent_ = true; }

  bool decided() const { return decided_; }
  const SmtpResult& result() const { return result_; }

 private:
  std::optional<SmtpJudgement> refused_here(const SmtpCapabilities& offered) const;
  std::string command(std::size_t index) const;
  std::size_t data_index() const { return message_.recipients.size() + 1; }
  void decide(SmtpJudgement judgement);
  void decide_without_data();

  const SmtpMessage& message_;
  SmtpBodySurvey body_;
  std::string mail_parameters_;
  std::size_t group_max_ = 1;
  std::size_t said_ = 0;      // commands: MAIL is 0, the recipients 1 and on, DATA the last
  std::size_t answered_ = 0;  // of them
  std::size_t accepted_ = 0;  // recipients
  bool mail_accepted_ = false;
  bool mail_refused_ = false;
  bool data_granted_ = false;
  bool body_sent_ = false;
  bool decided_ = false;
  SmtpResult result_;
};

SmtpJudgement judge(Step step, const SmtpReply& reply);

}  // namespace mailrig::client
