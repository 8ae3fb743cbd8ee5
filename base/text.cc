#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/edit_distance.h"

namespace mailrig {

std::size_t utf8_length(std::string_view bytes) {
  if (bytes.empty()) return 0;
  auto at = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U; };
  auto tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xE0 && at(1) < 0xA0) return 0;  // overlong
    if (first == 0xED && at(1) > 0x9F) return 0;  // surrogates
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (first == 0xF0 && at(1) < 0x90) return 0;
    if (first == 0xF4 && at(1) > 0x8F) return 0;  // over U+10FFFF
    return 4;
  }
  return 0;
}

namespace {

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '\r': out += "\\r"; return;
    case '\n': out += "\\n"; return;
    case '\t': out += "\\t"; return;
    case '\0': out += "\\0"; return;
    default: out += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
  }
}

std::uint32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  std::uint32_t value = sequence.size() == 1 ? first : first & (0x7FU >> sequence.size());
  for (char c : sequence.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  return value;
}

bool is_c1(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; }

/// Octets one by one; a character that deceives by its code point, for there its octets say nothing to anybody.
void append_escaped(std::string& out, std::string_view sequence) {
  if (sequence.size() > 3 && is_deceptive(sequence))
    out += fmt::format("\\U{:08X}", code_point(sequence));
  else if (sequence.size() > 1 && is_deceptive(sequence))
    out += fmt::format("\\u{:04X}", code_point(sequence));
  else
    for (char c : sequence) append_escaped(out, c);
}

/// The longest front of at most `octets_max` that does not end within a character.
std::size_t end_of_character(std::string_view bytes, std::size_t octets_max) {
  if (bytes.size() <= octets_max) return bytes.size();
  for (std::size_t back = 1; back <= 3 && back <= octets_max; ++back)
    if (utf8_length(bytes.substr(octets_max - back)) > back) return octets_max - back;
  return octets_max;
}

template <class Words>
std::string_view nearest_of(std::string_view word, const Words& candidates) {
  // Longer words than any key of ours are not worth the quadratic distance.
  constexpr std::size_t word_max = 80;
  if (word.size() > word_max) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    if (candidate.size() > word_max) continue;
    std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

}  // namespace

std::string printable(std::string_view bytes, std::size_t octets_max) {
  std::string out;
  const std::size_t cut = end_of_character(bytes, octets_max);
  std::string_view shown = bytes.substr(0, cut);
  out.reserve(shown.size() + 8);
  while (!shown.empty()) {
    const std::size_t length = utf8_length(shown);
    const std::string_view sequence = shown.substr(0, std::max<std::size_t>(length, 1));
    if (sequence == "\\")
      out += "\\\\";
    else if (length == 0 || is_c1(sequence) || is_deceptive(sequence) || (length == 1 && is_control(sequence[0])))
      append_escaped(out, sequence);
    else
      out += sequence;
    shown.remove_prefix(sequence.size());
  }
  if (cut < bytes.size()) out += fmt::format("... ({} octets more)", bytes.size() - cut);
  return out;
}

std::string escape_controls(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    const bool stays =
        length > 1
            ? !is_c1(sequence) && !is_deceptive(sequence) && sequence != "\xEF\xBF\xBE" && sequence != "\xEF\xBF\xBF"
            : length == 1 && (!is_control(sequence[0]) || kept.find(sequence[0]) != std::string_view::npos);
    if (stays)
      out += sequence;
    else
      append_escaped(out, sequence);
    text.remove_prefix(sequence.size());
  }
  return out;
}

bool is_deceptive(std::string_view sequence) {
  // All of them begin with these octets.
  if (sequence.size() < 2 ||
      (sequence[0] != '\xD8' && sequence[0] != '\xE2' && sequence[0] != '\xEF' && sequence[0] != '\xF3'))
    return false;
  const std::uint32_t point = code_point(sequence);
  return point == 0x061C || point == 0x200B || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xE0000 && point <= 0xE007F);
}

bool is_well_formed_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  return nearest_of(word, candidates);
}
std::string_view nearest(std::string_view word, std::span<const std::string> candidates) {
  return nearest_of(word, candidates);
}

std::string join_words(std::span<const std::string_view> words, std::string_view last_separator) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? last_separator : std::string_view(", ");
    out += words[i];
  }
  return out;
}

}  // namespace mailrig
