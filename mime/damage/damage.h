#pragma once
/// Breaks messages on purpose, each in one named way, so that it is known what a reader ought to find: for every defect
/// there is an operator that makes it.
///
///   const DamageOperator* no_end = find_damage("no-final-boundary");
///   Damaged damaged = damage(message, {{no_end}}, seed);
///   damaged.message;                                     // the same for the same seed
///   undo(damaged) == message;                            // the report says what was changed where
///
/// What an operator needs and the message has not (a part in base64, say) is added first. A new operator is a row in
/// damage_operators.cc.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mime/damage/editable_message.h"
#include "mime/message/defect.h"

namespace mailrig::mime {

struct DamageOperator {
  std::string_view name;  // the defect's, unless a better one is known
  DefectCode code;
  std::span<const DefectCode> also;  // what it cannot but bring along
  void (*apply)(EditableMessage& patient, Prng& prng);

  std::string_view meaning() const { return kind_of(code).meaning; }
};

// What an operator adds at most: a header over the reader's limit is the largest.
inline constexpr std::uint64_t damage_octets_max = 1'500'000;

std::span<const DamageOperator> damage_operators();
std::span<const std::string_view> damage_names();
/// By its name or by that of its defect; null when there is none.
const DamageOperator* find_damage(std::string_view name);

struct DamageDone {
  std::string_view name;    // of the operator
  std::vector<Edit> edits;  // in the order in which they were made
};

struct Damaged {
  std::string message;
  std::vector<DamageDone> report;
};

/// One after the other.
Damaged damage(std::string message, std::span<const DamageOperator* const> operators, std::uint64_t seed);

/// The message as it was.
std::string undo(const Damaged& damaged);

/// "base64-junk: at 1234: 4 octets are \"****\" and were \"QUJD\"", a line for each edit.
std::string to_string(const DamageDone& done);

}  // namespace mailrig::mime
