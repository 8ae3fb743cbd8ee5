#include "client/smtp/transaction.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::client {
namespace {

Error out_of_place(std::string_view command, const SmtpReply& reply) {
  return {Errc::peer_protocol, fmt::format("the server answered {} with {}", command, reply.sentence())};
}

}  // namespace

SmtpJudgement judge(Step step, const SmtpReply& reply) {
  SmtpJudgement judgement;
  if (!reply.positive()) judgement.trouble = classify(step, reply);
  judgement.code = reply.code;
  if (const std::optional<EnhancedCode> enhanced = reply.enhanced()) judgement.enhanced = enhanced->text();
  judgement.message = reply.sentence();
  return judgement;
}

SmtpTransaction::SmtpTransaction(const SmtpMessage& message, const SmtpCapabilities& offered)
    : message_(message), body_(survey_body(message.content)) {
  for (const std::string& address : message.recipients) result_.recipients.push_back({address, {}});
  if (std::optional<SmtpJudgement> refusal = refused_here(offered)) {
    decide(std::move(*refusal));
    return;
  }
  group_max_ = offered.pipelining ? smtp_group_commands_max : 1;
  // The server's SIZE is good without a number too (RFC 1870 §4), but then nothing is to be gained by naming ours.
  if (offered.size_max) mail_parameters_ += fmt::format(" SIZE={}", body_.octets);
  // Without 8BITMIME the octets go out as they are, undeclared: nearly every server takes them, and recoding a message
  // would break its signatures.
  result_.undeclared_eight_bit = body_.eight_bit && !offered.eight_bit_mime;
  if (body_.eight_bit && offered.eight_bit_mime) mail_parameters_ += " BODY=8BITMIME";
  const bool international = is_international(message.from) ||
                             std::any_of(message.recipients.begin(), message.recipients.end(), is_international);
  if (international) mail_parameters_ += " SMTPUTF8";
}

/// What needs no server to be refused. Nothing is sent of such a message.
std::optional<SmtpJudgement> SmtpTransaction::refused_here(const SmtpCapabilities& offered) const {
  auto refusal = [](std::string message) { return SmtpJudgement{SmtpTrouble::permanent, 0, {}, std::move(message)}; };
  if (message_.recipients.empty()) return refusal("the message has no recipients");
  if (!message_.from.empty())
    if (Status fit = check_path(message_.from); !fit) return refusal("sender: " + fit.error().message);
  bool international = is_international(message_.from);
  for (const std::string& address : message_.recipients) {
    if (Status fit = check_path(address); !fit) return refusal("recipient: " + fit.error().message);
    international = international || is_international(address);
  }
  if (international && !offered.smtp_utf8)
    return refusal("an address has letters outside of ASCII, and the server does not offer SMTPUTF8 (RFC 6531)");
  if (offered.size_max && body_.octets > *offered.size_max)
    return refusal(
        fmt::format("the message has {} octets and the server takes {} at most", body_.octets, *offered.size_max));
  return std::nullopt;
}

std::optional<SmtpTransaction::Group> SmtpTransaction::next_group() {
  if (decided_ || said_ > data_index()) return std::nullopt;
  if (mail_refused_ || (said_ == data_index() && accepted_ == 0)) {
    decide_without_data();
    return std::nullopt;
  }
  Group group;
  for (; said_ <= data_index() && group.replies < group_max_; ++said_, ++group.replies)
    group.bytes += command(said_) + "\r\n";
  return group;
}

std::string SmtpTransaction::command(std::size_t index) const {
  if (index == 0) return fmt::format("MAIL FROM:<{}>{}", message_.from, mail_parameters_);
  if (index == data_index()) return "DATA";
  return fmt::format("RCPT TO:<{}>", message_.recipients[index - 1]);
}

Step SmtpTransaction::step() const {
  if (answered_ == 0) return Step::mail;
  return answered_ < data_index() ? Step::recipient : Step::data;
}

Status SmtpTransaction::on_reply(const SmtpReply& reply) {
  const std::size_t index = answered_;
  const Step at = step();
  ++answered_;
  if (index == 0) {
    if (reply.code / 100 == 3) return out_of_place("MAIL", reply);
    mail_accepted_ = reply.positive();
    mail_refused_ = !mail_accepted_;
    if (mail_refused_) result_.judgement = judge(at, reply);
  } else if (index < data_index()) {
    if (reply.code / 100 == 3) return out_of_place("RCPT", reply);
    SmtpJudgement& recipient = result_.recipients[index - 1].judgement;
    // After a refused MAIL every RCPT is out of order (503): MAIL's reply is the one that tells why.
    recipient = mail_refused_ ? result_.judgement : judge(at, reply);
    if (!recipient.trouble) ++accepted_;
  } else {
    if (reply.positive() || (reply.code / 100 == 3 && reply.code != 354)) return out_of_place("DATA", reply);
    data_granted_ = reply.code == 354;
    if (!data_granted_ && (mail_refused_ || accepted_ == 0))
      decide_without_data();
    else if (!data_granted_)
      decide(judge(at, reply));
  }
  return {};
}

void SmtpTransaction::on_final_reply(const SmtpReply& reply) {
  if (accepted_ == 0) {
    decide_without_data();  // a lone dot was sent, for nobody
    return;
  }
  result_.sent = reply.positive();
  decide(judge(Step::data, reply));
}

void SmtpTransaction::fail(const SmtpJudgement& judgement) {
  if (decided_) return;
  // What was heard outlives the connection: MAIL was refused, or every recipient (not where a reply to RCPT was none).
  const bool all_refused = std::ranges::all_of(
      result_.recipients, [](const SmtpRecipient& recipient) { return recipient.judgement.trouble.has_value(); });
  if (mail_refused_ || (all_refused && !result_.recipients.empty())) return decide_without_data();
  result_.in_doubt = body_sent_ && accepted_ > 0;
  decide(judgement);
}

/// MAIL was refused, or every recipient.
void SmtpTransaction::decide_without_data() {
  if (mail_refused_) {
    decide(result_.judgement);
    return;
  }
  // One who may be reached later keeps the message alive.
  const auto& all = result_.recipients;
  auto later = std::find_if(all.begin(), all.end(), [](const SmtpRecipient& recipient) {
    return recipient.judgement.trouble == SmtpTrouble::temporary;
  });
  decide((later == all.end() ? all.front() : *later).judgement);
}

void SmtpTransaction::decide(SmtpJudgement judgement) {
  result_.judgement = std::move(judgement);
  decided_ = true;
  if (result_.sent) return;
  // Who was not refused by name shares the fate of the message.
  for (SmtpRecipient& recipient : result_.recipients)
    if (!recipient.judgement.trouble) recipient.judgement = result_.judgement;
}

}  // namespace mailrig::client
