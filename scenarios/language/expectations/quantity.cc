#include "scenarios/language/expectations/quantity.h"

#include "base/settings.h"

namespace mailrig::scenarios {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Every quantity that is written as a text begins with a digit and ends in a letter, or in the digit of an offset of
/// an instant.
bool may_be_quantity(std::string_view text) {
  return text.size() >= 2 && text.size() <= 64 && (is_digit(text.front()) || text.front() == '.');
}

}  // namespace

std::optional<Quantity> quantity_of(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::integer: return Quantity{.whole = value.integer(), .real = static_cast<double>(value.integer())};
    case Value::Kind::real: return Quantity{.whole = 0, .real = value.real(), .exact = false};
    case Value::Kind::text: break;
    default: return std::nullopt;
  }
  const std::string& text = value.text();
  if (!may_be_quantity(text)) return std::nullopt;
  if (auto span = parse_duration(text)) return Quantity{Quantity::Kind::span, span->count(), 0};
  if (auto instant = parse_instant(text))
    return Quantity{Quantity::Kind::instant, instant->time_since_epoch().count(), 0};
  // A text of digits alone is a text: "512" is no number of octets here, "512B" is.
  if (is_digit(text.back())) return std::nullopt;
  if (auto octets = parse_octets(text)) {
    auto whole = static_cast<std::int64_t>(*octets);
    return Quantity{.whole = whole, .real = static_cast<double>(whole)};
  }
  return std::nullopt;
}

std::partial_ordering compare(const Value& a, const Value& b) {
  auto left = quantity_of(a);
  auto right = quantity_of(b);
  if (!left || !right || left->kind != right->kind) return std::partial_ordering::unordered;
  if (left->exact && right->exact) return left->whole <=> right->whole;
  return left->real <=> right->real;
}

}  // namespace mailrig::scenarios
