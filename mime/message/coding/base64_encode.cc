#include <algorithm>
#include <cstring>

#include "mime/message/coding/base64.h"

namespace mailrig::mime {
namespace {

constexpr std::string_view encoding_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Two characters for twelve bits: half the look-ups of one for six.
constexpr auto make_pairs() {
  std::array<char, std::size_t{2} * 4096> pairs{};
  for (std::size_t bits = 0; bits < 4096; ++bits) {
    pairs[2 * bits] = encoding_alphabet[bits >> 6];
    pairs[2 * bits + 1] = encoding_alphabet[bits & 63];
  }
  return pairs;
}
constexpr auto pairs = make_pairs();

void put_quantum(const unsigned char* octets, char* out) {
  const std::uint32_t bits = std::uint32_t{octets[0]} << 16 | std::uint32_t{octets[1]} << 8 | octets[2];
  std::memcpy(out, &pairs[std::size_t{2} * (bits >> 12)], 2);
  std::memcpy(out + 2, &pairs[std::size_t{2} * (bits & 4095)], 2);
}

}  // namespace

void Base64Encoder::feed(std::string_view octets, std::string& out) {
  std::array<unsigned char, 3> quantum = pending_;
  const auto* at = reinterpret_cast<const unsigned char*>(octets.data());
  const auto* const end = at + octets.size();
  std::size_t written = out.size();
  out.resize(written + (octets.size() + pending_size_) / 3 * 4 + (octets.size() / 57 + 1) * 2);
  char* const text = out.data();
  while (static_cast<std::size_t>(end - at) + pending_size_ >= 3) {
    if (wrapped_ && column_ == line_characters_max) {
      std::memcpy(text + written, "\r\n", 2);
      written += 2;
      column_ = 0;
    }
    while (pending_size_ < 3) quantum[pending_size_++] = *at++;
    pending_size_ = 0;
    put_quantum(quantum.data(), text + written);
    written += 4;
    column_ += 4;
  }
  while (at != end) quantum[pending_size_++] = *at++;
  pending_ = quantum;
  out.resize(written);
}

void Base64Encoder::finish(std::string& out) {
  if (pending_size_ > 0) {
    if (wrapped_ && column_ == line_characters_max) {
      out += "\r\n";
      column_ = 0;
    }
    std::fill(pending_.begin() + static_cast<std::ptrdiff_t>(pending_size_), pending_.end(), 0);
    std::array<char, 4> last;
    put_quantum(pending_.data(), last.data());
    std::fill(last.begin() + static_cast<std::ptrdiff_t>(pending_size_) + 1, last.end(), '=');
    out.append(last.data(), last.size());
    column_ += 4;
  }
  if (wrapped_ && column_ > 0) out += "\r\n";
  pending_size_ = 0;
  column_ = 0;
}

std::uint64_t Base64Encoder::encoded_size(std::uint64_t octets, bool wrapped) {
  const std::uint64_t characters = (octets + 2) / 3 * 4;
  return wrapped ? characters + (characters + line_characters_max - 1) / line_characters_max * 2 : characters;
}

std::string to_base64(std::string_view octets) {
  Base64Encoder encoder(/*wrapped=*/false);
  std::string text;
  encoder.feed(octets, text);
  encoder.finish(text);
  return text;
}

}  // namespace mailrig::mime
