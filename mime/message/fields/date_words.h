#pragma once
/// The words that dates are written with.
///
///   month_named("sept")->number == 9;  weekday_named("Thurs") == 4;  zone_named("EDT") == -4 * 60

#include <optional>
#include <string_view>

namespace mailrig::mime {

struct MonthName {
  int number = 0;        // 1 is January
  bool foreign = false;  // of a language other than English
};

/// Three letters of the name or more, in any letter case.
std::optional<MonthName> month_named(std::string_view word);
/// 0 is Sunday.
std::optional<int> weekday_named(std::string_view word);

/// Minutes east of UTC. The zones of RFC 5322 §4.3, UTC and Z; any other name says nothing.
std::optional<int> zone_named(std::string_view word);

}  // namespace mailrig::mime
