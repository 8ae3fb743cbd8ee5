#include "scenarios/clear_text_search.h"

#include <algorithm>
#include <cstring>

namespace mailrig::scenarios {
namespace {

/// The base64 digits of `bytes` standing `offset` octets after a multiple of three in a longer text: only the digits
/// that depend on nothing but `bytes`. A coder of the judge's own, so that no bug of client or server can hide a leak.
std::string base64_inside(std::string_view bytes, std::size_t offset) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::size_t first_bit = offset * 8;
  std::size_t end_bit = first_bit + bytes.size() * 8;
  auto bit = [&](std::size_t at) {
    std::size_t inside = at - first_bit;
    return (static_cast<unsigned char>(bytes[inside / 8]) >> (7 - inside % 8)) & 1U;
  };
  for (std::size_t digit = (first_bit + 5) / 6; (digit + 1) * 6 <= end_bit; ++digit) {
    unsigned value = 0;
    for (std::size_t at = digit * 6; at < digit * 6 + 6; ++at) value = value << 1 | bit(at);
    out += digits[value];
  }
  return out;
}

}  // namespace

std::uint16_t ClearTextSearch::prefix_hash(const char* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return static_cast<std::uint16_t>((word * 0x9E3779B1U) >> 16);
}

void ClearTextSearch::add_needle(std::string bytes, const std::string& what, bool base64) {
  if (bytes.size() < needle_octets_min) return;
  for (const Needle& needle : needles_)
    if (needle.bytes == bytes) return;
  prefixes_.set(prefix_hash(bytes.data()));
  longest_ = std::max(longest_, bytes.size());
  needles_.push_back({std::move(bytes), what, base64});
}

void ClearTextSearch::add_forms(std::string_view bytes, const std::string& what) {
  add_needle(std::string(bytes), what, false);
  for (std::size_t offset = 0; offset < 3; ++offset) add_needle(base64_inside(bytes, offset), what, true);
}

bool ClearTextSearch::add_secret(std::string_view secret, std::string what) {
  if (secret.size() < needle_octets_min) return false;
  add_forms(secret, what);
  return true;
}

void ClearTextSearch::add_message(std::string_view message, std::string what) {
  if (message.size() <= slice_octets) {
    add_forms(message, what);
    return;
  }
  for (std::size_t at : {std::size_t{0}, (message.size() - slice_octets) / 2, message.size() - slice_octets})
    add_forms(message.substr(at, slice_octets), what);
}

void ClearTextSearch::feed(Direction direction, std::string_view bytes) {
  if (needles_.empty()) return;
  std::string& tail = tail_[direction];
  // The seam first: the kept tail with as much of the new bytes as a needle across the seam can reach.
  if (!tail.empty()) {
    std::string seam = tail;
    seam += bytes.substr(0, longest_ - 1);
    scan(direction, seam);
  }
  scan(direction, bytes);
  tail += bytes.substr(bytes.size() - std::min(bytes.size(), longest_ - 1));
  if (tail.size() > longest_ - 1) tail.erase(0, tail.size() - (longest_ - 1));
}

void ClearTextSearch::scan(Direction direction, std::string_view bytes) {
  if (bytes.size() < needle_octets_min) return;
  const char* last = bytes.data() + bytes.size() - needle_octets_min;
  for (const char* at = bytes.data(); at <= last; ++at) {
    if (!prefixes_.test(prefix_hash(at))) continue;
    compare(direction, bytes.substr(static_cast<std::size_t>(at - bytes.data())));
  }
}

void ClearTextSearch::compare(Direction direction, std::string_view bytes) {
  for (Needle& needle : needles_) {
    if (needle.reported[direction] || !bytes.starts_with(needle.bytes)) continue;
    needle.reported[direction] = true;
    found_.push_back({direction, needle.what, needle.base64 ? "base64" : "raw"});
  }
}

}  // namespace mailrig::scenarios
