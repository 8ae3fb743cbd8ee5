#pragma once
/// The search grammar of the CRM, as far as looking up people needs it:
///   ((Last_Name:equals:Burns\,B)and(First_Name:starts_with:M))
/// with the operators equals (which behaves like "contains"), not_equal, starts_with and in. A backslash escapes ( ) ,
/// and itself.
///
///   Criteria criteria = parse_criteria("(Email:equals:a@b.test)");
///   if (criteria.failure == Criteria::Failure::none) criteria.root.holds(field_text);

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig::fakeservers::crm {

// Fifteen conditions need no more; a deeper nest is somebody's test of us.
inline constexpr std::size_t criteria_depth_max = 32;

struct CriteriaNode {
  // A condition, where `field` is not empty.
  std::string field;
  std::string op;
  std::vector<std::string> values;
  // Otherwise these, joined by what stood before each (the first's is not looked at).
  std::vector<CriteriaNode> parts;
  bool joined_by_and = true;

  using FieldText = std::function<std::string(std::string_view field)>;
  bool holds(const FieldText& text_of) const;
};

struct Criteria {
  enum class Failure : std::uint8_t { none, form, operator_, characters };
  CriteriaNode root;
  std::vector<std::string> fields;  // of all conditions, in their order
  Failure failure = Failure::none;
  std::string failed_field;
  std::string failed_operator;
};

Criteria parse_criteria(std::string_view text);

}  // namespace mailrig::fakeservers::crm
