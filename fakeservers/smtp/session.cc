#include "fakeservers/smtp/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"

namespace mailrig::fakeservers::smtp {

/// A command is one row here and one function.
struct Verbs {
  struct Verb {
    std::string_view name;
    void (Session::*run)(const Session::Command&);
    bool before_tls;  // may come in clear where TLS is required (RFC 3207 §4)
    Step step;
  };
  static constexpr Verb table[] = {
      {"EHLO", &Session::on_ehlo, true, Step::hello},         {"HELO", &Session::on_helo, true, Step::hello},
      {"STARTTLS", &Session::on_starttls, true, Step::tls},   {"AUTH", &Session::on_auth, false, Step::login},
      {"MAIL", &Session::on_mail, false, Step::mail},         {"RCPT", &Session::on_rcpt, false, Step::recipient},
      {"DATA", &Session::on_data_command, false, Step::data}, {"BDAT", &Session::on_bdat, false, Step::data},
      {"RSET", &Session::on_rset, false, Step::request},      {"NOOP", &Session::on_noop, true, Step::request},
      {"VRFY", &Session::on_vrfy, false, Step::request},      {"EXPN", &Session::on_expn, false, Step::request},
      {"HELP", &Session::on_help, false, Step::request},      {"QUIT", &Session::on_quit, true, Step::quit},
  };
  static const Verb* find(std::string_view name) {
    const Verb* verb = std::ranges::find(table, name, &Verb::name);
    return verb == std::end(table) ? nullptr : verb;
  }
};

namespace {

// RFC 4954 §4: an AUTH line, or a response, has at most this many octets with its end.
constexpr std::size_t auth_line_octets_max = 12'288;
// What extensions add to a MAIL line: SIZE 26 (RFC 1870 §3), BODY 17 (RFC 6152 §7), AUTH 500 (RFC 4954 §3), SMTPUTF8 10
// (RFC 6531 §3.4), RET and ENVID 115 (RFC 3461 §4.4); to a RCPT line: NOTIFY and ORCPT 529 (RFC 3461 §4).
constexpr std::size_t mail_line_growth = 26 + 17 + 500 + 10 + 115;
constexpr std::size_t rcpt_line_growth = 529;
// A verb that is unknown may be a password typed in the wrong place: only what can be a command is shown.
constexpr std::size_t shown_verb_octets_max = 8;

bool may_be_verb(std::string_view word) {
  return !word.empty() && word.size() <= shown_verb_octets_max &&
         std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// "127.0.0.2:40001" and "[::1]:40001" without the port.
std::string_view address_of(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  return peer.substr(0, peer.rfind(':'));
}

/// A session token in Gmail's shape: "q11-20020ac84...": letters and digits (docs/providers/gmail.md#smtp).
std::string make_token(Prng prng) {
  std::string token;
  for (char c : std::string_view("a00aa0000000aaa.00"))
    token += c == '.' ? '.' : static_cast<char>(c == 'a' ? 'a' + prng.below(26) : '0' + prng.below(10));
  return token;
}

/// "January 25, 2018 12:17:24 AM PST": Zoho's greeting (docs/providers/zoho.md#smtp). PST is eight hours behind all the
/// year.
std::string long_date(Instant now) {
  static constexpr std::array months{"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
  Instant local = now - 8h;
  auto day = std::chrono::floor<std::chrono::days>(local);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(local - day)};
  auto hour = time.hours().count();
  return fmt::format("{} {}, {} {:02}:{:02}:{:02} {} PST", months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<unsigned>(date.day()), static_cast<int>(date.year()), hour % 12 == 0 ? 12 : hour % 12,
                     time.minutes().count(), time.seconds().count(), hour < 12 ? "AM" : "PM");
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
    : LineSession(server.context(), server.faults(), server.log(), std::move(arrival)), server_(server) {
  token_ = make_token(context().world.prng.fork(this->arrival().connection));
}

void Session::greet() { answer(Text::greeting); }

bool Session::on_early() {
  if (!server_.settings().enforce_sync) return false;
  answer(Text::early);
  return true;
}

void Session::on_command(const Command& command) {
  const Verbs::Verb* verb = Verbs::find(command.verb);
  const bool clear = server_.settings().tls == Tls::starttls_required && !tls();
  if (command.line.size() + 2 > line_limit(command.verb))
    refuse(Text::line_too_long);
  else if (verb == nullptr)
    refuse(Text::unknown_command);
  else if (clear && !verb->before_tls)
    refuse(Text::tls_needed);
  else
    (this->*verb->run)(command);
}

/// The rule has answered: the command is not carried out, but for what no server could do otherwise.
void Session::on_scripted(const Command& command) {
  const std::string& said = *rule()->reply;
  if (command.verb == "QUIT") leave();
  // Who is asked for more will send it: what comes is read as that and not as commands, and a password stays masked.
  if (rule()->logs_in) {
    log_in_by_rule(*rule()->logs_in);
  } else if (command.verb == "AUTH" && said.starts_with("334")) {
    ask_scripted(command.argument, said);
  } else if (command.verb == "AUTH" && !said.starts_with("2")) {
    log().on_failed_login(record(), mailbox());
  }
  if (command.verb == "DATA" && said.starts_with("354")) {
    reader_ = DataReader({.octets_max = server_.settings().size_max, .bare_lf = server_.settings().bare_lf});
    expect_data();
  }
  if (command.verb == "BDAT") {
    chunk_left_ = 0;
    for (char c : command.argument.substr(0, command.argument.find(' ')))
      if (c >= '0' && c <= '9' && chunk_left_ < UINT32_MAX)
        chunk_left_ = chunk_left_ * 10 + static_cast<unsigned>(c - '0');
    chunk_ = Chunk::unanswered;
    if (chunk_left_ > 0) expect_data();
  }
}

std::string_view Session::fault_argument(const Command& command) const {
  return smtp::fault_argument(command.verb, command.argument);
}

/// RFC 5321 section 3.8: a server that says 421 closes the connection.
bool Session::closes(std::string_view reply) const { return reply.starts_with("421"); }

void Session::on_long_line() {
  answer(Text::line_too_long);
  leave();
}

void Session::on_idle() { answer(Text::idle); }

/// RFC 3207 §4.2: nothing that was said in clear is remembered.
void Session::on_upgraded() {
  hello_.clear();
  forget_login();
  reset_transaction();
}

void Session::on_end() { forget_login(); }

void Session::forget_login() {
  if (user_ != nullptr) --user_->sessions;
  user_ = nullptr;
}

std::size_t Session::line_octets_max(std::string_view /*begun*/) const { return auth_line_octets_max; }

std::size_t Session::line_limit(std::string_view verb) const {
  const auto limit = static_cast<std::size_t>(server_.settings().line_octets_max);
  if (verb == "AUTH") return auth_line_octets_max;
  if (verb == "MAIL") return limit + mail_line_growth;
  if (verb == "RCPT") return limit + rcpt_line_growth;
  return limit;
}

std::string Session::masked(const Command& command) const {
  const std::size_t octets = command.line.size() - std::min(command.line.size(), command.verb.size() + 1);
  if (command.verb == "AUTH") {
    std::size_t space = command.argument.find(' ');
    std::string_view mechanism = command.argument.substr(0, space);
    // "AUTH dXNlcg==" would show what was meant as a response.
    if (!mechanism.empty() && !has_mechanism(mechanism))
      return fmt::format("AUTH <{} octets>", command.argument.size());
    if (space == std::string_view::npos) return printable(command.line);
    return fmt::format("AUTH {} {}", mechanism, equals_ignoring_case(mechanism, "LOGIN") ? "<user>" : "<credentials>");
  }
  if (Verbs::find(command.verb) != nullptr) return printable(command.line, 512);
  if (!may_be_verb(command.verb)) return fmt::format("<{} octets>", command.line.size());
  return octets == 0 ? std::string(command.verb) : fmt::format("{} <{} octets>", command.verb, octets);
}

std::string Session::line_entry(std::string_view line) const {
  if (line.empty() || line == "*") return std::string(line);
  switch (auth_) {
    case Auth::login_user: return "<user>";
    case Auth::login_password: return "<password>";
    default: return "<credentials>";
  }
}

std::string_view Session::mailbox() const { return user_ != nullptr ? std::string_view(user_->name()) : login_user_; }

Step Session::step_of(const Command& command) const {
  const Verbs::Verb* verb = Verbs::find(command.verb);
  return verb == nullptr ? Step::request : verb->step;
}

void Session::fill(std::string& out, std::string_view name, const TemplateArgs& words) const {
  const Settings& settings = server_.settings();
  if (name == "host")
    out += server_.host();
  else if (name == "server")
    out += settings.server_name.empty() ? server_.host() : settings.server_name;
  else if (name == "diagnostics")
    out += settings.diagnostics;
  else if (name == "peer")
    out += address_of(this->arrival().peer);
  else if (name == "token")
    out += token_;
  else if (name == "ehlo")
    out += hello_;
  else if (name == "user")
    out += user_ != nullptr ? std::string_view(user_->name()) : std::string_view(login_user_);
  else if (name == "date")
    out += format_rfc5322_date(server_.now());
  else if (name == "long_date")
    out += long_date(server_.now());
  else if (name == "address")
    out += words.address;
  else if (name == "domain")
    out += domain_of(words.address);
  else if (name == "argument")
    out += words.argument;
  else if (name == "size")
    out += fmt::format("{}", settings.size_max);
  else if (name == "octets")
    out += fmt::format("{}", words.octets);
  else if (name == "id")
    out += words.id;
  else if (name == "number")
    out += words.number;
  else if (name == "message_id")
    out += words.message_id;
}

std::string Session::line_of(Text text, const TemplateArgs& words) {
  std::string line;
  server_.texts()[text].append(line, [&](std::string& out, std::string_view name) { fill(out, name, words); });
  return line;
}

void Session::answer(Text text, const TemplateArgs& words, Counted counted) {
  std::string reply = line_of(text, words);
  // RFC 5321 §3.8: whoever says 421 closes the connection.
  const bool closes = reply.starts_with("421");
  say_reply(reply);
  if (closes) leave();
  if (counted == Counted::no) return;
  ++errors_;
  const std::uint64_t most = server_.settings().max_errors;
  if (most == 0 || errors_ < most || closes) return;
  say_reply(line_of(Text::too_many_errors, {}));
  leave();
}

void Session::say_reply(const std::string& reply) {
  const Mutation bend = bend_of(rule());
  if (bend == Mutation::none || bend == Mutation::plain_on_tls) {
    say(reply);
    return;
  }
  std::string bent = bent_reply(bend, reply + "\r\n");
  std::string shown = printable(bent, 512);
  say_bytes(bent, shown);
}

bool Session::takes_nothing(const Command& command) {
  if (command.argument.find_first_not_of(' ') == std::string_view::npos) return true;
  refuse(Text::no_parameters);
  return false;
}

}  // namespace mailrig::fakeservers::smtp
