// EHLO, STARTTLS (RFC 3207) and AUTH (RFC 4954).

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "fakeservers/core/base64.h"
#include "fakeservers/core/sasl.h"
#include "fakeservers/smtp/session.h"

namespace mailrig::fakeservers::smtp {

bool Session::offers_starttls() const { return !tls() && smtp::offers_starttls(server_.settings().tls); }

bool Session::offers_auth() const {
  const Settings& settings = server_.settings();
  return !settings.sasl.empty() &&
         (tls() || settings.tls == Tls::none || (settings.tls == Tls::starttls && settings.auth_in_clear));
}

bool Session::has_mechanism(std::string_view name) const {
  return std::ranges::any_of(server_.settings().sasl,
                             [&](const std::string& one) { return equals_ignoring_case(name, one); });
}

void Session::on_ehlo(const Command& command) {
  if (!is_hello_name(command.argument)) return refuse(Text::helo_bad);
  hello_ = command.argument;
  reset_transaction();
  std::vector<std::string> lines{line_of(Text::ehlo, {})};
  for (const std::string& line : server_.settings().ehlo) {
    if (line == "{starttls}") {
      if (offers_starttls()) lines.emplace_back("STARTTLS");
    } else if (line == "{auth}") {
      if (offers_auth()) lines.push_back(fmt::format("AUTH {}", fmt::join(server_.settings().sasl, " ")));
    } else if (line == "SIZE {size}") {
      lines.push_back(fmt::format("SIZE {}", server_.settings().size_max));
    } else {
      lines.push_back(line);
    }
  }
  std::string reply;
  for (std::size_t i = 0; i < lines.size(); ++i)
    reply += fmt::format("{}250{}{}", i == 0 ? "" : "\r\n", i + 1 == lines.size() ? ' ' : '-', lines[i]);
  say_reply(reply);
}

void Session::on_helo(const Command& command) {
  if (!is_hello_name(command.argument)) return refuse(Text::helo_bad);
  hello_ = command.argument;
  reset_transaction();
  answer(Text::helo);
}

void Session::on_starttls(const Command& command) {
  if (!takes_nothing(command)) return;
  if (tls()) return refuse(Text::starttls_active);
  if (!offers_starttls()) return refuse(Text::starttls_unavailable);
  answer(Text::starttls);
  upgrade();
}

Session::Auth Session::begin_auth(std::string_view mechanism) {
  struct Row {
    std::string_view name;
    Auth auth;
  };
  static constexpr Row rows[] = {
      {"PLAIN", Auth::plain},     {"LOGIN", Auth::login_user},        {"CRAM-MD5", Auth::cram_md5},
      {"XOAUTH2", Auth::xoauth2}, {"OAUTHBEARER", Auth::oauthbearer}, {"EXTERNAL", Auth::external}};
  login_user_.clear();
  challenge_.clear();
  auth_ = Auth::other;
  if (!has_mechanism(mechanism)) return auth_;
  for (const Row& row : rows)
    if (equals_ignoring_case(mechanism, row.name)) auth_ = row.auth;
  return auth_;
}

void Session::on_auth(const Command& command) {
  if (server_.settings().sasl.empty()) return refuse(Text::auth_unavailable);
  if (!offers_auth()) return refuse(Text::auth_needs_tls);
  if (hello_.empty()) return refuse(Text::needs_hello);
  if (user_ != nullptr) return refuse(Text::auth_again);
  if (from_) return refuse(Text::bad_sequence);  // RFC 4954 §4: not during a transaction
  std::size_t space = command.argument.find(' ');
  std::string_view mechanism = command.argument.substr(0, space);
  std::string_view initial = space == std::string_view::npos ? std::string_view{} : command.argument.substr(space + 1);
  if (!has_mechanism(mechanism)) return refuse(Text::auth_unknown);
  begin_auth(mechanism);
  if (!initial.empty()) {
    // RFC 4954 §4: a mechanism in which the server speaks first takes no initial response.
    if (auth_ == Auth::cram_md5) return refuse(Text::auth_malformed);
    return take_response(initial == "=" ? std::string_view{} : initial);
  }
  if (auth_ == Auth::cram_md5)
    ask(make_challenge());
  else
    answer(auth_ == Auth::login_user ? Text::auth_prompt_user : Text::auth_prompt);
  expect_line();
}

/// RFC 2195 section 2: digits, a time stamp and the host. The digits are of the seed: the same run asks the same.
std::string Session::make_challenge() {
  Prng prng = context().world.prng.fork(fmt::format("{}/cram-md5/{}", this->arrival().connection, ++challenges_));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(server_.now().time_since_epoch()).count();
  challenge_ = fmt::format("<{}.{}@{}>", prng.below(1'000'000'000), seconds, server_.host());
  return challenge_;
}

void Session::ask(std::string_view challenge) { say_reply(line_of(Text::auth_prompt, {}) + to_base64(challenge)); }

/// After a rule's own challenge in reply to AUTH: the response is read as after the server's.
void Session::ask_scripted(std::string_view argument, std::string_view reply) {
  const std::size_t space = argument.find(' ');
  begin_auth(argument.substr(0, space));
  take_scripted_challenge(reply);
  // The initial response came with the command: the challenge is about it.
  if (space != std::string_view::npos) pass_over(argument.substr(space + 1));
  expect_line();
}

void Session::take_scripted_challenge(std::string_view reply) {
  constexpr std::string_view code = "334 ";
  reply = reply.substr(0, reply.find_first_of("\r\n"));
  if (reply.starts_with(code)) challenge_ = from_base64(reply.substr(code.size())).value_or("");
}

/// A response that a rule's own challenge answered: what comes next is the response to that.
void Session::pass_over(std::string_view response) {
  if (auth_ == Auth::login_user) {
    login_user_ = from_base64(response).value_or("");
    auth_ = Auth::login_password;
  } else if (auth_ == Auth::xoauth2 || auth_ == Auth::oauthbearer) {
    auth_ = Auth::token_refused;
  }
}

void Session::on_scripted_line(std::string_view line) {
  const std::string& said = *rule()->reply;
  if (rule()->logs_in) return log_in_by_rule(*rule()->logs_in);
  if (said.starts_with("334")) {
    take_scripted_challenge(said);
    pass_over(line);
    expect_line();
    return;
  }
  auth_ = Auth::none;
  if (!said.starts_with("2") && line != "*") log().on_failed_login(record(), mailbox());
}

void Session::on_line(std::string_view line) {
  if (line == "*") {
    auth_ = Auth::none;
    return refuse(Text::auth_cancelled);
  }
  if (auth_ == Auth::token_refused) {  // whatever it says: the token is wrong
    auth_ = Auth::none;
    return refuse_login(Text::auth_bad);
  }
  take_response(line);
}

void Session::take_response(std::string_view base64) {
  std::optional<std::string> response = from_base64(base64);
  if (!response) {
    auth_ = Auth::none;
    return refuse(Text::auth_malformed);
  }
  const Auth auth = std::exchange(auth_, Auth::none);
  switch (auth) {
    case Auth::plain: return take_plain(*response);
    case Auth::login_user:
      login_user_ = *std::move(response);
      auth_ = Auth::login_password;
      answer(Text::auth_prompt_password);
      expect_line();
      return;
    case Auth::login_password: return log_in(login_user_, {.secret = *response});
    case Auth::cram_md5: return take_cram_md5(*response);
    case Auth::xoauth2: return take_bearer(parse_xoauth2(*response));
    case Auth::oauthbearer: return take_bearer(parse_oauthbearer(*response));
    case Auth::external: login_user_ = *response; return log_in(*response, {.kind = Credential::Kind::external});
    case Auth::token_refused:
    case Auth::other:
    case Auth::none: return refuse_login(Text::auth_bad);
  }
}

void Session::take_plain(std::string_view response) {
  const std::optional<PlainResponse> plain = parse_plain(response);
  if (!plain) return refuse(Text::auth_malformed);
  login_user_ = plain->user;
  log_in(plain->user, {.secret = plain->password, .acts_as = plain->acts_as});
}

void Session::take_cram_md5(std::string_view response) {
  const std::optional<CramResponse> cram = parse_cram_md5(response);
  if (!cram) return refuse(Text::auth_malformed);
  login_user_ = cram->user;
  log_in(cram->user, {.kind = Credential::Kind::digest, .secret = cram->digest, .challenge = challenge_});
}

/// RFC 7628 section 3.2.2: a token is refused by a challenge that says why; the client answers, and the login fails.
void Session::take_bearer(const std::optional<BearerResponse>& bearer) {
  if (!bearer) return refuse(Text::auth_malformed);
  login_user_ = bearer->user;
  const Credential credential{.kind = Credential::Kind::token, .secret = bearer->token};
  if (server_.texts().has(Text::auth_token_refused) && server_.is_wrong(bearer->user, credential)) {
    ask(line_of(Text::auth_token_refused, {}));
    auth_ = Auth::token_refused;
    expect_line();
    return;
  }
  log_in(bearer->user, credential);
}

void Session::log_in(std::string_view user, const Credential& credential) {
  Login login = server_.log_in(user, credential);
  if (login.refusal) return refuse_login(*login.refusal);
  enter(*login.user);
  answer(Text::auth);
}

void Session::enter(User& user) {
  user_ = &user;
  ++user_->sessions;
  log().on_login(record(), user_->name());
}

/// The rule has replied: the session is in, whatever keeps the user out of others.
void Session::log_in_by_rule(std::string_view user) {
  auth_ = Auth::none;
  if (User* known = server_.user_of_rule(user); known != nullptr && user_ == nullptr) enter(*known);
}

void Session::refuse_login(Text text) {
  log().on_failed_login(record(), mailbox());
  ++failed_logins_;
  pause(server_.settings().failed_login_delay);
  const std::uint64_t most = server_.settings().max_failed_logins;
  answer(most > 0 && failed_logins_ >= most ? Text::auth_too_many : text);
  if (most > 0 && failed_logins_ >= most) leave();
}

}  // namespace mailrig::fakeservers::smtp
