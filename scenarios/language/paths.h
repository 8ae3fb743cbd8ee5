#pragma once
/// The paths that expectations can take, as a tree: docs/scenario-format.md, "Expectations". What servers and client
/// say of themselves (observe()) is held against it by a test of the runner, so that check and run cannot disagree.

#include <span>
#include <string_view>

#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

struct PathWord {
  std::string_view name;  // "[]" is any item of a list, "*" any name
  std::span<const PathWord> inside = {};
  std::span<const std::string_view> choices = {};  // all values that it can have; empty: any
  bool number = false;                             // always a whole number
  bool secret = false;                             // only { "secret": ... }, `count` and `absent` may look at it
  bool open = false;                               // what is inside is not of this program: anything goes
};

/// What accounts.NAME, servers.NAME and latency.STEP hold.
std::span<const PathWord> account_paths();
std::span<const PathWord> server_paths(Protocol protocol);
std::span<const PathWord> latency_paths();

}  // namespace mailrig::scenarios
