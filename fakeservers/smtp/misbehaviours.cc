#include "fakeservers/smtp/misbehaviours.h"

#include <algorithm>

namespace mailrig::fakeservers::smtp {
namespace {

constexpr std::string_view every_command =
    "EHLO HELO STARTTLS AUTH MAIL RCPT DATA BDAT RSET NOOP VRFY EXPN HELP QUIT greeting message any";

void cut_before_reply(FaultRule& rule) {
  rule.cut_after = 0;
  rule.ending = Ending::orderly;
}
void stall(FaultRule& rule) { rule.hang = true; }
void cut_handshake(FaultRule& rule) { rule.cut_after = 0; }

constexpr int id(Mutation bend) { return static_cast<int>(bend); }

constexpr Misbehaviour rows[] = {
    {"reply-twice", every_command, "says each reply twice", id(Mutation::reply_twice)},
    {"bare-lf", every_command, "ends its lines in LF alone", id(Mutation::bare_lf)},
    {"code-only", every_command, "says the code and nothing behind it", id(Mutation::code_only)},
    {"no-last-line", every_command, "marks every line of the reply as not the last", id(Mutation::no_last_line)},
    {"mixed-codes", every_command, "begins a reply with a line of another code", id(Mutation::mixed_codes)},
    {"long-greeting", "greeting", "greets with several lines, as Exim on shared hosts does",
     id(Mutation::long_greeting)},
    {"auth-equals", "EHLO", "lists AUTH a second time with an equals sign, as old Exchange does",
     id(Mutation::auth_equals)},
    {"starttls-stripped", "EHLO", "leaves STARTTLS out, as an attacker in the middle does",
     id(Mutation::starttls_hidden)},
    {"reply-after-starttls", "STARTTLS", "sends a further reply in clear behind the 220 (CVE-2021-38371 and its like)",
     id(Mutation::reply_after_starttls)},
    {"no-answer-to-message", "message", "ends the connection after the dot without a reply", 0, cut_before_reply},
    {"plain-on-tls", "tls", "speaks SMTP in clear where TLS is expected", id(Mutation::plain_on_tls)},
    {"tls-stall", "tls", "never answers the handshake", 0, stall},
    {"tls-cut", "tls", "ends the connection in the middle of the handshake", 0, cut_handshake},
};

/// Calls take(line) for each line, its CRLF included.
template <class Take>
void each_line(std::string_view reply, Take take) {
  while (!reply.empty()) {
    std::string_view line = reply.substr(0, std::min(reply.find('\n'), reply.size() - 1) + 1);
    reply.remove_prefix(line.size());
    take(line);
  }
}

std::string as_continued(std::string_view line) {
  std::string continued(line);
  if (continued.size() > 3 && continued[3] == ' ') continued[3] = '-';
  return continued;
}

}  // namespace

std::span<const Misbehaviour> misbehaviours() { return rows; }

std::string bent_reply(Mutation bend, std::string reply) {
  std::string bent;
  switch (bend) {
    case Mutation::reply_twice: return reply + reply;
    case Mutation::bare_lf: std::erase(reply, '\r'); return reply;
    case Mutation::code_only: return reply.substr(0, 3) + "\r\n";
    case Mutation::no_last_line:
      each_line(reply, [&](std::string_view line) { bent += as_continued(line); });
      return bent;
    case Mutation::mixed_codes:
      return (reply.starts_with('2') ? "550-" : "250-") + std::string("of another reply\r\n") + reply;
    case Mutation::long_greeting:
      return as_continued(reply) +
             "220-We do not authorize the use of this system to transport unsolicited,\r\n220 and/or bulk e-mail.\r\n";
    case Mutation::auth_equals:
      each_line(reply, [&](std::string_view line) {
        if (line.size() > 9 && line.substr(4, 5) == "AUTH ") bent += "250-AUTH=" + std::string(line.substr(9));
        bent += line;
      });
      return bent;
    case Mutation::starttls_hidden: {
      std::string last;
      each_line(reply, [&](std::string_view line) {
        if (line.size() > 4 && line.substr(4) == "STARTTLS\r\n") return;
        bent += as_continued(std::exchange(last, std::string(line)));
      });
      if (last.size() > 3) last[3] = ' ';
      return bent + last;
    }
    case Mutation::reply_after_starttls: return reply + "250 2.0.0 injected\r\n";
    case Mutation::none:
    case Mutation::plain_on_tls: break;
  }
  return reply;
}

}  // namespace mailrig::fakeservers::smtp
