#pragma once
/// One POP3 dialogue (RFC 1939, 2449, 2595, 5034) in the words of a personality.
///
///   C: USER anna          S: +OK send PASS
///   C: PASS <password>    S: +OK Welcome.
///
/// Commands are a table at the top of session.cc. Login is in session_login.cc, by digest and certificate in
/// session_digest.cc, what is done with messages in session_messages.cc.

#include <optional>
#include <string>
#include <string_view>

#include "fakeservers/core/line_session.h"
#include "fakeservers/pop3/maildrop.h"
#include "fakeservers/pop3/misbehaviours.h"
#include "fakeservers/pop3/server.h"
#include "fakeservers/pop3/sources.h"

namespace mailrig::fakeservers::pop3 {

/// What placeholders stand for.
struct TemplateArgs {
  std::uint64_t n = 0;
  std::uint64_t octets = 0;
  std::uint64_t total = 0;
  std::string_view uid = {};
  std::string_view argument = {};
  bool secret = false;   // the argument may be a password: the transcript has its name only
  bool of_drop = false;  // n and octets are those of the maildrop, counted only where the text has them; n is added
};

class Session final : public LineSession {
 public:
  Session(Server& server, ConnectionInfo arrival);

 protected:
  void greet() override;
  Duration greet_delay() const override { return server_.settings().greet_delay; }
  void on_scripted_greeting(std::string_view reply) override;
  void on_command(const Command& command) override;
  void on_scripted(const Command& command) override;
  bool lenient_blanks() const override { return server_.settings().blanks == Blanks::lenient; }
  void on_line(std::string_view line) override;
  void on_scripted_line(std::string_view line) override;
  void on_long_line() override;
  void on_idle() override;
  void on_upgraded() override;
  void on_end() override;
  std::size_t line_octets_max(std::string_view begun) const override;
  Duration patience() const override;
  std::string masked(const Command& command) const override;
  std::string line_entry(std::string_view line) const override;
  std::string_view mailbox() const override;
  Step step_of(const Command& command) const override;

 private:
  friend struct Verbs;

  enum class Bad : std::uint8_t { refused, invalid };

  // Answers.
  const std::string& line_of(Text text, const TemplateArgs& words);
  void fill(std::string& out, std::string_view name, const TemplateArgs& words) const;
  void answer(Text text, const TemplateArgs& words = {}, bool is_head = false);
  void refuse(Text text, const TemplateArgs& words = {}, Bad bad = Bad::refused);
  void refuse_unknown(const Command& command);
  std::string_view until_nul(std::string_view text) const;
  void carry_out(const Command& command);
  void forget_user();
  void refuse_state(const Command& command);
  void say_line(std::string line, bool is_head, std::string_view shown = {});
  void after_bad_commands();
  void say_rows(Text head, const TemplateArgs& words, const ListingSource::AppendRow& append_row);
  void send_message(std::size_t row, Text head, std::optional<std::uint64_t> lines);
  void send_bent_message(std::size_t row, Text head, std::optional<std::uint64_t> lines);
  Mutation bend() const { return bend_of(rule()); }
  bool keeps_reply_whole() const { return rule() == nullptr || rule()->keeps_reply_whole(); }

  // Before login.
  void on_capa(const Command& command);
  void on_user(const Command& command);
  void on_pass(const Command& command);
  void on_auth(const Command& command);
  void on_apop(const Command& command);
  void on_stls(const Command& command);
  bool login_allowed() const { return tls() || server_.settings().tls != Tls::starttls_required; }
  bool has_mechanism(std::string_view name) const;
  std::string_view prompt();
  void ask(std::string_view challenge);
  void ask_scripted(std::string_view argument);
  void take_scripted_challenge();
  static bool is_challenge(std::string_view reply);
  void pass_over(std::string_view response);
  void take_response(std::string_view base64, bool initial);
  void refuse_unreadable();
  void take_plain(std::string_view response);
  void take_bearer(std::string_view response);
  void take_login(std::string_view response);
  void take_cram_md5(std::string_view response);
  void take_external(std::string_view response);
  std::string make_stamp();
  void finish_auth(std::string_view user, const Credential& credential);
  void log_in(std::string_view user, const Credential& credential, bool by_auth);
  void log_in_by_rule(std::string_view user);
  void enter(Mailbox& mailbox, bool recent);
  void refuse_login(Text text, Text last);

  // After it.
  void on_stat(const Command& command);
  void on_list(const Command& command);
  void on_uidl(const Command& command);
  void on_retr(const Command& command);
  void on_top(const Command& command);
  void on_dele(const Command& command);
  void on_rset(const Command& command);
  void on_noop(const Command& command);
  void on_last(const Command& command);
  void on_quit(const Command& command);
  /// The row of a message number, or nothing after it has been refused. `rest` is what follows the number, and is left
  /// alone where there must be nothing.
  std::optional<std::size_t> row_of(std::string_view argument, std::string_view* rest = nullptr);
  bool is_there(std::size_t row, std::string_view argument);
  void observe_named(const Command& command);
  bool takes_nothing(const Command& command);
  std::string uid_of(std::size_t row);
  std::string row_uid(std::size_t row);
  ServerObserver::Message observed(std::size_t row, const Content& content, const Sha256::Digest& sum);

  Server& server_;
  std::string token_;
  std::string user_;
  bool user_said_ = false;  // USER was taken, though it may have been empty
  std::string line_;
  std::optional<Maildrop> drop_;
  std::optional<Text> refusal_;  // of every command of this session
  std::uint64_t failed_logins_ = 0;
  std::uint64_t bad_commands_ = 0;
  std::uint64_t unknown_commands_ = 0;  // in a row, before login
  bool unknown_ = false;                // the last one was
  bool passed_over_ = false;            // the last one neither counts nor begins anew
  bool answered_well_ = true;
  std::uint64_t stats_ = 0;  // that misbehaviour count-changes has bent
  std::string mechanism_;    // of the AUTH that waits for a response
  std::string login_user_;   // AUTH LOGIN asks for the name first
  bool token_refused_ = false;
  std::string stamp_;      // of the greeting, for APOP; empty: it has none
  std::string challenge_;  // of CRAM-MD5
  std::uint64_t stamps_ = 0;
  std::string observed_uid_;
};

}  // namespace mailrig::fakeservers::pop3
