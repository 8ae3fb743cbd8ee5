#pragma once
/// Sends messages over one connection, without I/O (net/session.h): greeting, EHLO, STARTTLS, AUTH, then each message.
///
///   SmtpSession session({.tls = TlsMode::starttls, .user = "anna", .password = "s3cret"}, {message});
///   Status how = co_await drive(session, *stream, world, {});
///   session.results()[0].sent;                 // whatever `how` says: a lost answer to QUIT does not unsend a message
///
/// Nothing of a login or a message is said before TLS is up where `tls` is not `none`: without STARTTLS, after a
/// refused one and after bytes that were injected behind its answer (CVE-2011-0411) the session ends. What the server
/// offered before TLS is forgotten (RFC 3207 §4.2).

#include <memory>
#include <string>
#include <vector>

#include "base/secrets.h"
#include "client/dialogue.h"
#include "client/smtp/login.h"
#include "client/smtp/transaction.h"
#include "client/tls_mode.h"
#include "net/session.h"

namespace mailrig::client {

struct SmtpSettings {
  TlsMode tls = TlsMode::starttls;  // implicit: the stream is encrypted already
  std::string user = {};            // empty: no login
  std::string password = {};
  std::string hello = "[127.0.0.1]";  // RFC 5321 §4.1.4: an address literal where the client has no name
  Duration greeting_patience = 1min;
  Duration reply_patience = 5min;
  /// RFC 5321 §4.5.3.2.6: after the final dot a server may deliver before it answers; giving up early doubles mail.
  Duration final_patience = 10min;
};

class SmtpSession final : public Session {
 public:
  /// `messages` live as long as the session.
  SmtpSession(SmtpSettings settings, std::vector<SmtpMessage> messages, Dialogue dialogue = {});

  Action next() override;
  void on_bytes(std::string_view bytes) override;
  void on_committed(Status /*status*/) override {}
  void on_tls() override;
  void on_error(Error error) override;
  std::uint64_t exchanges() const override { return exchanges_; }

  /// One for each message, in order; complete once the session is done, but for messages at the end that the server was
  /// not offered because it refused RSET.
  const std::vector<SmtpResult>& results() const { return results_; }
  /// Why the session as a whole ended before its time; good when it said all it had to say.
  const Status& status() const { return status_; }
  /// The refusal that `status` is about, where it was one of the server's.
  const std::optional<SmtpJudgement>& refusal() const { return refusal_; }

 private:
  enum class Doing : std::uint8_t { start, speak, listen, upgrade, body, close, done };
  using OnReply = void (SmtpSession::*)(const SmtpReply&);

  void say(Step step, std::string line, OnReply on_reply);
  void say_masked(Step step, std::string line, std::string_view masked, OnReply on_reply);
  void listen(Step step, OnReply on_reply);
  void hear(SmtpReply reply);

  void greet(const SmtpReply& reply);
  void hello();
  void on_ehlo(const SmtpReply& reply);
  void on_helo(const SmtpReply& reply);
  void on_hello_done();
  void on_starttls(const SmtpReply& reply);
  void log_in();
  void on_login(const SmtpReply& reply);
  void start_message();
  void continue_message();
  void on_message_reply(const SmtpReply& reply);
  void on_final_reply(const SmtpReply& reply);
  void finish_message();
  void on_reset(const SmtpReply& reply);
  void quit();
  void on_quit(const SmtpReply& reply);

  /// The server's refusal of the whole session: the messages that are left share it, and we take our leave.
  void refused(Step step, const SmtpReply& reply);
  void fail_with_quit(Error error, SmtpTrouble trouble);
  void break_off(Error error, SmtpTrouble trouble);
  void fail_rest(const SmtpJudgement& judgement);
  void note(TranscriptEntry::Who who, std::string line) const;
  void note_reply(const SmtpReply& reply) const;

  SmtpSettings settings_;
  std::vector<SmtpMessage> messages_;
  Dialogue dialogue_;

  Doing doing_ = Doing::start;
  Step step_ = Step::greeting;
  OnReply on_reply_ = nullptr;
  std::string out_;
  SmtpReplyReader reader_;
  SmtpCapabilities offered_;
  bool secure_ = false;
  SmtpLogin login_;
  Secrets secrets_;              // what the server may repeat and nothing may show
  std::size_t replies_due_ = 0;  // of a group that was sent
  std::unique_ptr<SmtpTransaction> transaction_;
  std::unique_ptr<SmtpBody> body_;
  std::vector<SmtpResult> results_;
  Status status_;
  std::optional<SmtpJudgement> refusal_;
  std::uint64_t exchanges_ = 0;
};

}  // namespace mailrig::client
