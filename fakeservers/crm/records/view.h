#pragma once
/// A record as an answer shows it, and small readings of fields that several calls share.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fakeservers/crm/org.h"

namespace mailrig::fakeservers::crm {

// crm docs, "Limits": records read in one call.
inline constexpr std::uint64_t rows_per_page_max = 200;

/// The parameter `fields`: "Last_Name,Email". Empty lets everything through.
class FieldFilter {
 public:
  explicit FieldFilter(std::string_view list = {});
  bool lets(std::string_view name) const;

 private:
  std::vector<std::string> names_;
};

/// With Owner in front, what the user gave, then what the system keeps; `id` always.
Value view_of(const Organisation& org, const Record& record, const FieldFilter& filter = FieldFilter());

/// Every time and user of a write: what SUCCESS, and a 412, carry.
Value write_details(const Organisation& org, const Record& record);

/// "17" is 17; anything else `otherwise`.
std::uint64_t number_of(std::string_view text, std::uint64_t otherwise);
/// The id in a lookup field: { "id": "1" } or "1".
std::string id_in(const Value* lookup);
/// Is it a thing like an id: 1 to 19 digits?
bool is_id(std::string_view text);
/// An address that Zoho takes: something, one @, a domain with a point, no blanks.
bool is_address(std::string_view text);
/// Characters, not octets.
std::size_t characters_of(std::string_view utf8);

}  // namespace mailrig::fakeservers::crm
