#include "fakeservers/pop3/misbehaviours.h"

#include <fmt/format.h>

#include <algorithm>

namespace mailrig::fakeservers::pop3 {
namespace {

constexpr int id(Mutation bend) { return static_cast<int>(bend); }

void say(FaultRule& rule, std::string_view bytes) { rule.reply = std::string(bytes); }
void say_and_end(FaultRule& rule, std::string_view bytes, Ending ending = Ending::orderly) {
  say(rule, bytes);
  rule.ending = ending;
}
/// All of the reply, then silence.
void then_silence(FaultRule& rule) {
  rule.cut_after = FaultRule::all_octets;
  rule.hang = true;
}

using enum Mutation;
// M1 to M50: docs/providers/misbehaviours.md#m1 and so on.
constexpr Misbehaviour rows[] = {
    {"no-final-crlf-before-dot", "RETR TOP", "M1: the dot is glued to the last character, and silence follows",
     id(no_final_crlf_before_dot), then_silence},
    {"no-terminator", "RETR TOP LIST UIDL", "M2: the reply ends without its dot, and silence follows",
     id(no_terminator), then_silence},
    {"dot-cr-only", "RETR TOP LIST UIDL", "M3: the last LF never comes", id(dot_cr_only), then_silence},
    {"bare-lf", "any", "M4: all lines end in LF alone", id(bare_lf)},
    {"bare-lf-dot-in-body", "RETR", "M5: the body holds LF . LF, which is no end", id(bare_lf_dot_in_body)},
    {"no-dot-stuffing", "RETR TOP", "M6: dots that begin a line are sent as they are; a message without one gets some",
     id(no_dot_stuffing)},
    {"dot-stuff-split", "RETR TOP LIST UIDL", "M7: one octet a segment", 0,
     [](FaultRule& rule) { rule.split_every = 1; }},
    {"slow-drip", "any", "M8: one octet a second", 0,
     [](FaultRule& rule) {
       rule.drip = FaultRule::Drip{1, 1s};
     }},
    {"uidl-unsupported", "UIDL CAPA", "M9: UIDL is no command, and not among the capabilities", id(uidl_unsupported)},
    {"uidl-in-capa-only-after-auth", "CAPA", "M10: before login the capabilities have no UIDL",
     id(uidl_only_after_auth)},
    {"uidl-duplicate", "UIDL", "M11: the second message has the unique-id of the first", id(uidl_duplicate)},
    {"uidl-blank", "UIDL", "M12: the first message has an empty unique-id: \"1 \"", id(uidl_blank)},
    {"uidl-blank/no-space", "UIDL", "M12: the same without the space: \"1\"", id(uidl_blank_no_space)},
    {"uidl-long", "UIDL", "M13: unique-ids of 200 octets", id(uidl_long)},
    {"uidl-junk", "UIDL", "M14: unique-ids with a space, 8 bit, a control octet, / + = and %", id(uidl_junk)},
    {"uidl-reused", "UIDL", "M15: the newest message has the unique-id of the first that is gone", id(uidl_reused)},
    {"uidl-renumbered", "UIDL", "M16: all unique-ids are others than before", id(uidl_renumbered)},
    {"uidl-gap-or-disorder", "UIDL LIST", "M17: the second row is missing", id(uidl_gap)},
    {"uidl-gap-or-disorder/disorder", "UIDL LIST", "M17: the rows come backwards", id(uidl_disorder)},
    {"uidl-gap-or-disorder/too-many", "UIDL LIST", "M17: two rows more than there are messages", id(uidl_too_many)},
    {"uidl-gap-or-disorder/repeated", "UIDL LIST", "M17: the first row comes twice", id(uidl_repeated)},
    {"uidl-gap-or-disorder/without-end", "UIDL LIST CAPA", "M17: one row 20,000 times, and no end", 0,
     [](FaultRule& rule) {
       std::string reply = "+OK\r\n";
       for (int i = 0; i < 20'000; ++i) reply += "1 1\r\n";
       say(rule, reply);
     }},
    {"list-missing-in-uidl", "UIDL", "M18: the newest message is in LIST and not in UIDL", id(last_row_missing)},
    {"list-size-wrong", "LIST", "M19: sizes that are larger than the messages", id(size_larger)},
    {"list-size-wrong/smaller", "LIST", "M19: half of the size", id(size_smaller)},
    {"list-size-wrong/zero", "LIST", "M19: 0", id(size_zero)},
    {"list-size-wrong/rounded", "LIST", "M19: rounded up to 1024", id(size_rounded)},
    {"list-size-wrong/negative", "LIST", "M19: -1", id(size_negative)},
    {"list-size-wrong/32-bits", "LIST", "M19: 4294967295", id(size_32_bits)},
    {"list-size-wrong/65-bits", "LIST", "M19: 18446744073709551616", id(size_65_bits)},
    {"list-size-wrong/words", "LIST", "M19: ten-twenty-four", id(size_words)},
    {"list-size-wrong/missing", "LIST", "M19: no size", id(size_missing)},
    {"stat-huge", "STAT", "M20: more than 32 bits of octets", 0,
     [](FaultRule& rule) { say(rule, "+OK 3 4294967800\r\n"); }},
    {"stat-text", "STAT", "M21: +OK 2 (320 octets)", 0, [](FaultRule& rule) { say(rule, "+OK 2 (320 octets)\r\n"); }},
    {"stat-text/bare", "STAT", "M21: +OK and nothing else", 0, [](FaultRule& rule) { say(rule, "+OK\r\n"); }},
    {"stat-text/words", "STAT", "M21: +OK 2 messages", 0, [](FaultRule& rule) { say(rule, "+OK 2 messages\r\n"); }},
    {"list-empty", "LIST UIDL", "M22: no messages, whatever there is", 0,
     [](FaultRule& rule) { say(rule, "+OK 0 messages:\r\n.\r\n"); }},
    {"ok-twice", "TOP RETR", "M23: the first line comes twice", id(ok_twice)},
    {"err-mid-retr", "RETR", "M24: -ERR in the middle of the body, and the connection ends", id(err_mid_retr),
     [](FaultRule& rule) { rule.ending = Ending::orderly; }},
    {"err-mid-retr/goes-on", "RETR", "M24: -ERR in the middle of the body, and the rest of it",
     id(err_mid_retr_goes_on)},
    {"drop-mid-retr", "RETR", "M25: a reset after 200 octets of the reply", 0,
     [](FaultRule& rule) {
       rule.cut_after = 200;
       rule.ending = Ending::reset;
     }},
    {"drop-mid-retr/fin", "RETR", "M25: FIN without close_notify after 200 octets", 0,
     [](FaultRule& rule) {
       rule.cut_after = 200;
       rule.ending = Ending::no_close_notify;
     }},
    {"drop-after-pass", "PASS AUTH", "M26: FIN instead of an answer; nobody is logged in", 0,
     [](FaultRule& rule) { say_and_end(rule, ""); }},
    {"drop-after-pass/reset", "PASS AUTH", "M26: a reset instead of an answer", 0,
     [](FaultRule& rule) { say_and_end(rule, "", Ending::reset); }},
    {"hang-after-pass", "PASS AUTH", "M27: no answer at all; for a late one use `delay`", 0,
     [](FaultRule& rule) { rule.hang = true; }},
    {"quit-no-answer", "QUIT", "M28: what was to be done at QUIT is done, and FIN comes instead of the answer", 0,
     [](FaultRule& rule) {
       rule.cut_after = 0;
       rule.ending = Ending::no_close_notify;
     }},
    {"quit-no-answer/undone", "QUIT", "M28: the same, and nothing is done", 0,
     [](FaultRule& rule) { say_and_end(rule, "", Ending::no_close_notify); }},
    {"quit-err", "QUIT", "M29: -ERR some deleted messages not removed, and none is", 0,
     [](FaultRule& rule) { say(rule, "-ERR some deleted messages not removed\r\n"); }},
    {"plus-err", "any", "M30: +ERR, as hMailServer says it", 0,
     [](FaultRule& rule) { say(rule, "+ERR Server error: Failed to fetch messages in Inbox.\r\n"); }},
    {"plus-err/minus-ok", "any", "M30: -OK for +OK", id(minus_ok)},
    {"plus-err/no-sign", "any", "M30: OK for +OK", id(no_sign)},
    {"plus-err/lower-case", "any", "M30: +ok for +OK", id(lower_case_ok)},
    {"plus-err/bare-ok", "any", "M30: +OK without any text", id(bare_ok)},
    {"plus-err/no-space", "any", "M30: +OKfoo", id(no_space)},
    {"plus-err/bare-err", "any", "M30: -ERR without any text, and the command is not carried out", 0,
     [](FaultRule& rule) { say(rule, "-ERR\r\n"); }},
    {"multiline-greeting", "greeting", "M31: a greeting of two lines", 0,
     [](FaultRule& rule) { say(rule, "+OK-welcome\r\n+OK POP3 server ready\r\n"); }},
    {"multiline-greeting/smtp", "greeting", "M31: the banner of an SMTP server", 0,
     [](FaultRule& rule) { say(rule, "220 mail.example.test ESMTP ready\r\n"); }},
    {"multiline-greeting/http", "greeting", "M31: an HTTP answer", 0,
     [](FaultRule& rule) {
       say_and_end(rule, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
     }},
    {"multiline-greeting/ssh", "greeting", "M31: the banner of an SSH server", 0,
     [](FaultRule& rule) { say(rule, "SSH-2.0-OpenSSH_9.2p1\r\n"); }},
    {"multiline-greeting/err", "greeting", "M31: -ERR, and the connection ends", 0,
     [](FaultRule& rule) { say_and_end(rule, "-ERR too many connections\r\n"); }},
    {"multiline-greeting/nothing", "greeting", "M31: no greeting", 0, [](FaultRule& rule) { rule.hang = true; }},
    {"banner-delay", "greeting", "M32: the greeting comes after a minute; `delay` makes it another time", 0,
     [](FaultRule& rule) { rule.delay = 60s; }},
    {"multiline-err", "PASS AUTH", "M33: two lines, the second without -ERR, and the connection ends", 0,
     [](FaultRule& rule) {
       say_and_end(rule, "-ERR Logon failure: unknown user name or bad password.\r\nConnection is closed. 21\r\n");
     }},
    {"extra-blank-line", "any", "M34: an empty line after a reply of one line", id(extra_blank_line)},
    {"pipelined-after-stls", "STLS", "M35: two replies in clear are glued to that of STLS", id(pipelined_after_stls)},
    {"capa-odd", "CAPA", "M36: a capability that begins with a dot, and is not byte-stuffed", id(capa_dot_line)},
    {"capa-odd/lower-case", "CAPA", "M36: lower case", id(capa_lower_case)},
    {"capa-odd/trailing-spaces", "CAPA", "M36: spaces at the ends of lines", id(capa_trailing_spaces)},
    {"capa-odd/many-lines", "CAPA", "M36: 300 lines", id(capa_many_lines)},
    {"capa-odd/languages", "CAPA", "M36: UTF8 USER and LANG", id(capa_languages)},
    {"capa-odd/err", "CAPA", "M36: -ERR", 0, [](FaultRule& rule) { say(rule, "-ERR unknown command\r\n"); }},
    {"capa-odd/hang", "CAPA", "M36: no answer", 0, [](FaultRule& rule) { rule.hang = true; }},
    {"stls-stripped", "STLS CAPA", "M37: STLS is refused, and not among the capabilities", id(stls_stripped)},
    {"apop-odd", "greeting", "M38: a timestamp without @", 0,
     [](FaultRule& rule) { say(rule, "+OK POP3 server ready <no-at-sign>\r\n"); }},
    {"apop-odd/reversed", "greeting", "M38: > before <", 0,
     [](FaultRule& rule) { say(rule, "+OK POP3 server ready >1896.697170952@dbc.mtview.ca.us<\r\n"); }},
    {"apop-odd/two", "greeting", "M38: two timestamps", 0,
     [](FaultRule& rule) { say(rule, "+OK <1.1@a.test> POP3 server ready <2.2@b.test>\r\n"); }},
    {"apop-odd/middle", "greeting", "M38: a timestamp in the middle of the text", 0,
     [](FaultRule& rule) { say(rule, "+OK POP3 <1.1@a.test> server ready\r\n"); }},
    {"apop-odd/control", "greeting", "M38: control octets in the timestamp", 0,
     [](FaultRule& rule) { say(rule, "+OK POP3 server ready <1.\x01\x7F@a.test>\r\n"); }},
    {"auth-plus-ok", "AUTH", "M39: +OK where a response is asked for", id(auth_plus_ok)},
    {"auth-plus-ok/no-space", "AUTH", "M39: + without its space", id(auth_plus_no_space)},
    {"nul-bytes", "any", "M40: NUL in the body of a message, in unique-ids, in the text of a reply", id(nul_bytes)},
    {"long-line", "any", "M41: a line of 65536 octets in the body; a reply of 600", id(long_line)},
    {"long-line/998", "RETR", "M41: a line of 998 octets", id(long_line_998)},
    {"long-line/999", "RETR", "M41: a line of 999 octets", id(long_line_999)},
    {"long-line/2048", "RETR", "M41: a line of 2048 octets", id(long_line_2048)},
    {"long-line/10MB", "RETR", "M41: a line of 10,000,000 octets", id(long_line_10mb)},
    {"eight-bit-err", "any", "M42: -ERR and a text in GBK, as QQ sends it; the command is not carried out", 0,
     [](FaultRule& rule) { say(rule, "-ERR \xB5\xC7\xC2\xBC\xCC\xAB\xC6\xB5\xB7\xB1\r\n"); }},
    {"empty-message", "RETR", "M43: a message without a single octet", id(empty_message)},
    {"no-header-separator", "RETR", "M44: no empty line between header and body", id(no_header_separator)},
    {"no-header-separator/folded", "RETR", "M44: the message begins with a folded line", id(header_begins_folded)},
    {"top-truncates", "TOP", "M45: TOP stops at ten lines of the body", id(top_ten_lines)},
    {"top-truncates/one-line", "TOP", "M45: at one line", id(top_one_line)},
    {"top-truncates/64kB", "TOP", "M45: after 64 kB", id(top_64kb)},
    {"retr-other-message", "RETR", "M46: the message after the one that was asked for", id(other_message)},
    {"expunged", "RETR TOP", "M47: another client has deleted it", id(expunged)},
    {"infinite-body", "RETR", "M48: a body without end", id(infinite_body)},
    {"count-changes", "STAT", "M49: one message more at each STAT", id(count_changes)},
    {"plain-on-tls", "tls", "M50: a greeting in clear on a port for TLS", id(plain_on_tls)},
    {"tls-stall", "tls", "M50: the connection is taken and nothing is ever said", id(tls_stall)},
    {"tls-cut", "tls", "M50: FIN instead of a handshake", id(tls_cut)},
};

}  // namespace

std::span<const Misbehaviour> misbehaviours() { return rows; }

}  // namespace mailrig::fakeservers::pop3
