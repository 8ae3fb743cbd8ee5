#pragma once
/// Where a client's session writes the lines of its dialogue when no server of ours writes them: `fetch` and `send`.
///
///   Dialogue dialogue = [&](TranscriptEntry::Who who, std::string line) { transcript.add(now, "smtp", who, line); };
///
/// A line is printable and masked: the session knows which span of it is secret. An empty function costs nothing.

#include <functional>
#include <string>

#include "base/outcome.h"

namespace mailrig::client {

using Dialogue = std::function<void(TranscriptEntry::Who who, std::string line)>;

}  // namespace mailrig::client
