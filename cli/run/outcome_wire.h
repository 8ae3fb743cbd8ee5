#pragma once
/// An Outcome as octets, for the pipe between a worker process and the batch. Both ends are the same program: the
/// format is private, has no version and is never written to a file.
///
///   decode_outcome(encode_outcome(outcome)) is equal to outcome, field by field

#include <optional>
#include <string>
#include <string_view>

#include "base/outcome.h"

namespace mailrig::cli {

std::string encode_outcome(const Outcome& outcome);
/// Nothing where the octets are not a whole outcome.
std::optional<Outcome> decode_outcome(std::string_view octets);

}  // namespace mailrig::cli
