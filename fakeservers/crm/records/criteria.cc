#include "fakeservers/crm/records/criteria.h"

#include <algorithm>
#include <array>

#include "fakeservers/crm/records/records.h"

namespace mailrig::fakeservers::crm {
namespace {

constexpr std::array<std::string_view, 4> operators{"equals", "not_equal", "starts_with", "in"};

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  Criteria parse() {
    if (!group(result_.root, 0) || !rest_.empty()) fail(Criteria::Failure::form);
    return std::move(result_);
  }

 private:
  bool fail(Criteria::Failure failure) {
    if (result_.failure == Criteria::Failure::none) result_.failure = failure;
    return false;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  /// "(" then either conditions in parentheses, joined, or one condition; then ")".
  bool group(CriteriaNode& node, std::size_t depth) {
    if (depth >= criteria_depth_max || !take("(")) return fail(Criteria::Failure::form);
    if (!rest_.starts_with('(')) return condition(node);
    bool joined_by_and = true;
    do {
      CriteriaNode part;
      if (!group(part, depth + 1)) return false;
      part.joined_by_and = joined_by_and;
      node.parts.push_back(std::move(part));
      joined_by_and = rest_.starts_with("and");
    } while (take("and") || take("or"));
    return take(")") || fail(Criteria::Failure::form);
  }

  bool condition(CriteriaNode& node) {
    std::size_t first = rest_.find(':');
    std::size_t second = first == std::string_view::npos ? first : rest_.find(':', first + 1);
    if (second == std::string_view::npos || first == 0) return fail(Criteria::Failure::form);
    node.field = rest_.substr(0, first);
    node.op = rest_.substr(first + 1, second - first - 1);
    rest_.remove_prefix(second + 1);
    result_.fields.push_back(node.field);
    result_.failed_field = node.field;
    result_.failed_operator = node.op;
    if (std::ranges::find(operators, std::string_view(node.op)) == operators.end())
      return fail(Criteria::Failure::operator_);
    node.values.emplace_back();
    while (!rest_.empty() && rest_.front() != ')') {
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        node.values.back() += rest_.front();
        rest_.remove_prefix(1);
      } else if (c == ',' && node.op == "in") {
        node.values.emplace_back();
      } else if (c == ',' || c == '(') {
        return fail(Criteria::Failure::characters);
      } else {
        node.values.back() += c;
      }
    }
    return take(")") || fail(Criteria::Failure::form);
  }

  std::string_view rest_;
  Criteria result_;
};

}  // namespace

bool CriteriaNode::holds(const FieldText& text_of) const {
  if (field.empty()) {
    bool held = true;
    for (const CriteriaNode& part : parts) {
      bool one = part.holds(text_of);
      held = &part == &parts.front() ? one : part.joined_by_and ? held && one : held || one;
    }
    return held;
  }
  std::string text = lower_case(text_of(field));
  std::string first = lower_case(values.front());
  if (op == "equals") return text.find(first) != std::string::npos;
  if (op == "not_equal") return text != first;
  if (op == "starts_with") return text.starts_with(first);
  return std::ranges::any_of(values, [&](const std::string& value) { return lower_case(value) == text; });
}

Criteria parse_criteria(std::string_view text) { return Parser(text).parse(); }

}  // namespace mailrig::fakeservers::crm
