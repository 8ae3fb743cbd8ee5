#pragma once
/// Retrieves mail over one connection, without I/O (net/session.h): greeting, CAPA, STLS, USER and PASS, the listing,
/// then what the target wants: messages, then a Commit, then DELE, then QUIT.
///
///   Pop3Session session({.tls = TlsMode::starttls, .user = "anna", .password = "s3cret"}, target);
///   Status how = co_await drive(session, *stream, world, {.commit = [&] { return target.commit(); }});
///   session.report().refusal;            // what the server's "no" means, if it said one
///
/// No login is sent in clear unless `tls` is none. No DELE before the Commit of its message was answered well. A
/// session ends without QUIT when something that the server would commit at QUIT is not safe with us. What cannot be a
/// reply ends it at once, and the message before it is not believed.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "client/dialogue.h"
#include "client/pop3/refusal.h"
#include "client/pop3/target.h"
#include "client/tls_mode.h"
#include "net/session.h"

namespace mailrig::client {

struct Pop3Settings {
  TlsMode tls = TlsMode::implicit;  // implicit: the stream is encrypted already
  std::string user = {};
  std::string password = {};
  Duration greeting_patience = 1min;
  Duration reply_patience = 5min;
  bool ask_capabilities = true;  // false for servers that were seen to fall silent at CAPA
  bool careful = false;          // one message at a time, each checked by a NOOP: after replies were seen to go astray
  bool login_only = false;       // is the password right? Then QUIT.
};

struct Pop3Report {
  bool greeted = false;
  bool logged_in = false;
  bool astray = false;               // something arrived that cannot be a reply
  bool capabilities_failed = false;  // the connection ended or fell silent at CAPA
  bool lost_at_login = false;        // the connection ended between USER and the answer to PASS
  Pop3Offer offer = {};
  std::optional<Pop3Refusal> refusal = {};  // what ended the session, where the server said it
  std::uint64_t retrieved = 0;              // RETR that brought a whole message
  std::uint64_t removed = 0;                // DELE answered by +OK
  bool quit_confirmed = false;
};

class Pop3Machine;

class Pop3Session final : public Session {
 public:
  /// `target` lives as long as the session.
  Pop3Session(Pop3Settings settings, Pop3Target& target, Dialogue dialogue = {});
  ~Pop3Session() override;

  Action next() override;
  void on_bytes(std::string_view bytes) override;
  void on_committed(Status status) override;
  void on_tls() override;
  void on_error(Error error) override;
  std::uint64_t exchanges() const override;

  /// Complete once the session is done.
  const Pop3Report& report() const;

 private:
  std::unique_ptr<Pop3Machine> machine_;
};

}  // namespace mailrig::client
