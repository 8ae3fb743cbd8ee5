#include "mime/compose/write_date.h"

#include <chrono>
#include <cstdlib>
#include <string_view>

namespace mailrig::mime {
namespace {

void append_two(std::string& out, std::int64_t number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

}  // namespace

void write_date(std::string& out, Instant instant, int offset_minutes) {
  static constexpr std::string_view days = "SunMonTueWedThuFriSat";
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  instant += std::chrono::minutes{offset_minutes};
  auto day = std::chrono::floor<std::chrono::days>(instant);
  std::chrono::year_month_day date{day};
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(instant - day).count();
  out += days.substr(3 * std::chrono::weekday{day}.c_encoding(), 3);
  out += ", ";
  append_two(out, static_cast<unsigned>(date.day()));
  out += ' ';
  out += months.substr(3 * (static_cast<unsigned>(date.month()) - 1), 3);
  out += ' ';
  append_two(out, static_cast<int>(date.year()) / 100);
  append_two(out, static_cast<int>(date.year()) % 100);
  out += ' ';
  append_two(out, seconds / 3600);
  out += ':';
  append_two(out, seconds / 60 % 60);
  out += ':';
  append_two(out, seconds % 60);
  out += offset_minutes < 0 ? " -" : " +";
  append_two(out, std::abs(offset_minutes) / 60);
  append_two(out, std::abs(offset_minutes) % 60);
}

}  // namespace mailrig::mime
