#pragma once
/// The ways in which a POP3 server misbehaves (`misbehave` of a fault), and what each makes of a reply.
///
///   mutated_message(rule, head, message) -> the bytes that go out instead
///
/// Where waiting, cutting, splitting or another reply can say it, a row is made of those; the others have an id and are
/// bent here. docs/personalities.md lists all.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/faulty_reply.h"

namespace mailrig::fakeservers::pop3 {

enum class Mutation : int {
  none,
  // Messages.
  no_final_crlf_before_dot,
  no_terminator,
  dot_cr_only,
  bare_lf,
  bare_lf_dot_in_body,
  no_dot_stuffing,
  ok_twice,
  err_mid_retr,
  err_mid_retr_goes_on,
  nul_bytes,
  long_line,
  long_line_998,
  long_line_999,
  long_line_2048,
  long_line_10mb,
  empty_message,
  no_header_separator,
  header_begins_folded,
  top_ten_lines,
  top_one_line,
  top_64kb,
  other_message,
  expunged,
  infinite_body,
  // Listings.
  uidl_duplicate,
  uidl_blank,
  uidl_blank_no_space,
  uidl_long,
  uidl_junk,
  uidl_reused,
  uidl_renumbered,
  uidl_gap,
  uidl_disorder,
  uidl_too_many,
  uidl_repeated,
  last_row_missing,
  size_larger,
  size_smaller,
  size_zero,
  size_rounded,
  size_negative,
  size_32_bits,
  size_65_bits,
  size_words,
  size_missing,
  // Lines and commands.
  minus_ok,
  no_sign,
  lower_case_ok,
  bare_ok,
  no_space,
  bare_err,
  extra_blank_line,
  pipelined_after_stls,
  stls_stripped,
  uidl_unsupported,
  uidl_only_after_auth,
  capa_dot_line,
  capa_lower_case,
  capa_trailing_spaces,
  capa_many_lines,
  capa_languages,
  auth_plus_ok,
  auth_plus_no_space,
  count_changes,
  // Before the protocol: the host's.
  plain_on_tls,
  tls_stall,
  tls_cut,
};

/// All names, in the order of docs/providers/misbehaviours.md.
std::span<const Misbehaviour> misbehaviours();

inline Mutation bend_of(const FaultRule* rule) {
  return rule == nullptr || rule->misbehaviour == nullptr ? Mutation::none
                                                          : static_cast<Mutation>(rule->misbehaviour->id);
}

/// A single line or the first line of several, with its CRLF.
std::string bent_line(Mutation bend, std::string line, bool is_head);

struct BentMessage {
  std::string wire;                      // after the first line, terminator and all
  std::unique_ptr<ReplySource> endless;  // instead of wire
  /// What a correct client makes of it; nothing where it cannot make a message of it.
  std::optional<std::string> received;
};
BentMessage mutated_message(Mutation bend, std::string message);
/// Is it mutated_message() that bends this?
bool bends_message(Mutation bend);

/// Lines of the body that TOP sends, and octets at which it stops.
struct TopLimit {
  std::uint64_t lines;
  std::size_t octets;
};
TopLimit top_limit(Mutation bend, std::uint64_t lines);

std::string bent_uid(Mutation bend, std::string uid);
std::string bent_size(Mutation bend, std::uint64_t octets);
/// The rows of a listing: "1 120\r\n".
void bend_rows(Mutation bend, std::vector<std::string>& rows);
bool bends_rows(Mutation bend);

/// The lines of CAPA, without CRLF.
void bend_capabilities(Mutation bend, bool authenticated, std::vector<std::string>& lines);

}  // namespace mailrig::fakeservers::pop3
