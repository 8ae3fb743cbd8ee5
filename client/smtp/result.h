#pragma once
/// What became of one message, recipient by recipient.

#include <optional>
#include <string>
#include <vector>

#include "client/smtp/classify.h"

namespace mailrig::client {

/// How the server, or a check of ours, judged one thing.
struct SmtpJudgement {
  std::optional<SmtpTrouble> trouble;  // nothing: it was accepted
  unsigned code = 0;                   // the reply's; 0 where no reply decided it
  std::string enhanced;                // "5.7.1" or empty
  std::string message;                 // a sentence, printable
};

struct SmtpRecipient {
  std::string address;
  SmtpJudgement judgement;
};

struct SmtpResult {
  bool sent = false;        // the server took responsibility: 250 after the final dot
  SmtpJudgement judgement;  // what decided it
  std::vector<SmtpRecipient> recipients;
  /// The whole message was out, but the answer never came: it may have been delivered (RFC 5321 §4.5.3.2.6), so a
  /// second try may double it.
  bool in_doubt = false;
  /// The message has 8-bit octets and the server does not offer 8BITMIME (RFC 6152): they go out undeclared.
  bool undeclared_eight_bit = false;
};

}  // namespace mailrig::client
