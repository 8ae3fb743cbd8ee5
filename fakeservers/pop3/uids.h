#pragma once
/// Unique-ids in the shapes of the providers, made from a message's number: nothing is stored.
///
///   append_uid(out, UidShape::decimal, {.number = 2, .first = 6499});      // "6500"
///   append_uid(out, UidShape::gmail, {.number = 1, .arrived = t});         // "GmailId" and 16 hexadecimal digits
///
/// The same message has the same unique-id for ever; two messages of a mailbox never have the same.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "fakeservers/pop3/settings.h"

namespace mailrig::fakeservers::pop3 {

struct UidSource {
  std::uint32_t number = 1;  // of the message in its mailbox, from 1 on, never used again
  Instant arrived{};
  std::uint64_t salt = 0;  // of the mailbox
  std::uint64_t first = 1;
  std::uint64_t validity = 0;
};

/// `shape` is not `mixed`, which is no shape but a mixture of two.
void append_uid(std::string& out, UidShape shape, const UidSource& source);

}  // namespace mailrig::fakeservers::pop3
