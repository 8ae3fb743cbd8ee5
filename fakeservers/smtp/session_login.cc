// EHLO, STARTTLS (RFC 3207) and AUTH (RFC 4954).

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/base64.h"
#include "fakeservers/smtp/session.h"

namespace mailrig::fakeservers::smtp {

bool is_word(std::string_view word, std::string_view capitals) {
  return std::ranges::equal(word, capitals,
                            [](char a, char b) { return a == b || (a >= 'a' && a <= 'z' && a - 'a' + 'A' == b); });
}

bool Session::offers_starttls() const {
  const Tls mode = server_.settings().tls;
  return !tls() && (mode == Tls::starttls || mode == Tls::starttls_required);
}

bool Session::offers_auth() const {
  const Settings& settings = server_.settings();
  return !settings.sasl.empty() &&
         (tls() || settings.tls == Tls::none || (settings.tls == Tls::starttls && settings.auth_in_clear));
}

bool Session::has_mechanism(std::string_view name) const {
  return std::ranges::any_of(server_.settings().sasl, [&](const std::string& one) { return is_word(name, one); });
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

void Session::on_auth(const Command& command) {
  if (server_.settings().sasl.empty()) return refuse(Text::auth_unavailable);
  if (!offers_auth()) return refuse(Text::auth_needs_tls);
  if (hello_.empty()) return refuse(Text::needs_hello);
  if (user_ != nullptr) return refuse(Text::auth_again);
  if (from_) return refuse(Text::bad_sequence);  // RFC 4954 §4: not during a transaction
  std::size_t space = command.argument.find(' ');
  std::string_view mechanism = command.argument.substr(0, space);
  std::string_view initial = space == command.argument.npos ? std::string_view{} : command.argument.substr(space + 1);
  if (!has_mechanism(mechanism)) return refuse(Text::auth_unknown);
  login_user_.clear();
  auth_ = is_word(mechanism, "PLAIN") ? Auth::plain : is_word(mechanism, "LOGIN") ? Auth::login_user : Auth::other;
  if (!initial.empty()) return take_response(initial == "=" ? std::string_view{} : initial);
  answer(auth_ == Auth::login_user ? Text::auth_prompt_user : Text::auth_prompt);
  expect_line();
}

void Session::on_line(std::string_view line) {
  if (line == "*") {
    auth_ = Auth::none;
    return refuse(Text::auth_cancelled);
  }
  take_response(line);
}

void Session::take_response(std::string_view base64) {
  std::optional<std::string> response = from_base64(base64);
  if (!response) {
    auth_ = Auth::none;
    return refuse(Text::auth_malformed);
  }
  switch (std::exchange(auth_, Auth::none)) {
    case Auth::plain: return take_plain(*response);
    case Auth::login_user:
      login_user_ = *std::move(response);
      auth_ = Auth::login_password;
      answer(Text::auth_prompt_password);
      expect_line();
      return;
    case Auth::login_password: return log_in(login_user_, *response);
    case Auth::other:
    case Auth::none: return refuse_login(Text::auth_bad);
  }
}

/// RFC 4616: authorization identity, NUL, authentication identity, NUL, password.
void Session::take_plain(std::string_view response) {
  std::size_t first = response.find('\0');
  std::size_t second = first == response.npos ? first : response.find('\0', first + 1);
  if (second == response.npos || response.find('\0', second + 1) != response.npos) return refuse(Text::auth_malformed);
  std::string_view acts_as = response.substr(0, first);
  std::string_view user = response.substr(first + 1, second - first - 1);
  login_user_ = user;
  if (!acts_as.empty() && acts_as != user) return refuse_login(Text::auth_bad);
  log_in(user, response.substr(second + 1));
}

void Session::log_in(std::string_view user, std::string_view password) {
  Login login = server_.log_in(user, password);
  if (login.refusal) return refuse_login(*login.refusal);
  user_ = login.user;
  ++user_->sessions;
  log().on_login(record(), user_->name());
  answer(Text::auth);
}

void Session::refuse_login(Text text) {
  log().on_failed_login();
  ++failed_logins_;
  pause(server_.settings().failed_login_delay);
  const std::uint64_t most = server_.settings().max_failed_logins;
  answer(most > 0 && failed_logins_ >= most ? Text::auth_too_many : text);
  if (most > 0 && failed_logins_ >= most) leave();
}

}  // namespace mailrig::fakeservers::smtp
