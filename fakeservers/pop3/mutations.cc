// What the misbehaviours with an id make of a reply. Nothing here is quick: a message is bent as one text.

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/pop3/misbehaviours.h"
#include "fakeservers/pop3/sources.h"

namespace mailrig::fakeservers::pop3 {
namespace {

constexpr std::size_t long_uid_octets = 200;    // RFC 1939 section 7 allows 70
constexpr std::size_t long_reply_octets = 600;  // RFC 2449 section 4 allows 512
constexpr std::string_view junk_uid = "\x01 \xE9/+=%";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t found = text.find(from); found != std::string_view::npos; found = text.find(from, at)) {
    out.append(text, at, found - at);
    out += to;
    at = found + from.size();
  }
  out.append(text, at);
  text = std::move(out);
}

/// Where the body begins; the end of the message where it has none.
std::size_t body_begin(std::string_view message) {
  std::size_t separator = message.find("\r\n\r\n");
  return separator == std::string_view::npos ? message.size() : separator + 4;
}

std::string with_line_in_body(std::string message, std::string_view line) {
  return message.insert(body_begin(message), line);
}

bool has_dot_line(std::string_view message) {
  return message.starts_with('.') || message.find("\r\n.") != std::string_view::npos;
}

BentMessage whole_message(std::string message) {
  BentMessage bent{.wire = stuffed(message, FinalCrlf::line), .endless = nullptr, .received = std::nullopt};
  bent.received = std::move(message);
  return bent;
}
BentMessage broken(std::string wire) { return {.wire = std::move(wire), .endless = nullptr, .received = std::nullopt}; }

BentMessage error_in_the_middle(const std::string& message, bool goes_on) {
  std::size_t half = message.find("\r\n", message.size() / 2);
  std::size_t cut = half == std::string_view::npos ? message.size() : half + 2;
  std::string error = "-ERR [SYS/TEMP] cannot read the message\r\n";
  if (goes_on) return whole_message(message.substr(0, cut) + error + message.substr(cut));
  std::string wire = stuffed(message.substr(0, cut), FinalCrlf::line);
  return broken(wire.substr(0, wire.size() - 3) + error);
}

std::size_t long_line_octets(Mutation bend) {
  switch (bend) {
    case Mutation::long_line_998: return 998;
    case Mutation::long_line_999: return 999;
    case Mutation::long_line_2048: return 2048;
    case Mutation::long_line_10mb: return 10'000'000;
    default: return 65'536;
  }
}

}  // namespace

std::string bent_line(Mutation bend, std::string line, bool is_head) {
  std::string_view rest = std::string_view(line).substr(0, line.size() - 2);
  bool ok = rest.starts_with("+OK");
  if (ok) rest.remove_prefix(3);
  switch (bend) {
    case Mutation::bare_lf: replace_all(line, "\r\n", "\n"); return line;
    case Mutation::ok_twice: return line + line;
    case Mutation::minus_ok: return ok ? fmt::format("-OK{}\r\n", rest) : line;
    case Mutation::no_sign: return ok ? fmt::format("OK{}\r\n", rest) : line;
    case Mutation::lower_case_ok: return ok ? fmt::format("+ok{}\r\n", rest) : line;
    case Mutation::bare_ok: return ok ? "+OK\r\n" : line;
    case Mutation::no_space: return ok ? fmt::format("+OKfoo{}\r\n", rest) : line;
    case Mutation::pipelined_after_stls: return line + "+OK injected\r\n+OK injected\r\n";
    default: break;
  }
  if (is_head) return line;
  if (bend == Mutation::extra_blank_line) return line + "\r\n";
  if (bend == Mutation::nul_bytes) return line.insert(std::min<std::size_t>(line.size() - 2, 5), 1, '\0');
  if (bend == Mutation::long_line && line.size() < long_reply_octets)
    return line.insert(line.size() - 2, long_reply_octets - line.size(), 'x');
  return line;
}

bool bends_message(Mutation bend) {
  return bend >= Mutation::no_final_crlf_before_dot && bend <= Mutation::infinite_body;
}

BentMessage mutated_message(Mutation bend, std::string message) {
  switch (bend) {
    case Mutation::no_final_crlf_before_dot: {
      if (message.ends_with("\r\n")) message.resize(message.size() - 2);
      return broken(stuffed(message, FinalCrlf::none));
    }
    case Mutation::no_terminator:
    case Mutation::dot_cr_only: {
      std::string wire = stuffed(message, FinalCrlf::line);
      wire.resize(wire.size() - (bend == Mutation::no_terminator ? 3 : 1));
      return broken(std::move(wire));
    }
    case Mutation::bare_lf: {
      std::string wire = stuffed(message, FinalCrlf::line);
      replace_all(wire, "\r\n", "\n");
      return broken(std::move(wire));
    }
    case Mutation::bare_lf_dot_in_body:
      return whole_message(with_line_in_body(std::move(message), "before\n.\nafter\r\n"));
    case Mutation::no_dot_stuffing:
      if (!has_dot_line(message)) message = with_line_in_body(std::move(message), ".hidden\r\n.\r\nno reply\r\n");
      return broken(message + (message.ends_with("\r\n") ? ".\r\n" : "\r\n.\r\n"));
    case Mutation::err_mid_retr:
    case Mutation::err_mid_retr_goes_on: return error_in_the_middle(message, bend == Mutation::err_mid_retr_goes_on);
    case Mutation::nul_bytes: {
      std::string_view line("a\0b\0\r\n", 6);
      return whole_message(with_line_in_body(std::move(message), line));
    }
    case Mutation::long_line:
    case Mutation::long_line_998:
    case Mutation::long_line_999:
    case Mutation::long_line_2048:
    case Mutation::long_line_10mb:
      return whole_message(with_line_in_body(std::move(message), std::string(long_line_octets(bend), 'x') + "\r\n"));
    case Mutation::empty_message: return broken(".\r\n");
    case Mutation::no_header_separator: {
      std::size_t body = body_begin(message);
      if (body < message.size() || message.ends_with("\r\n\r\n")) message.erase(body - 2, 2);
      return whole_message(std::move(message));
    }
    case Mutation::header_begins_folded: return whole_message(" folded before anything\r\n" + std::move(message));
    case Mutation::infinite_body: {
      std::string wire = stuffed(message, FinalCrlf::line);
      wire.resize(wire.size() - 3);
      BentMessage bent;
      bent.endless = std::make_unique<EndlessSource>(std::move(wire), std::string(70, 'x') + "\r\n");
      return bent;
    }
    case Mutation::ok_twice: return broken(stuffed(message, FinalCrlf::line));
    default: return whole_message(std::move(message));
  }
}

TopLimit top_limit(Mutation bend, std::uint64_t lines) {
  constexpr std::size_t none = std::string::npos;
  switch (bend) {
    case Mutation::top_ten_lines: return {std::min<std::uint64_t>(lines, 10), none};
    case Mutation::top_one_line: return {std::min<std::uint64_t>(lines, 1), none};
    case Mutation::top_64kb: return {lines, 64'000};
    default: return {lines, none};
  }
}

std::string bent_uid(Mutation bend, std::string uid) {
  if (bend == Mutation::uidl_long) return uid.append(long_uid_octets - std::min(long_uid_octets, uid.size()), 'x');
  if (bend == Mutation::uidl_junk) return std::string(junk_uid) + uid;
  if (bend == Mutation::uidl_renumbered) return "r-" + uid;
  if (bend == Mutation::nul_bytes) return uid.insert(uid.size() / 2, 1, '\0');
  return uid;
}

std::string bent_size(Mutation bend, std::uint64_t octets) {
  switch (bend) {
    case Mutation::size_larger: return fmt::format("{}", octets * 2 + 1000);
    case Mutation::size_smaller: return fmt::format("{}", octets / 2);
    case Mutation::size_zero: return "0";
    case Mutation::size_rounded: return fmt::format("{}", (octets + 1023) / 1024 * 1024);
    case Mutation::size_negative: return "-1";
    case Mutation::size_32_bits: return "4294967295";
    case Mutation::size_65_bits: return "18446744073709551616";
    case Mutation::size_words: return "ten-twenty-four";
    case Mutation::size_missing: return "";
    default: return fmt::format("{}", octets);
  }
}

bool bends_rows(Mutation bend) {
  return (bend >= Mutation::uidl_duplicate && bend <= Mutation::size_missing) || bend == Mutation::nul_bytes ||
         bend == Mutation::no_terminator || bend == Mutation::dot_cr_only || bend == Mutation::bare_lf;
}

void bend_rows(Mutation bend, std::vector<std::string>& rows) {
  if (rows.empty()) return;
  auto value_at = [&](std::size_t row) { return rows[row].find(' ') + 1; };
  switch (bend) {
    case Mutation::uidl_duplicate:
      if (rows.size() > 1) rows[1] = rows[1].substr(0, value_at(1)) + rows[0].substr(value_at(0));
      return;
    case Mutation::uidl_blank: rows[0] = rows[0].substr(0, value_at(0)) + "\r\n"; return;
    case Mutation::uidl_blank_no_space: rows[0] = rows[0].substr(0, value_at(0) - 1) + "\r\n"; return;
    case Mutation::uidl_gap:
      if (rows.size() > 1) rows.erase(rows.begin() + 1);
      return;
    case Mutation::uidl_disorder: std::ranges::reverse(rows); return;
    case Mutation::uidl_too_many: {
      std::size_t count = rows.size();
      rows.push_back(fmt::format("{} 7001\r\n", count + 1));
      rows.push_back(fmt::format("{} 7002\r\n", count + 2));
      return;
    }
    case Mutation::uidl_repeated: rows.insert(rows.begin() + 1, std::string(rows[0])); return;
    case Mutation::last_row_missing: rows.pop_back(); return;
    case Mutation::size_missing:
      for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = rows[row].substr(0, value_at(row) - 1) + "\r\n";
      return;
    default: return;
  }
}

void bend_capabilities(Mutation bend, bool authenticated, std::vector<std::string>& lines) {
  switch (bend) {
    case Mutation::uidl_unsupported: std::erase(lines, "UIDL"); return;
    case Mutation::uidl_only_after_auth:
      if (!authenticated) std::erase(lines, "UIDL");
      return;
    case Mutation::stls_stripped: std::erase(lines, "STLS"); return;
    case Mutation::capa_dot_line: lines.insert(lines.begin(), ".capability"); return;
    case Mutation::capa_languages: lines.insert(lines.begin(), {"UTF8 USER", "LANG"}); return;
    case Mutation::capa_lower_case:
      for (std::string& line : lines)
        std::ranges::transform(line, line.begin(),
                               [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      return;
    case Mutation::capa_trailing_spaces:
      for (std::string& line : lines) line += "  ";
      return;
    case Mutation::capa_many_lines:
      for (int i = 1; i <= 300; ++i) lines.push_back(fmt::format("X-CAPABILITY-{}", i));
      return;
    default: return;
  }
}

}  // namespace mailrig::fakeservers::pop3
