#pragma once
/// What expectations may look at of any server (ServerLog::observe), and how a protocol adds its own.
///
///   constexpr PathWord of_pop3[] = {{"mailboxes", mailboxes}};
///   constexpr auto paths = with_server_paths(of_pop3);

#include <array>
#include <cstddef>
#include <iterator>
#include <string_view>

#include "base/path_word.h"

namespace mailrig::fakeservers {

namespace server_paths {

inline constexpr PathWord any_item[] = {{.name = "[]", .open = true}};
inline constexpr PathWord any_name[] = {{.name = "*", .open = true}};
inline constexpr std::string_view session_ends[] = {"open", "quit", "closed", "reset", "timed-out", "cut"};
inline constexpr PathWord count_of_name[] = {number_word("*")};
inline constexpr PathWord list_of_texts[] = {{"[]"}};
inline constexpr PathWord secrets[] = {{.name = "[]", .secret = true}};
inline constexpr PathWord session[] = {{"commands", list_of_texts},
                                       {.name = "secrets", .inside = secrets, .secret = true},
                                       {"user"},
                                       {"peer"},
                                       {"at"},
                                       {"tls"},
                                       {"early"},
                                       {"pipelined"},
                                       {"end", {}, session_ends}};
inline constexpr PathWord session_list[] = {{"[]", session}};

inline constexpr PathWord of_every_server[] = {number_word("connections"),   number_word("logins"),
                                               number_word("failed_logins"), {"commands", count_of_name},
                                               {"sessions", session_list},   {"dialogues", list_of_texts}};

}  // namespace server_paths

template <std::size_t n>
constexpr auto with_server_paths(const PathWord (&own)[n]) {
  std::array<PathWord, std::size(server_paths::of_every_server) + n> all{};
  std::size_t i = 0;
  for (const PathWord& word : server_paths::of_every_server) all[i++] = word;
  for (const PathWord& word : own) all[i++] = word;
  return all;
}

}  // namespace mailrig::fakeservers
