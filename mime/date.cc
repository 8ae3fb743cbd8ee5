#include "mime/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "mime/header.h"

namespace mailrig::mime {
namespace {

constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                     "jul", "aug", "sep", "oct", "nov", "dec"};
struct Zone {
  std::string_view name;
  int hours;
};
// RFC 5322 §4.3. Any other name, single letters too, says nothing and counts as +0000.
constexpr Zone zones[] = {{"ut", 0},   {"gmt", 0},  {"est", -5}, {"edt", -4}, {"cst", -6},
                          {"cdt", -5}, {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};

/// Words apart by blanks and commas, comments out, in lower case.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  int depth = 0;
  auto end_word = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (char c : text) {
    if (c == '(') ++depth;
    if (depth > 0 || c == ' ' || c == ',')
      end_word();
    else
      word += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (c == ')' && depth > 0) --depth;
  }
  end_word();
  return words;
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<int> month_of(std::string_view word) {
  const auto* found = std::find(months.begin(), months.end(), word.substr(0, 3));
  if (found == months.end()) return std::nullopt;
  return static_cast<int>(found - months.begin()) + 1;
}

std::optional<int> year_of(std::string_view word) {
  std::optional<int> year = number(word);
  if (!year) return std::nullopt;
  if (word.size() == 2) return *year + (*year < 50 ? 2000 : 1900);  // RFC 5322 §4.3
  if (word.size() == 3) return *year + 1900;
  return year;
}

struct TimeOfDay {
  int hour, minute, second;
};
std::optional<TimeOfDay> time_of(std::string_view word) {
  std::vector<int> parts;
  while (!word.empty()) {
    const std::size_t colon = std::min(word.find(':'), word.size());
    std::optional<int> part = number(word.substr(0, colon));
    if (!part) return std::nullopt;
    parts.push_back(*part);
    word.remove_prefix(std::min(colon + 1, word.size()));
  }
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  if (parts.size() == 2) parts.push_back(0);
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 60) return std::nullopt;
  return TimeOfDay{parts[0], parts[1], std::min(parts[2], 59)};  // a leap second is not told from the one before
}

int offset_of(std::string_view word) {
  if (word.size() == 5 && (word[0] == '+' || word[0] == '-')) {
    const std::optional<int> digits = number(word.substr(1));
    if (digits && *digits % 100 < 60) return (*digits / 100 * 60 + *digits % 100) * (word[0] == '-' ? -1 : 1);
  }
  for (const Zone& zone : zones)
    if (zone.name == word) return zone.hours * 60;
  return 0;
}

}  // namespace

std::optional<Date> parse_date(std::string_view field_body) {
  std::vector<std::string> words = words_of(unfold(field_body));
  if (!words.empty() && !number(words.front())) words.erase(words.begin());  // the day of the week
  if (words.size() < 4) return std::nullopt;
  const std::optional<int> day = number(words[0]);
  const std::optional<int> month = month_of(words[1]);
  const std::optional<int> year = year_of(words[2]);
  const std::optional<TimeOfDay> time = time_of(words[3]);
  if (!day || !month || !year || !time || *year < 1970 || *year > 2199) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const int offset = words.size() > 4 ? offset_of(words[4]) : 0;
  const Instant instant = std::chrono::sys_days(date) + std::chrono::hours(time->hour) +
                          std::chrono::minutes(time->minute - offset) + std::chrono::seconds(time->second);
  if (instant < Instant{}) return std::nullopt;
  return Date{instant, offset};
}

std::string to_iso8601(const Date& date) {
  const Instant local = date.instant + std::chrono::minutes(date.offset_minutes);
  const std::string text = format_instant(std::chrono::floor<std::chrono::seconds>(local));  // ends in Z
  const int minutes = std::abs(date.offset_minutes);
  return fmt::format("{}{}{:02}:{:02}", text.substr(0, text.size() - 1), date.offset_minutes < 0 ? '-' : '+',
                     minutes / 60, minutes % 60);
}

}  // namespace mailrig::mime
