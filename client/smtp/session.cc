#include "client/smtp/session.h"

#include <fmt/format.h>

#include <utility>

#include "base/sha256.h"
#include "base/text.h"
#include "net/transcript.h"

namespace mailrig::client {

using Who = TranscriptEntry::Who;

SmtpSession::SmtpSession(SmtpSettings settings, std::vector<SmtpMessage> messages, Dialogue dialogue)
    : settings_(std::move(settings)),
      messages_(std::move(messages)),
      dialogue_(std::move(dialogue)),
      secure_(settings_.tls == TlsMode::implicit) {
  results_.reserve(messages_.size());
  secrets_.add_login(settings_.user, settings_.password);
}

Action SmtpSession::next() {
  switch (doing_) {
    case Doing::start: listen(Step::greeting, &SmtpSession::greet); return next();
    case Doing::speak: doing_ = Doing::listen; return Send{step_, out_};
    case Doing::listen: {
      const bool greeting = on_reply_ == &SmtpSession::greet;
      const bool final = on_reply_ == &SmtpSession::on_final_reply;
      return Receive{step_, greeting ? settings_.greeting_patience
                            : final  ? settings_.final_patience
                                     : settings_.reply_patience};
    }
    case Doing::upgrade: return StartTls{settings_.greeting_patience};
    case Doing::body: {
      std::string_view piece = body_->next();
      if (!piece.empty()) return Send{Step::data, piece};
      transaction_->on_body_sent();
      listen(Step::data, &SmtpSession::on_final_reply);
      return next();
    }
    case Doing::close: doing_ = Doing::done; return Close{};
    case Doing::done: return Done{status_};
  }
  return Done{status_};
}

void SmtpSession::on_bytes(std::string_view bytes) {
  if (doing_ != Doing::listen) return;
  reader_.feed(bytes);
  while (doing_ == Doing::listen) {
    Result<std::optional<SmtpReply>> reply = reader_.take();
    if (!reply) {
      note(Who::server, "<not SMTP>");
      break_off(std::move(reply).error().at(step_), SmtpTrouble::temporary);
    } else if (*reply) {
      hear(std::move(**reply));
    } else {
      return;
    }
  }
}

void SmtpSession::hear(SmtpReply reply) {
  for (std::string& line : reply.lines) line = secrets_.masked(line);
  note_reply(reply);
  ++exchanges_;
  if (reply.code == 421 && on_reply_ != &SmtpSession::on_quit) {
    // The server is leaving, whatever was asked (RFC 5321 §3.8): it will not hear a QUIT.
    SmtpJudgement judgement = judge(step_, reply);
    refusal_ = judgement;
    if (on_reply_ == &SmtpSession::on_final_reply) transaction_->on_final_reply(reply);  // so it was not taken
    break_off({Errc::peer_refused, "the server closes the connection: " + judgement.message, step_, judgement.message},
              SmtpTrouble::temporary);
    return;
  }
  (this->*on_reply_)(reply);
  if (doing_ != Doing::speak && doing_ != Doing::body && doing_ != Doing::upgrade) return;
  if (!reader_.holds_more()) return;
  // What is here before we asked for it answers nothing of ours. Taking it for an answer would shift every later one
  // (response desynchronisation), or let somebody on the way speak for the server (CVE-2011-0411, CVE-2021-38371).
  break_off(
      {Errc::peer_protocol, "the server spoke before it was asked: its answers can no longer be told apart", step_},
      SmtpTrouble::temporary);
}

void SmtpSession::on_tls() {
  note(Who::rig, "TLS is up");
  secure_ = true;
  reader_.clear();
  offered_ = {};
  hello();
}

void SmtpSession::on_error(Error error) {
  if (doing_ == Doing::done || doing_ == Doing::close) return;
  break_off(std::move(error).at(step_), SmtpTrouble::temporary);
}

// ---- opening

void SmtpSession::greet(const SmtpReply& reply) {
  if (reply.code == 220) return hello();
  if (reply.code / 100 == 3 || (reply.positive() && reply.code != 221)) {
    fail_with_quit({Errc::peer_protocol, "the server greets with " + reply.sentence(), Step::greeting},
                   SmtpTrouble::temporary);
    return;
  }
  refused(Step::greeting, reply);
}

void SmtpSession::hello() { say(Step::hello, "EHLO " + settings_.hello, &SmtpSession::on_ehlo); }

void SmtpSession::on_ehlo(const SmtpReply& reply) {
  if (reply.code == 250) {
    offered_ = parse_capabilities(reply);
    return on_hello_done();
  }
  if (reply.positive() || reply.code / 100 == 3) {
    fail_with_quit({Errc::peer_protocol, "the server answered EHLO with " + reply.sentence(), Step::hello},
                   SmtpTrouble::temporary);
    return;
  }
  // RFC 5321 §3.2: who does not know EHLO is asked by HELO. It offers neither STARTTLS nor AUTH, so that is of no use,
  // and a downgrade by whoever sits on the way, where one of the two is still needed.
  const bool unknown =
      reply.code == 500 || reply.code == 501 || reply.code == 502 || reply.code == 504 || reply.code == 550;
  const bool enough = settings_.user.empty() && (secure_ || settings_.tls == TlsMode::none);
  if (unknown && enough) return say(Step::hello, "HELO " + settings_.hello, &SmtpSession::on_helo);
  refused(Step::hello, reply);
}

void SmtpSession::on_helo(const SmtpReply& reply) {
  if (reply.code == 250) return start_message();
  if (reply.positive() || reply.code / 100 == 3) {
    fail_with_quit({Errc::peer_protocol, "the server answered HELO with " + reply.sentence(), Step::hello},
                   SmtpTrouble::temporary);
    return;
  }
  refused(Step::hello, reply);
}

void SmtpSession::on_hello_done() {
  if (settings_.tls != TlsMode::starttls || secure_) return log_in();
  if (offered_.starttls) return say(Step::tls, "STARTTLS", &SmtpSession::on_starttls);
  fail_with_quit(
      {Errc::peer_refused,
       "the server does not offer STARTTLS, so nothing was sent: it does not support encryption at this port, or "
       "somebody on the way removes the offer; try implicit TLS, as a rule on port 465",
       Step::tls, "starttls-not-offered"},
      SmtpTrouble::temporary);
}

void SmtpSession::on_starttls(const SmtpReply& reply) {
  if (reply.code == 220) {
    doing_ = Doing::upgrade;
    return;
  }
  if (reply.positive() || reply.code / 100 == 3) {
    fail_with_quit({Errc::peer_protocol, "the server answered STARTTLS with " + reply.sentence(), Step::tls},
                   SmtpTrouble::temporary);
    return;
  }
  refused(Step::tls, reply);
}

void SmtpSession::log_in() {
  if (settings_.user.empty()) return start_message();
  // RFC 4616 §2: NUL separates the fields, so neither can hold one.
  if (settings_.user.find('\0') != std::string::npos || settings_.password.find('\0') != std::string::npos) {
    fail_with_quit({Errc::bad_input, "the user name or the password holds a NUL octet", Step::login},
                   SmtpTrouble::authentication);
    return;
  }
  if (!offered_.auth_plain && !offered_.auth_login) {
    std::string message = offered_.auth ? "the server offers no way to log in by user name and password"
                                        : "the server does not offer to log in";
    if (!secure_) message += "; most servers do so under encryption only: set it to starttls or implicit";
    fail_with_quit({Errc::peer_refused, std::move(message), Step::login, "no-auth-offered"}, SmtpTrouble::no_login);
    return;
  }
  login_ = SmtpLogin(offered_, settings_.user, settings_.password);
  say_masked(Step::login, login_.line(), login_.masked(), &SmtpSession::on_login);
}

void SmtpSession::on_login(const SmtpReply& reply) {
  switch (login_.on_reply(reply)) {
    case SmtpLogin::Progress::speak:
      return say_masked(Step::login, login_.line(), login_.masked(), &SmtpSession::on_login);
    case SmtpLogin::Progress::done: return start_message();
    case SmtpLogin::Progress::refused: return refused(Step::login, reply);
    case SmtpLogin::Progress::broken:
      fail_with_quit({Errc::peer_protocol, "the server answered AUTH with " + reply.sentence(), Step::login},
                     SmtpTrouble::temporary);
  }
}

// ---- messages

void SmtpSession::start_message() {
  if (results_.size() == messages_.size()) return quit();
  transaction_ = std::make_unique<SmtpTransaction>(messages_[results_.size()], offered_);
  continue_message();
}

void SmtpSession::continue_message() {
  if (std::optional<SmtpTransaction::Group> group = transaction_->next_group()) {
    replies_due_ = group->replies;
    std::string lines = std::move(group->bytes);
    lines.erase(lines.size() - 2);  // say() ends the last one
    return say(transaction_->step(), std::move(lines), &SmtpSession::on_message_reply);
  }
  if (!transaction_->wants_body()) return finish_message();
  const SmtpMessage& message = messages_[results_.size()];
  body_ = std::make_unique<SmtpBody>(transaction_->has_recipients() ? message.content : std::string_view());
  if (dialogue_) {
    Sha256 sum;
    std::size_t octets = 0;
    SmtpBody copy = *body_;
    for (std::string_view piece = copy.next(); !piece.empty(); piece = copy.next()) {
      sum.update(piece);
      octets += piece.size();
    }
    note(Who::client, body_entry(octets, sum.finish()));
  }
  step_ = Step::data;
  doing_ = Doing::body;
}

void SmtpSession::on_message_reply(const SmtpReply& reply) {
  if (Status fit = transaction_->on_reply(reply); !fit)
    return break_off(std::move(fit).error().at(step_), SmtpTrouble::temporary);
  if (--replies_due_ == 0)
    continue_message();
  else
    step_ = transaction_->step();
}

void SmtpSession::on_final_reply(const SmtpReply& reply) {
  if (reply.code / 100 == 3)
    return break_off({Errc::peer_protocol, "the server answered the message with " + reply.sentence(), Step::data},
                     SmtpTrouble::temporary);
  transaction_->on_final_reply(reply);
  finish_message();
}

void SmtpSession::finish_message() {
  results_.push_back(transaction_->result());
  const bool reset = transaction_->needs_reset() && results_.size() < messages_.size();
  transaction_.reset();
  body_.reset();
  if (reset) return say(Step::mail, "RSET", &SmtpSession::on_reset);
  start_message();
}

void SmtpSession::on_reset(const SmtpReply& reply) {
  if (reply.positive()) return start_message();
  // The messages that are left were not offered to the server, so none of them is refused. They have no result, and go
  // over another connection.
  quit();
}

void SmtpSession::quit() { say(Step::quit, "QUIT", &SmtpSession::on_quit); }

void SmtpSession::on_quit(const SmtpReply& /*reply*/) { doing_ = Doing::close; }

// ---- failing

void SmtpSession::refused(Step step, const SmtpReply& reply) {
  refusal_ = judge(step, reply);
  // A reply that says yes where only a refusal leads here (221 as a greeting) is judged as one all the same.
  if (!refusal_->trouble) refusal_->trouble = classify(step, reply);
  std::string reason = fmt::format("{}", reply.code);
  if (!refusal_->enhanced.empty()) reason += ' ' + refusal_->enhanced;
  status_ =
      Error{Errc::peer_refused, fmt::format("{}. {}", refusal_->message, advice(*refusal_->trouble, refusal_->message)),
            step, std::move(reason)};
  fail_rest(*refusal_);
  quit();
}

void SmtpSession::fail_with_quit(Error error, SmtpTrouble trouble) {
  fail_rest({trouble, 0, {}, error.message});
  status_ = std::move(error);
  quit();
}

void SmtpSession::break_off(Error error, SmtpTrouble trouble) {
  error.message = secrets_.masked(error.message);
  fail_rest(refusal_ ? *refusal_ : SmtpJudgement{trouble, 0, {}, to_string(error)});
  if (status_) status_ = std::move(error);
  doing_ = Doing::close;
}

void SmtpSession::fail_rest(const SmtpJudgement& judgement) {
  if (transaction_) {
    transaction_->fail(judgement);
    results_.push_back(transaction_->result());
    transaction_.reset();
  }
  for (std::size_t i = results_.size(); i < messages_.size(); ++i) {
    SmtpResult result;
    result.judgement = judgement;
    for (const std::string& address : messages_[i].recipients) result.recipients.push_back({address, judgement});
    results_.push_back(std::move(result));
  }
}

// ---- saying and noting

void SmtpSession::say(Step step, std::string line, OnReply on_reply) {
  if (dialogue_) {
    std::string_view rest = line;
    while (!rest.empty()) {  // a group of pipelined commands is a line each
      const std::size_t end = rest.find("\r\n");
      note(Who::client, printable(rest.substr(0, end)));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    }
  }
  step_ = step;
  out_ = std::move(line) + "\r\n";
  on_reply_ = on_reply;
  doing_ = Doing::speak;
}

void SmtpSession::say_masked(Step step, std::string line, std::string_view masked, OnReply on_reply) {
  note(Who::client, std::string(masked));
  step_ = step;
  out_ = std::move(line) + "\r\n";
  on_reply_ = on_reply;
  doing_ = Doing::speak;
}

void SmtpSession::listen(Step step, OnReply on_reply) {
  step_ = step;
  on_reply_ = on_reply;
  doing_ = Doing::listen;
}

void SmtpSession::note(Who who, std::string line) const {
  if (dialogue_) dialogue_(who, std::move(line));
}

void SmtpSession::note_reply(const SmtpReply& reply) const {
  if (!dialogue_) return;
  for (std::size_t i = 0; i < reply.lines.size(); ++i)
    note(Who::server,
         fmt::format("{}{}{}", reply.code, i + 1 < reply.lines.size() ? '-' : ' ', printable(reply.lines[i])));
}

}  // namespace mailrig::client
