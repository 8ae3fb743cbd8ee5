#include "mime/message/fields/date.h"

#include <fmt/format.h>

#include <algorithm>

#include "mime/message/ascii.h"
#include "mime/message/fields/date_words.h"
#include "mime/message/tokens.h"

namespace mailrig::mime {
namespace {

struct Number {
  int value = 0;
  std::size_t digits = 0;
};

bool is_word_character(char c) { return is_letter(c) || is_eight_bit(c); }

/// What each number or word is depends on what was read before, and on the character behind it.
class DateReader {
 public:
  DateReader(std::string_view text, Defects* defects) : tokens_(text, defects), whole_(text), defects_(defects) {}

  std::optional<Date> read() {
    while (!tokens_.at_end() && !broken_) {
      tokens_.skip_blanks_and_comments();
      take();
    }
    std::optional<Date> date = broken_ ? std::nullopt : result();
    if (!date) note(defects_, DefectCode::invalid_date, trimmed(whole_), "no date");
    return date;
  }

 private:
  void take() {
    const char c = tokens_.peek();
    if (is_digit(c)) {
      take_number();
    } else if (is_word_character(c)) {
      take_word();
    } else if ((c == '+' || c == '-') && hour_ && tokens_.rest().size() > 1 && is_digit(tokens_.rest()[1])) {
      take_offset();
    } else if (!tokens_.at_end()) {
      if (c != ',') foreign_ = true;
      tokens_.skip(1);
    }
  }

  void take_number() {
    const Number number = digits();
    const char next = tokens_.peek();
    const char second = tokens_.rest().size() > 1 ? tokens_.rest()[1] : '\0';
    if (before_colon()) {
      take_time(number, ':');
    } else if (next == '.' && is_digit(second) && day_ && month_ && !hour_) {
      foreign_ = true;
      take_time(number, '.');
    } else if ((next == '-' || next == '/' || next == '.') && !month_ && is_digit(second)) {
      take_numeric_date(number, next);
    } else if (next == '-' && is_word_character(second)) {
      take_dashed_date(number);
    } else if (number.digits == 8 && !year_) {
      foreign_ = true;  // 20140602T100000Z
      set_date(number.value / 10'000, number.value / 100 % 100, number.value % 100);
      if (lower(next) == 't') take_compact_time();
    } else {
      assign(number);
    }
  }

  Number digits() {
    const std::string_view text = tokens_.take_while(is_digit);
    Number number{0, text.size()};
    // Nothing in a date has more digits.
    for (char c : text.substr(0, 8)) number.value = number.value * 10 + (c - '0');
    return number;
  }

  /// RFC 5322 §4.3 allows blanks and comments around the colons.
  bool before_colon() {
    if (tokens_.is_at(':')) return true;
    const std::string_view before = tokens_.rest();
    Tokens ahead(before);
    ahead.skip_blanks_and_comments();
    if (!ahead.is_at(':')) return false;
    tokens_.move_to(ahead.rest());
    return true;
  }

  void take_time(Number hour, char separator) {
    tokens_.skip(1);
    tokens_.skip_blanks_and_comments();
    const Number minute = digits();
    Number second;
    if (separator == ':' ? before_colon() : tokens_.is_at('.')) {
      tokens_.skip(1);
      tokens_.skip_blanks_and_comments();
      second = digits();
      if (second.digits == 0) broken_ = true;
    }
    if (tokens_.is_at('.') || (tokens_.is_at(',') && tokens_.rest().size() > 1 && is_digit(tokens_.rest()[1]))) {
      foreign_ = true;  // a fraction of a second
      tokens_.skip(1);
      digits();
    }
    if (minute.digits == 0 || hour.digits > 2 || minute.digits > 2 || second.digits > 2) broken_ = true;
    set_time(hour.value, minute.value, second.value);
  }

  void take_compact_time() {
    tokens_.skip(1);
    const Number time = digits();
    if (time.digits == 6)
      set_time(time.value / 10'000, time.value / 100 % 100, time.value % 100);
    else if (time.digits == 4)
      set_time(time.value / 100, time.value % 100, 0);
    else
      broken_ = true;
  }

  void set_time(int hour, int minute, int second) {
    if (hour > 23 || minute > 59 || second > 60) broken_ = true;
    if (hour_) return;
    hour_ = hour;
    minute_ = minute;
    second_ = std::min(second, 59);  // a leap second is not told from the one before
  }

  /// 2014-06-02, 2014/6/2, 6/2/2014, 2.6.2014, 2-6-14.
  void take_numeric_date(Number first, char separator) {
    foreign_ = true;
    tokens_.skip(1);
    const Number second = digits();
    Number third;
    if (tokens_.is_at(separator)) {
      tokens_.skip(1);
      third = digits();
    }
    if (third.digits == 0) {
      broken_ = true;
    } else if (first.digits == 4) {
      set_date(first.value, second.value, third.value);
    } else {
      // With slashes Americans write; with dots and hyphens, nobody who puts the month first.
      bool month_first = separator == '/';
      if (first.value > 12 || second.value > 12)
        month_first = second.value > 12;
      else if (month_first && first.value != second.value)
        note(defects_, DefectCode::ambiguous_date, trimmed(whole_), "read as month/day/year");
      set_date(year_of(third), month_first ? first.value : second.value, month_first ? second.value : first.value);
    }
  }

  /// 02-Jun-14 (RFC 850).
  void take_dashed_date(Number day) {
    foreign_ = true;
    tokens_.skip(1);
    const std::optional<MonthName> month = month_named(tokens_.take_while(is_word_character));
    if (!month || !tokens_.is_at('-')) {
      broken_ = true;
      return;
    }
    tokens_.skip(1);
    const Number year = digits();
    if (year.digits == 0)
      broken_ = true;
    else
      set_date(year_of(year), month->number, day.value);
  }

  void set_date(int year, int month, int day) {
    year_ = year;
    month_ = month;
    day_ = day;
  }

  /// RFC 5322 §4.3.
  int year_of(Number number) {
    if (number.digits > 4) broken_ = true;
    if (number.digits >= 4) return number.value;
    short_year_ = true;
    return number.value + (number.digits <= 2 && number.value < 50 ? 2000 : 1900);
  }

  /// A number that stands alone.
  void assign(Number number) {
    // "2nd", "2."
    const std::string_view rest = tokens_.rest();
    for (std::string_view ordinal : {"st", "nd", "rd", "th"}) {
      if (!equals_ignoring_case(rest.substr(0, 2), ordinal) || (rest.size() > 2 && is_word_character(rest[2])))
        continue;
      foreign_ = true;
      tokens_.skip(2);
    }
    if (number.digits > 2 || number.value > 31) {
      if (year_) return void(foreign_ = true);
      year_ = year_of(number);
      foreign_ = foreign_ || !day_ || !month_ || hour_;
    } else if (!day_) {
      day_ = number.value;
      foreign_ = foreign_ || month_ || year_;
    } else if (!month_ && !year_) {
      month_ = number.value;
      foreign_ = true;
    } else if (!year_) {
      year_ = year_of(number);
      foreign_ = foreign_ || hour_;
    } else {
      foreign_ = true;
    }
  }

  void take_word() {
    const std::string_view word = tokens_.take_while(is_word_character);
    if (const std::optional<int> weekday = weekday_named(word); weekday && !weekday_) {
      weekday_ = weekday;
    } else if (const std::optional<MonthName> month = month_named(word); month && !month_) {
      month_ = month->number;
      foreign_ = foreign_ || month->foreign;
    } else if (hour_ && (equals_ignoring_case(word, "am") || equals_ignoring_case(word, "pm"))) {
      foreign_ = true;
      if (*hour_ <= 12) hour_ = *hour_ % 12 + (lower(word.front()) == 'p' ? 12 : 0);
    } else if (hour_ && !has_offset_) {
      take_zone(word);
    } else if (!equals_ignoring_case(word, "t") || !year_) {
      foreign_ = true;
    }
  }

  /// "EST", "EST5EDT", and "GMT+2", of which the rest comes as an offset.
  void take_zone(std::string_view word) {
    zone_ = zone_named(word);
    if (zone_ && tokens_.take_while([](char c) { return is_digit(c) || is_letter(c); }).empty()) {
      named_zone_ = true;
    } else {
      foreign_ = true;
    }
  }

  void take_offset() {
    const bool west = tokens_.is_at('-');
    tokens_.skip(1);
    const Number number = digits();
    int hours = number.digits <= 2 ? number.value : number.value / 100;
    int minutes = number.digits <= 2 ? 0 : number.value % 100;
    if (number.digits <= 2) {
      foreign_ = true;
      if (tokens_.is_at(':')) {
        tokens_.skip(1);
        minutes = digits().value;
      }
    }
    if (has_offset_ || number.digits > 4 || hours > 23 || minutes > 59) return void(foreign_ = true);
    foreign_ = foreign_ || number.digits == 3 || named_zone_;
    zone_ = (hours * 60 + minutes) * (west ? -1 : 1);
    unknown_zone_ = west && *zone_ == 0;
    has_offset_ = true;
    named_zone_ = false;
  }

  std::optional<Date> result() {
    if (!day_ || !month_ || !year_ || !hour_) return std::nullopt;
    const std::chrono::year_month_day day{std::chrono::year(*year_), std::chrono::month(static_cast<unsigned>(*month_)),
                                          std::chrono::day(static_cast<unsigned>(*day_))};
    if (!day.ok()) return std::nullopt;
    report(day);
    const int offset = zone_.value_or(0);
    return Date{std::chrono::sys_days(day) + std::chrono::hours(*hour_) + std::chrono::minutes(minute_ - offset) +
                    std::chrono::seconds(second_),
                offset, !unknown_zone_};
  }

  void report(std::chrono::year_month_day day) {
    if (defects_ == nullptr) return;
    const std::string_view where = trimmed(whole_);
    if (foreign_) note(defects_, DefectCode::foreign_date, where, "read as what it resembles");
    if (short_year_ || named_zone_) note(defects_, DefectCode::obsolete_date, where, "read as it was meant");
    if (!zone_) note(defects_, DefectCode::date_without_zone, where, "read as UTC");
    const unsigned weekday = std::chrono::weekday(std::chrono::sys_days(day)).c_encoding();
    if (weekday_ && static_cast<unsigned>(*weekday_) != weekday)
      note(defects_, DefectCode::wrong_weekday, where, "the day of the week is passed over");
  }

  Tokens tokens_;
  std::string_view whole_;
  Defects* defects_;
  std::optional<int> day_, month_, year_, weekday_;
  std::optional<int> hour_;
  int minute_ = 0;
  int second_ = 0;
  std::optional<int> zone_;    // minutes east of UTC
  bool unknown_zone_ = false;  // -0000
  bool has_offset_ = false;    // and it was written as a number
  bool named_zone_ = false;
  bool short_year_ = false;
  bool foreign_ = false;  // not in a form of RFC 5322
  bool broken_ = false;   // something is out of its range
};

}  // namespace

Instant Date::instant() const {
  // Whole seconds, so that the conversion to nanoseconds cannot overflow.
  constexpr auto first = std::chrono::ceil<std::chrono::seconds>(Instant::min());
  constexpr auto last = std::chrono::floor<std::chrono::seconds>(Instant::max());
  return std::clamp(time, first, last);
}

std::optional<Date> parse_date(std::string_view field_body, Defects* defects) {
  // "by relay.test with SMTP; Mon, 2 Jun 2014 ...": somebody copied a Received field.
  const std::size_t semicolon = field_body.rfind(';');
  if (semicolon != std::string_view::npos && std::ranges::any_of(field_body.substr(semicolon), is_digit))
    field_body.remove_prefix(semicolon + 1);
  return DateReader(field_body, defects).read();
}

Date date_of(Instant instant) { return {std::chrono::floor<std::chrono::seconds>(instant), 0}; }

std::string to_iso8601(const Date& date) {
  const std::chrono::sys_seconds local = date.time + std::chrono::minutes(date.offset_minutes);
  const auto days = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day day(days);
  const std::chrono::hh_mm_ss time(local - days);
  const int minutes = std::abs(date.offset_minutes);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}{:02}:{:02}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(),
                     date.offset_minutes < 0 || !date.zone_known ? '-' : '+', minutes / 60, minutes % 60);
}

}  // namespace mailrig::mime
