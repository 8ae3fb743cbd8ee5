#include "mime/message/fields/date_words.h"

#include <array>

#include "mime/message/ascii.h"

namespace mailrig::mime {
namespace {

constexpr std::array<std::string_view, 12> months = {"january",   "february", "march",    "april",
                                                     "may",       "june",     "july",     "august",
                                                     "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> weekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                      "thursday", "friday", "saturday"};

// How the months begin in German, French, Spanish, Italian, Portuguese, Dutch and Swedish where English differs; those
// with accents in UTF-8 and in windows-1252.
struct ForeignMonth {
  std::string_view beginning;
  int number;
};
constexpr ForeignMonth foreign_months[] = {{"ene", 1},
                                           {"gen", 1},
                                           {"j\xc3\xa4n", 1},
                                           {"j\xe4n", 1},
                                           {"fev", 2},
                                           {"f\xc3\xa9v", 2},
                                           {"f\xe9v", 2},
                                           {"m\xc3\xa4r", 3},
                                           {"m\xe4r", 3},
                                           {"mrt", 3},
                                           {"maa", 3},
                                           {"abr", 4},
                                           {"avr", 4},
                                           {"mai", 5},
                                           {"maj", 5},
                                           {"mag", 5},
                                           {"mei", 5},
                                           {"giu", 6},
                                           {"juin", 6},
                                           {"juil", 7},
                                           {"lug", 7},
                                           {"ago", 8},
                                           {"ao\xc3\xbb", 8},
                                           {"ao\xfb", 8},
                                           {"set", 9},
                                           {"okt", 10},
                                           {"ott", 10},
                                           {"out", 10},
                                           {"dez", 12},
                                           {"dic", 12},
                                           {"d\xc3\xa9"
                                            "c",
                                            12},
                                           {"d\xe9"
                                            "c",
                                            12}};

struct Zone {
  std::string_view name;
  int hours;
};
constexpr Zone zones[] = {{"z", 0},    {"ut", 0},   {"utc", 0},  {"gmt", 0},  {"est", -5}, {"edt", -4},
                          {"cst", -6}, {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};

bool begins_with(std::string_view text, std::string_view lower_case_beginning) {
  return equals_ignoring_case(text.substr(0, lower_case_beginning.size()), lower_case_beginning);
}

/// Which of the names the word abbreviates.
template <std::size_t size>
std::optional<int> abbreviated(std::string_view word, const std::array<std::string_view, size>& names) {
  if (word.size() < 3) return std::nullopt;
  for (std::size_t i = 0; i < size; ++i)
    if (word.size() <= names[i].size() && equals_ignoring_case(word, names[i].substr(0, word.size())))
      return static_cast<int>(i);
  return std::nullopt;
}

}  // namespace

std::optional<MonthName> month_named(std::string_view word) {
  // "juin" and "juil" are told apart from "jun" and "jul" by their third letter.
  if (const std::optional<int> index = abbreviated(word, months)) return MonthName{*index + 1, false};
  for (const ForeignMonth& month : foreign_months)
    if (begins_with(word, month.beginning)) return MonthName{month.number, true};
  return std::nullopt;
}

std::optional<int> weekday_named(std::string_view word) { return abbreviated(word, weekdays); }

std::optional<int> zone_named(std::string_view word) {
  for (const Zone& zone : zones)
    if (equals_ignoring_case(word, zone.name)) return zone.hours * 60;
  return std::nullopt;
}

}  // namespace mailrig::mime
