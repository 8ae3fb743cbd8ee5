#pragma once
/// Values that have an order: numbers (octets with a unit among them), spans of time, points in time.
/// Example: compare("1m30s", "90s") == std::partial_ordering::equivalent; compare(1, "90s") is unordered.

#include <compare>
#include <optional>

#include "base/time.h"
#include "base/value.h"

namespace mailrig::scenarios {

struct Quantity {
  enum class Kind : std::uint8_t { number, span, instant };
  Kind kind = Kind::number;
  std::int64_t whole = 0;  // nanoseconds of a span or instant
  double real = 0;
  bool exact = true;  // whole holds it
};

/// Nothing where the value has no order: a plain text, a list ...
std::optional<Quantity> quantity_of(const Value& value);

/// Unordered where the two cannot be compared.
std::partial_ordering compare(const Value& a, const Value& b);

}  // namespace mailrig::scenarios
