#pragma once
/// One SMTP dialogue (RFC 5321, 4954, 3207, 2920, 1870, 3030) in the words of a personality.
///
///   C: EHLO client.test          S: 250-smtp.gmail.com at your service, [127.0.0.1] ...
///   C: AUTH PLAIN <credentials>  S: 235 2.7.0 Accepted
///
/// Commands are a table at the top of session.cc. Login is in session_login.cc, the mail transaction in
/// session_mail.cc.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fakeservers/core/line_session.h"
#include "fakeservers/core/sasl.h"
#include "fakeservers/smtp/data.h"
#include "fakeservers/smtp/misbehaviours.h"
#include "fakeservers/smtp/path.h"
#include "fakeservers/smtp/server.h"

namespace mailrig::fakeservers::smtp {

/// What placeholders stand for.
struct TemplateArgs {
  std::string_view address = {};
  std::string_view argument = {};
  std::string_view id = {};
  std::string_view number = {};
  std::string_view message_id = {};
  std::uint64_t octets = 0;
};

class Session final : public LineSession {
 public:
  Session(Server& server, ConnectionInfo arrival);

 protected:
  void greet() override;
  Duration greet_delay() const override { return server_.settings().greet_delay; }
  bool on_early() override;
  void on_command(const Command& command) override;
  void on_scripted(const Command& command) override;
  std::string_view fault_argument(const Command& command) const override;
  bool closes(std::string_view reply) const override;
  void on_line(std::string_view line) override;
  void on_scripted_line(std::string_view line) override;
  std::size_t on_data(std::string_view bytes) override;
  void on_long_line() override;
  void on_idle() override;
  void on_upgraded() override;
  void on_end() override;
  std::size_t line_octets_max(std::string_view begun) const override;
  Duration patience() const override { return server_.settings().idle; }
  std::string masked(const Command& command) const override;
  std::string line_entry(std::string_view line) const override;
  std::string_view mailbox() const override;
  Step step_of(const Command& command) const override;

 private:
  friend struct Verbs;

  /// What the next response of AUTH is; other: of a mechanism by which every login fails.
  enum class Auth : std::uint8_t {
    none,
    plain,
    login_user,
    login_password,
    cram_md5,
    xoauth2,
    oauthbearer,
    external,
    token_refused,
    other,
  };
  enum class Counted : std::uint8_t { no, as_error };
  enum class Chunk : std::uint8_t { none, middle, last, refused, unanswered };

  // Answers.
  std::string line_of(Text text, const TemplateArgs& words);
  void fill(std::string& out, std::string_view name, const TemplateArgs& words) const;
  void answer(Text text, const TemplateArgs& words = {}, Counted counted = Counted::no);
  /// A bad command: of these only so many are borne.
  void refuse(Text text, const TemplateArgs& words = {}) { answer(text, words, Counted::as_error); }
  void say_reply(const std::string& reply);
  bool takes_nothing(const Command& command);
  std::size_t line_limit(std::string_view verb) const;

  // Before mail.
  void on_ehlo(const Command& command);
  void on_helo(const Command& command);
  void on_starttls(const Command& command);
  void on_auth(const Command& command);
  bool offers_starttls() const;
  bool offers_auth() const;
  bool has_mechanism(std::string_view name) const;
  Auth begin_auth(std::string_view mechanism);
  std::string make_challenge();
  void ask(std::string_view challenge);
  void ask_scripted(std::string_view argument, std::string_view reply);
  void take_scripted_challenge(std::string_view reply);
  void pass_over(std::string_view response);
  void take_plain(std::string_view response);
  void take_cram_md5(std::string_view response);
  void take_bearer(const std::optional<BearerResponse>& bearer);
  void take_response(std::string_view base64);
  void log_in(std::string_view user, const Credential& credential);
  void log_in_by_rule(std::string_view user);
  void enter(User& user);
  void refuse_login(Text text);

  // Mail.
  void on_mail(const Command& command);
  void on_rcpt(const Command& command);
  void on_data_command(const Command& command);
  void on_bdat(const Command& command);
  void on_rset(const Command& command);
  void on_noop(const Command& command);
  void on_vrfy(const Command& command);
  void on_expn(const Command& command);
  void on_help(const Command& command);
  void on_quit(const Command& command);
  bool take_mail_parameters(std::string_view text);
  bool take_rcpt_parameters(std::string_view text);
  bool is_name_to_verify(std::string_view argument) const;
  bool may_send();
  bool quota_is_used_up(std::uint64_t more) const;
  bool has_transaction() const { return from_.has_value(); }
  void forget_login();
  void reset_transaction();
  void finish_chunk();
  void finish_message();
  std::optional<Text> refusal_of_message();
  void keep_message();

  Server& server_;
  std::string token_;
  std::string hello_;  // of the client; empty before EHLO and HELO
  User* user_ = nullptr;
  Auth auth_ = Auth::none;
  std::string login_user_;
  std::string challenge_;  // of CRAM-MD5
  std::uint64_t challenges_ = 0;
  std::uint64_t failed_logins_ = 0;
  std::uint64_t errors_ = 0;

  // The transaction.
  std::optional<std::string> from_;
  std::vector<std::string> recipients_;
  std::string refused_sender_;
  bool rcpt_seen_ = false;
  bool utf8_ = false;
  bool binary_ = false;
  DataReader reader_;
  Chunk chunk_ = Chunk::none;
  std::uint64_t chunk_left_ = 0;  // of the chunk that is coming
  std::uint64_t chunk_octets_ = 0;
  bool chunked_ = false;  // BDAT has begun the message
  std::uint64_t messages_ = 0;
};

}  // namespace mailrig::fakeservers::smtp
