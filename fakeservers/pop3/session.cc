#include "fakeservers/pop3/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "fakeservers/core/base64.h"

namespace mailrig::fakeservers::pop3 {

/// A command is one row here and one function.
struct Verbs {
  enum class When : std::uint8_t { any, before, after };  // before and after login
  struct Verb {
    std::string_view name;
    void (Session::*run)(const Session::Command&);
    When when;
    Step step;
  };
  static constexpr Verb table[] = {
      {"CAPA", &Session::on_capa, When::any, Step::capabilities},
      {"USER", &Session::on_user, When::before, Step::login},
      {"PASS", &Session::on_pass, When::before, Step::login},
      {"AUTH", &Session::on_auth, When::before, Step::login},
      {"APOP", &Session::on_apop, When::before, Step::login},
      {"STLS", &Session::on_stls, When::before, Step::tls},
      {"STAT", &Session::on_stat, When::after, Step::list},
      {"LIST", &Session::on_list, When::after, Step::list},
      {"UIDL", &Session::on_uidl, When::after, Step::list},
      {"RETR", &Session::on_retr, When::after, Step::retrieve},
      {"TOP", &Session::on_top, When::after, Step::retrieve},
      {"DELE", &Session::on_dele, When::after, Step::remove},
      {"RSET", &Session::on_rset, When::after, Step::request},
      {"NOOP", &Session::on_noop, When::after, Step::request},
      {"LAST", &Session::on_last, When::after, Step::request},
      {"QUIT", &Session::on_quit, When::any, Step::quit},
  };
  static const Verb* find(std::string_view name) {
    const Verb* verb = std::ranges::find(table, name, &Verb::name);
    return verb == std::end(table) ? nullptr : verb;
  }
};

namespace {

// A verb that is unknown may be a password typed in the wrong place: only what can be a command is shown.
constexpr std::size_t shown_verb_octets_max = 8;

bool may_be_verb(std::string_view word) {
  return !word.empty() && word.size() <= shown_verb_octets_max &&
         std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// APOP is an unknown command where there is none.
const Verbs::Verb* verb_of(std::string_view name, const Settings& settings) {
  return name == "APOP" && !settings.apop ? nullptr : Verbs::find(name);
}

bool is_login(std::string_view verb) { return verb == "PASS" || verb == "AUTH" || verb == "APOP"; }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Of PASS no blank is stray but one before it: a password may begin and end with any.
bool has_stray_blanks(std::string_view line) {
  if (line.starts_with(' ')) return true;
  return !starts_ignoring_case(line, "PASS ") && (line.ends_with(' ') || line.find("  ") != std::string_view::npos);
}

/// The first stamp of a greeting in the shape of RFC 1939 section 7: "<1896.697170952@dbc.mtview.ca.us>".
std::string_view stamp_in(std::string_view greeting) {
  const std::size_t begin = greeting.find('<');
  const std::size_t end = greeting.find('>', begin == std::string_view::npos ? 0 : begin);
  return begin == std::string_view::npos || end == std::string_view::npos ? ""
                                                                          : greeting.substr(begin, end + 1 - begin);
}

/// A session token in Gmail's shape: "bh7pf61475604pab" (docs/providers/gmail.md#dialogue).
std::string make_token(Prng prng) {
  std::string token;
  for (char c : std::string_view("aa0aa00000000aaa"))
    token += static_cast<char>(c == 'a' ? 'a' + prng.below(26) : '0' + prng.below(10));
  return token;
}

std::string utf16le(std::string_view ascii) {
  std::string bytes;
  for (char c : ascii) {
    bytes += c;
    bytes += '\0';
  }
  return bytes;
}

}  // namespace

std::span<const std::string_view> verbs() {
  static constexpr auto names = [] {
    std::array<std::string_view, std::size(Verbs::table)> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = Verbs::table[i].name;
    return all;
  }();
  return names;
}

Session::Session(Server& server, ConnectionInfo arrival)
    : LineSession(server.context(), server.faults(), server.log(), std::move(arrival)), server_(server) {}

void Session::greet() {
  token_ = make_token(context().world.prng.fork(this->arrival().connection));
  if (!server_.settings().apop) return answer(Text::greeting);
  // RFC 1939 section 7: the stamp is anywhere in the greeting.
  stamp_ = make_stamp();
  say_line(fmt::format("{} {}", line_of(Text::greeting, {}), stamp_), false);
}

/// A rule's own greeting: its stamp is the one that the client has seen.
void Session::on_scripted_greeting(std::string_view reply) { stamp_ = stamp_in(reply); }

std::string_view Session::until_nul(std::string_view text) const {
  return server_.settings().nul_ends_line ? text.substr(0, text.find('\0')) : text;
}

void Session::on_command(const Command& command) {
  answered_well_ = true;
  Command read{until_nul(command.verb), until_nul(command.argument), command.line};
  if (read.verb.size() < command.verb.size()) read.argument = {};
  if (drop_ && server_.settings().blanks == Blanks::leading)
    read.argument.remove_prefix(std::min(read.argument.find_first_not_of(' '), read.argument.size()));
  carry_out(read);
  after_bad_commands();
}

void Session::carry_out(const Command& command) {
  const Verbs::Verb* verb = verb_of(command.verb, server_.settings());
  const bool logged_in = drop_.has_value();
  const bool is_stray = server_.settings().blanks == Blanks::strict && has_stray_blanks(command.line);
  const bool is_apop = verb == nullptr && command.verb == "APOP" && !logged_in;
  if (server_.texts().has(Text::not_ascii) && !is_ascii(command.line))
    refuse(Text::not_ascii, {}, Bad::invalid);
  else if (is_apop && !is_stray && server_.texts().has(Text::apop_refused))
    refuse(Text::apop_refused);
  else if (is_stray || verb == nullptr)
    refuse_unknown(command);
  else if (refusal_ && verb->when == Verbs::When::after)
    refuse(*refusal_);
  else if (verb->when == (logged_in ? Verbs::When::before : Verbs::When::after))
    refuse_state(command);
  else
    (this->*verb->run)(command);
}

/// The rule has answered: the command is not carried out, but for what no server could do otherwise.
void Session::on_scripted(const Command& command) {
  if (command.verb == "QUIT") leave();
  observe_named(command);
  if (rule()->logs_in) return log_in_by_rule(*rule()->logs_in);
  if (command.verb == "AUTH" && !command.argument.empty() && is_challenge(*rule()->reply))
    ask_scripted(command.argument);
  if (is_login(command.verb) && !rule()->reply->starts_with("+")) log().on_failed_login(record(), mailbox());
}

/// RFC 5034 section 4: responses are as long as the mechanism makes them, whatever the limit of command lines is. An
/// AUTH command with a response has both.
std::size_t Session::line_octets_max(std::string_view begun) const {
  constexpr std::size_t line_end_octets = 2;
  const Settings& settings = server_.settings();
  if (expects_line()) return settings.sasl_octets_max + line_end_octets;
  if (starts_ignoring_case(begun, "AUTH ") && settings.auth_initial_response && !drop_)
    return settings.line_octets_max + settings.sasl_octets_max;
  if (!drop_ && settings.line_octets_max_unauthenticated > 0) return settings.line_octets_max_unauthenticated;
  return settings.line_octets_max;
}

void Session::on_long_line() {
  if (!expects_line() || !server_.settings().sasl_too_long_closes)
    answer(drop_ ? Text::line_too_long : Text::line_too_long_unauthenticated);
  leave();
}

void Session::on_idle() { answer(Text::idle); }

void Session::on_upgraded() {
  if (!server_.settings().stls_keeps_user) forget_user();
  mechanism_.clear();
}

void Session::on_end() {
  if (drop_) drop_->end();
}

Duration Session::patience() const { return drop_ ? server_.settings().idle : server_.settings().idle_unauthenticated; }

std::string Session::masked(const Command& command) const {
  std::size_t octets = command.line.size() - std::min(command.line.size(), command.verb.size() + 1);
  if (command.verb == "PASS") return "PASS <password>";
  if (command.verb == "AUTH") {
    std::size_t space = command.argument.find(' ');
    std::string_view mechanism = command.argument.substr(0, space);
    // "AUTH dXNlcg==" would show what was meant as a response.
    if (!mechanism.empty() && !has_mechanism(mechanism))
      return fmt::format("AUTH <{} octets>", command.argument.size());
    if (space != std::string_view::npos) return fmt::format("AUTH {} <password>", mechanism);
    return printable(command.line);
  }
  if (command.verb == "APOP" && server_.settings().apop && !drop_)
    return fmt::format("APOP {} <digest>", printable(command.argument.substr(0, command.argument.find(' '))));
  if (drop_ || verb_of(command.verb, server_.settings()) != nullptr) return printable(command.line);
  if (!may_be_verb(command.verb)) return fmt::format("<{} octets>", command.line.size());
  return octets == 0 ? std::string(command.verb) : fmt::format("{} <{} octets>", command.verb, octets);
}

std::string Session::line_entry(std::string_view line) const {
  return line.empty() || line == "*" ? std::string(line) : "<password>";
}

std::string_view Session::mailbox() const {
  return drop_ ? std::string_view(drop_->mailbox().name()) : server_.mailbox_name(user_);
}

Step Session::step_of(const Command& command) const {
  const Verbs::Verb* verb = verb_of(command.verb, server_.settings());
  return verb == nullptr ? Step::request : verb->step;
}

void Session::fill(std::string& out, std::string_view name, const TemplateArgs& words) const {
  auto number = [&](std::uint64_t value) { fmt::format_to(std::back_inserter(out), "{}", value); };
  if (name == "n")
    number(words.of_drop ? words.n + drop_->count() : words.n);
  else if (name == "octets")
    number(words.of_drop ? drop_->octets() : words.octets);
  else if (name == "total")
    number(words.total);
  else if (name == "uid")
    out += words.uid;
  else if (name == "argument")
    out += words.argument;
  else if (name == "user")
    out += user_;
  else if (name == "token")
    out += token_;
  else if (name == "peer")
    out += address_of(this->arrival().peer);
  else if (name == "host")
    out += server_.host();
  else if (name == "server")
    out += server_.settings().server_name;
  else if (name == "server_base64")
    out += to_base64(utf16le(server_.settings().server_name));
  else if (name == "date")
    out += format_rfc5322_date(context().world.calendar.now());
}

const std::string& Session::line_of(Text text, const TemplateArgs& words) {
  line_.clear();
  server_.texts()[text].append(line_, [&](std::string& out, std::string_view name) { fill(out, name, words); });
  return line_;
}

/// An empty text is silence: so some servers end an idle session.
void Session::answer(Text text, const TemplateArgs& words, bool is_head) {
  if (server_.texts()[text].empty()) return;
  say_line(line_of(text, words), is_head, words.secret ? server_.texts()[text].shown() : std::string());
}

/// The transcript has `shown` where there is one.
void Session::say_line(std::string line, bool is_head, std::string_view shown) {
  if (bend() != Mutation::none) {
    std::string bytes = bent_line(bend(), std::move(line) + "\r\n", is_head);
    std::string_view lines = std::string_view(bytes).substr(0, bytes.rfind("\r\n"));
    say_bytes(bytes, shown.empty() ? printable(lines) : std::string(shown));
  } else if (shown.empty()) {
    say(line);
  } else {
    say_masked(line, shown);
  }
}

void Session::refuse(Text text, const TemplateArgs& words, Bad bad) {
  answer(text, words);
  answered_well_ = false;
  if (bad == Bad::invalid || server_.settings().count_bad == BadCommandLimit::in_a_row) ++bad_commands_;
}

void Session::refuse_unknown(const Command& command) {
  // Before login the word may be a secret; a text that repeats it is masked in the transcript as the command is.
  Text text = drop_ ? Text::unknown_command : Text::unknown_command_unauthenticated;
  if (drop_ && command.verb.empty()) text = Text::unknown_command_empty;
  unknown_ = true;
  refuse(text, {.argument = command.verb, .secret = !drop_ && !may_be_verb(command.verb)}, Bad::invalid);
}

void Session::refuse_state(const Command& command) {
  if (server_.texts().has(Text::wrong_state))
    refuse(Text::wrong_state, {.argument = command.verb});
  else
    refuse_unknown(command);
}

void Session::after_bad_commands() {
  const Settings& settings = server_.settings();
  const bool unknown = std::exchange(unknown_, false);
  const bool is_passed_over = std::exchange(passed_over_, false);
  if (!drop_ && settings.max_unknown_commands > 0) {
    if (is_passed_over) return;
    unknown_commands_ = unknown ? unknown_commands_ + 1 : 0;
    if (unknown_commands_ < settings.max_unknown_commands) return;
    answer(Text::too_many_bad_unauthenticated);
    return leave();
  }
  if (answered_well_) {
    if (settings.count_bad == BadCommandLimit::in_a_row) bad_commands_ = 0;
    return;
  }
  if (settings.max_bad_commands == 0 || bad_commands_ < settings.max_bad_commands) return;
  answer(drop_ ? Text::too_many_bad : Text::too_many_bad_unauthenticated);
  leave();
}

}  // namespace mailrig::fakeservers::pop3
