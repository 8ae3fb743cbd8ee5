// CAPA, STLS, USER, PASS and AUTH.

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/core/base64.h"
#include "fakeservers/core/sasl.h"
#include "fakeservers/pop3/session.h"

namespace mailrig::fakeservers::pop3 {
namespace {

// A reply line with its CRLF (RFC 2449 section 4); Exchange cuts its diagnostics to fit.
constexpr std::size_t reply_octets_max = 512;

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

}  // namespace

void Session::on_capa(const Command& command) {
  if (!takes_nothing(command)) return;
  const Settings& settings = server_.settings();
  std::string mechanisms;
  if (login_allowed())
    for (const std::string& mechanism : settings.sasl) mechanisms += ' ' + mechanism;
  const bool offers_tls = this->arrival().starttls_offered && !tls();
  std::vector<std::string> lines;
  for (const std::string& line :
       drop_ && !settings.capa_authenticated.empty() ? settings.capa_authenticated : settings.capa) {
    if (line == "{stls}") {
      if (offers_tls) lines.emplace_back("STLS");
    } else if (line == "{user}") {
      if (login_allowed()) lines.emplace_back("USER");
    } else if (line == "{sasl}") {
      if (!mechanisms.empty()) lines.push_back("SASL" + mechanisms);
    } else if (line == "SASL{mechanisms}") {
      lines.push_back("SASL" + mechanisms);
    } else {
      lines.push_back(line);
    }
  }
  bend_capabilities(bend(), drop_.has_value(), lines);
  answer(Text::capa, {}, true);
  lines.emplace_back(".");
  const bool bare_lf = bend() == Mutation::bare_lf;
  for (const std::string& line : lines) {
    if (bare_lf)
      say_bytes(line + "\n", line);
    else
      say(line);
  }
}

void Session::on_stls(const Command& command) {
  if (!takes_nothing(command)) return;
  if (bend() == Mutation::stls_stripped) return refuse_unknown(command);
  if (tls()) return refuse(Text::stls_active);
  if (!this->arrival().starttls_offered) return refuse(Text::stls_unavailable);
  answer(Text::stls);
  // Dovecot 2.3.19.1 hands what came behind STLS to TLS, which takes it for a broken handshake.
  if (has_more() && server_.settings().cleartext_after_stls == AfterStls::fails) return leave();
  upgrade();
}

void Session::on_user(const Command& command) {
  if (!login_allowed()) return refuse(Text::user_needs_tls);
  if (command.argument.empty() && !server_.settings().user_may_be_empty)
    return refuse(Text::user_missing, {}, Bad::invalid);
  user_ = command.argument;
  user_said_ = true;
  answer(Text::user);
}

void Session::on_pass(const Command& command) {
  if (!login_allowed()) return refuse(Text::user_needs_tls);
  if (!user_said_) return refuse(Text::pass_no_user);
  if (command.argument.empty() && server_.texts().has(Text::argument_count))
    return refuse(Text::argument_count, {}, Bad::invalid);
  const std::string user = user_;
  log_in(user, {.text = command.argument}, false);
  if (!drop_ && server_.settings().failed_login_forgets_user) forget_user();
}

void Session::forget_user() {
  user_.clear();
  user_said_ = false;
}

bool Session::has_mechanism(std::string_view name) const {
  return std::ranges::find(server_.settings().sasl, upper(name)) != server_.settings().sasl.end();
}

void Session::on_auth(const Command& command) {
  if (!login_allowed()) return refuse(Text::user_needs_tls);
  const Settings& settings = server_.settings();
  std::string_view argument = command.argument;
  if (argument.empty() || argument.front() == ' ') {
    // What Outlook asks instead of CAPA.
    if (!server_.texts().has(Text::auth_list)) return refuse(Text::argument_count, {}, Bad::invalid);
    answer(Text::auth_list, {}, true);
    for (const std::string& mechanism : settings.sasl) say(mechanism);
    say(".");
    return;
  }
  std::size_t space = argument.find(' ');
  mechanism_ = upper(argument.substr(0, space));
  login_user_.clear();
  token_refused_ = false;
  passed_over_ = !has_mechanism(mechanism_);
  if (passed_over_)
    return refuse(Text::auth_unknown, {.argument = argument.substr(0, space), .secret = true}, Bad::invalid);
  const bool server_first = mechanism_ == "CRAM-MD5";
  if (space == std::string_view::npos && server_first) challenge_ = make_stamp();
  if (space == std::string_view::npos) return ask(mechanism_ == "LOGIN" ? "Username:" : server_first ? challenge_ : "");
  if (!settings.auth_initial_response) return refuse(Text::argument_count, {}, Bad::invalid);
  std::string_view response = argument.substr(space + 1);
  if (settings.blanks == Blanks::leading)
    response.remove_prefix(std::min(response.find_first_not_of(' '), response.size()));
  if (response.size() > settings.sasl_octets_max) return on_long_line();
  // RFC 5034 section 4: a mechanism in which the server speaks first takes no initial response.
  if (server_first) return refuse(Text::auth_malformed);
  take_response(response == "=" ? std::string_view{} : response, true);  // RFC 5034 section 4: an empty one
}

std::string_view Session::prompt() {
  if (bend() == Mutation::auth_plus_ok) return "+OK ";
  if (bend() == Mutation::auth_plus_no_space) return "+";
  static constexpr std::string_view working[] = {"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER", "EXTERNAL"};
  const bool works = std::ranges::find(working, mechanism_) != std::end(working);
  return line_of(works ? Text::auth_prompt : Text::auth_prompt_other, {});
}

void Session::ask(std::string_view challenge) {
  std::string line(prompt());
  say(line + to_base64(challenge));
  expect_line();
}

/// After a rule's own challenge in reply to AUTH: the response is read as after the server's.
void Session::ask_scripted(std::string_view argument) {
  const std::size_t space = argument.find(' ');
  mechanism_ = upper(argument.substr(0, space));
  login_user_.clear();
  token_refused_ = false;
  take_scripted_challenge();
  // The first response came with the command: the challenge is about it.
  if (space != std::string_view::npos) pass_over(argument.substr(space + 1));
  expect_line();
}

/// RFC 5034 section 4: "+", a blank, and base64. Servers leave the blank out where nothing follows.
bool Session::is_challenge(std::string_view reply) {
  return reply == "+" || reply.starts_with("+ ") || reply.starts_with("+\r") || reply.starts_with("+\n");
}

/// What a rule's own challenge asks: CRAM-MD5 is answered to it.
void Session::take_scripted_challenge() {
  std::string_view said = *rule()->reply;
  said = said.substr(0, said.find_first_of("\r\n"));
  challenge_ = from_base64(said.substr(std::min(said.size(), std::string_view("+ ").size()))).value_or("");
}

/// A response that a rule's own challenge answered: what comes next is the response to that.
void Session::pass_over(std::string_view response) {
  token_refused_ = mechanism_ == "XOAUTH2" || mechanism_ == "OAUTHBEARER";
  if (mechanism_ == "LOGIN") login_user_ = from_base64(response).value_or("");
}

void Session::on_scripted_line(std::string_view line) {
  answered_well_ = true;
  const std::string& said = *rule()->reply;
  if (rule()->logs_in) return log_in_by_rule(*rule()->logs_in);
  if (is_challenge(said)) {
    take_scripted_challenge();
    pass_over(line);
    expect_line();
  } else if (!said.starts_with("+") && line != "*") {
    log().on_failed_login(record(), mailbox());
  }
}

/// The client's answer to ask().
void Session::on_line(std::string_view line) {
  answered_well_ = true;
  if (line == "*")
    refuse(Text::auth_cancelled);
  else if (token_refused_)
    refuse_login(Text::auth_bad, Text::auth_last);  // whatever it says: the token is wrong
  else
    take_response(line, false);
  after_bad_commands();
}

void Session::take_response(std::string_view base64, bool initial) {
  std::optional<std::string> response = from_base64(base64);
  if (!response) return refuse(initial ? Text::auth_malformed : Text::auth_malformed_response);
  if (mechanism_ == "PLAIN") return take_plain(*response);
  if (mechanism_ == "LOGIN") return take_login(*response);
  if (mechanism_ == "XOAUTH2" || mechanism_ == "OAUTHBEARER") return take_bearer(*response);
  if (mechanism_ == "CRAM-MD5") return take_cram_md5(*response);
  if (mechanism_ == "EXTERNAL") return take_external(*response);
  refuse_login(Text::auth_bad, Text::auth_last);  // NTLM and GSSAPI are offered, and nobody gets in by them
}

void Session::take_plain(std::string_view response) {
  const std::optional<PlainResponse> plain = parse_plain(response);
  if (!plain) return refuse_unreadable();
  finish_auth(plain->user, {.text = plain->password, .acts_as = plain->acts_as});
}

/// Base64 that is not what the mechanism wants: at some servers no more than a login that failed.
void Session::refuse_unreadable() {
  if (!server_.texts().has(Text::auth_unreadable)) return refuse(Text::auth_malformed);
  server_.penalties().on_wrong(address_of(this->arrival().peer), {}, {}, server_.settings(),
                               context().world.calendar.now());
  refuse_login(Text::auth_unreadable, Text::auth_last);
}

void Session::take_login(std::string_view response) {
  if (!login_user_.empty()) return finish_auth(std::string(login_user_), {.text = response});
  if (response.empty()) return refuse_unreadable();
  login_user_ = response;
  ask("Password:");
}

void Session::take_bearer(std::string_view response) {
  const std::optional<BearerResponse> bearer =
      mechanism_ == "XOAUTH2" ? parse_xoauth2(response) : parse_oauthbearer(response);
  // RFC 7628 section 3.1: OAUTHBEARER may leave the user to the token; XOAUTH2 names one.
  if (!bearer || (bearer->user.empty() && mechanism_ == "XOAUTH2")) return refuse_unreadable();
  finish_auth(bearer->user, {.kind = Credential::Kind::token, .text = bearer->token});
}

void Session::finish_auth(std::string_view user, const Credential& credential) {
  user_ = user;
  log_in(user, credential, true);
}

void Session::log_in(std::string_view user, const Credential& credential, bool by_auth) {
  LoginPenalties& penalties = server_.penalties();
  const std::string_view address = address_of(this->arrival().peer);
  const Instant now = context().world.calendar.now();
  pause(penalties.of(address, server_.settings(), now));
  Login login = server_.log_in(user, credential);
  if (login.mailbox != nullptr || !login.wrong_credentials)
    penalties.on_right(address);
  else
    penalties.on_wrong(address, user, credential.text, server_.settings(), now);
  if (login.mailbox == nullptr) {
    if (login.wrong_credentials && credential.kind == Credential::Kind::token &&
        server_.texts().has(Text::auth_token_refused)) {
      token_refused_ = true;
      return ask(std::string(line_of(Text::auth_token_refused, {})));
    }
    Text bad = by_auth && *login.refusal == Text::pass_bad ? Text::auth_bad : *login.refusal;
    if (login.wrong_credentials) return refuse_login(bad, by_auth ? Text::auth_last : Text::pass_last);
    log().on_failed_login(record(), mailbox());
    return refuse(bad, {.n = server_.settings().connections_per_user});
  }
  enter(*login.mailbox, login.recent);
  refusal_ = login.refusal;
  answer(by_auth ? Text::auth : Text::pass, {.of_drop = true});
}

void Session::enter(Mailbox& mailbox, bool recent) {
  if (user_.empty() || server_.mailbox_name(user_) != mailbox.name()) user_ = mailbox.name();
  log().on_login(record(), mailbox.name());
  drop_.emplace(mailbox, server_.settings(), context().world.calendar, recent);
  bad_commands_ = 0;
}

/// Wrong credentials: late, with diagnostics, and at some servers the last thing that is said.
void Session::refuse_login(Text text, Text last) {
  const Settings& settings = server_.settings();
  log().on_failed_login(record(), mailbox());
  pause(settings.failed_login_delay);
  bool is_last = settings.max_failed_logins > 0 && ++failed_logins_ >= settings.max_failed_logins;
  std::string line = line_of(is_last ? last : text, {});
  if (!settings.diagnostics.empty()) {
    std::size_t end = std::min(line.find("\r\n"), line.size());
    std::string suffix = fmt::format(" [{}]", settings.diagnostics);
    line.insert(end, suffix.substr(0, reply_octets_max - 2 - std::min(reply_octets_max - 2, end)));
  }
  say_line(std::move(line), false);
  answered_well_ = false;
  if (settings.count_bad == BadCommandLimit::in_a_row) ++bad_commands_;
  if (is_last) leave();
}

}  // namespace mailrig::fakeservers::pop3
