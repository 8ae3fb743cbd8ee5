#pragma once
/// The paths that expectations can take, as a tree: docs/scenario-format.md, "Expectations". What servers and client
/// say of themselves (observe()) is held against it by a test of the runner, so that check and run cannot disagree.

#include <span>
#include <string_view>

#include "base/path_word.h"

namespace mailrig::scenarios {

/// What accounts.NAME and latency.STEP hold; what servers.NAME holds is in its ProtocolDescriptor.
std::span<const PathWord> account_paths();
std::span<const PathWord> latency_paths();

}  // namespace mailrig::scenarios
