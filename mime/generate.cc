#include "mime/generate.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace mailrig::mime {
namespace {

constexpr std::array<std::string_view, 1> profiles{"plain"};

constexpr std::size_t line_octets = 78;  // 76 characters and CRLF
constexpr std::size_t block_lines = 1024;
// A number of eight digits: octets_min() holds for mailboxes of up to 100 million messages.
constexpr std::uint64_t largest_number = 99'999'999;

/// SplitMix64's finaliser: neighbours come out unlike each other.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// Words, the nth of n letters.
constexpr std::array<std::string_view, 13> words{"",           "a",           "of",          "the",      "post",
                                                 "inbox",      "letter",      "message",     "envelope", "delivered",
                                                 "postmaster", "yesterday's", "conversation"};

/// Lines of running text, all of the same length, so that a body is a copy from the beginning of any line.
std::string make_block() {
  std::string block;
  block.reserve(block_lines * line_octets);
  std::uint64_t chance = 0;
  for (std::size_t line = 0; line < block_lines; ++line) {
    std::size_t left = line_octets - 2;
    while (left > 0) {
      std::size_t length = left;
      if (left >= words.size()) {
        chance = mixed(chance);
        length = 1 + chance % (words.size() - 2);  // a space and one more letter still fit
      }
      block += words[length];
      left -= length;
      if (left > 0) {
        block += ' ';
        --left;
      }
    }
    block += "\r\n";
  }
  return block;
}

std::string_view block() {
  static const std::string text = make_block();
  return text;
}

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  auto [end, failure] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

std::size_t count_digits(std::uint64_t number) {
  std::size_t count = 1;
  for (; number >= 10; number /= 10) ++count;
  return count;
}

void append_hex(std::string& out, std::uint64_t number) {
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[(number >> shift) & 15U];
}

void append_two(std::string& out, std::int64_t number) {
  out += static_cast<char>('0' + number / 10);
  out += static_cast<char>('0' + number % 10);
}

/// RFC 5322 §3.3 with two digits for the day, so that each has the same length: "Mon, 02 Jun 2014 09:00:00 +0000".
void append_date(std::string& out, Instant instant) {
  static constexpr std::string_view days = "SunMonTueWedThuFriSat";
  static constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
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
  out += " +0000";
}

constexpr std::string_view example_date = "Mon, 02 Jun 2014 09:00:00 +0000";
constexpr std::string_view mime_fields = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n";

}  // namespace

std::span<const std::string_view> profile_names() { return profiles; }

Generator::Generator(Settings settings)
    : settings_(std::move(settings)),
      low_(settings_.octets_min),
      high_(std::max(settings_.octets_min, settings_.octets_max)) {}

std::string Generator::message_id(std::uint64_t index) const {
  std::string id = "<";
  append_number(id, index + 1);
  id += '.';
  append_hex(id, mixed(settings_.seed ^ mixed(index)));
  id += "@generated.test>";
  return id;
}

void Generator::append_header(std::string& out, std::uint64_t index) const {
  out += "Date: ";
  append_date(out, settings_.first + static_cast<std::int64_t>(index) * settings_.every);
  out += "\r\nFrom: ";
  if (settings_.from.empty()) {
    out += "Sender ";
    append_number(out, index + 1);
    out += " <sender-";
    append_number(out, index + 1);
    out += "@generated.test>";
  } else {
    out += settings_.from;
  }
  out += "\r\nTo: ";
  out += settings_.to;
  out += "\r\nSubject: ";
  if (settings_.subject.empty()) {
    out += "Message ";
    append_number(out, index + 1);
  } else {
    out += settings_.subject;
  }
  out += "\r\nMessage-ID: ";
  out += message_id(index);
  out += "\r\n";
  out += mime_fields;
}

std::uint64_t Generator::frame_octets(std::uint64_t index) const {
  std::size_t digits = count_digits(index + 1);
  std::size_t from = settings_.from.empty() ? std::string_view("Sender  <sender-@generated.test>").size() + 2 * digits
                                            : settings_.from.size();
  std::size_t subject =
      settings_.subject.empty() ? std::string_view("Message ").size() + digits : settings_.subject.size();
  std::size_t fields = std::string_view("Date: \r\nFrom: \r\nTo: \r\nSubject: \r\nMessage-ID: \r\n").size() +
                       example_date.size() + settings_.to.size();
  std::size_t id = std::string_view("<.0123456789abcdef@generated.test>").size() + digits;
  std::size_t first_line = std::string_view("This is number .\r\n").size() + digits;
  return fields + from + subject + id + mime_fields.size() + first_line;
}

std::uint64_t Generator::octets_min() const { return frame_octets(largest_number - 1); }

std::uint64_t Generator::octets(std::uint64_t index) const {
  std::uint64_t drawn = low_ + mixed(mixed(settings_.seed) + index) % (high_ - low_ + 1);
  return std::max(drawn, frame_octets(index));
}

std::string Generator::message(std::uint64_t index) const {
  std::uint64_t size = octets(index);
  std::uint64_t left = size - frame_octets(index);
  std::string out;
  out.reserve(size);
  append_header(out, index);
  out += "This is number ";
  append_number(out, index + 1);
  out += '.';
  if (left == 1) {  // one octet alone is no line
    out += '.';
    left = 0;
  }
  out += "\r\n";
  if (left == 0) return out;

  std::string_view text = block();
  std::string_view from = text.substr(mixed(settings_.seed + index) % block_lines * line_octets);
  for (; left > 0; from = text) {
    std::size_t part = std::min<std::uint64_t>(left, from.size());
    out += from.substr(0, part);
    left -= part;
  }
  // The last line ends where the size says.
  out[size - 2] = '\r';
  out[size - 1] = '\n';
  if (out[size - 3] == '\r') out[size - 3] = '.';
  return out;
}

}  // namespace mailrig::mime
