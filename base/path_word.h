#pragma once
/// The shape of what an observed thing holds: which paths an expectation may have.
///
///   constexpr PathWord message[] = {{"uid"}, {.name = "octets", .number = true}};
///   constexpr PathWord mailbox[] = {{"messages", list_of(message)}};

#include <array>
#include <span>
#include <string_view>

namespace mailrig {

struct PathWord {
  std::string_view name;  // "[]" is any item of a list, "*" any name
  std::span<const PathWord> inside = {};
  std::span<const std::string_view> choices = {};  // all values that it can have; empty: any
  bool number = false;                             // always a whole number
  bool secret = false;                             // only { "secret": ... }, `count` and `absent` may look at it
  bool open = false;                               // what is inside is not of this program: anything goes
};

constexpr PathWord number_word(std::string_view name) { return {.name = name, .number = true}; }

}  // namespace mailrig
