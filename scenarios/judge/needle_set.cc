#include "scenarios/judge/needle_set.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace mailrig::scenarios {
namespace {

constexpr std::uint32_t no_needle = 0xFFFF'FFFF;  // a free slot of the table
constexpr std::size_t table_slots_min = 64;
constexpr std::size_t filter_bits_per_anchor = 32;

/// Where the anchor of a needle is: at the first octet of the most preferred class that it has early enough.
std::uint8_t anchor_offset(std::string_view needle) {
  const std::size_t offsets = std::min(needle.size() - Anchor::octets + 1, Anchor::offsets);
  for (unsigned wanted : Anchor::preference)
    for (std::size_t at = 0; at < offsets; ++at)
      if (Anchor::class_of(needle[at]) == wanted) return static_cast<std::uint8_t>(at);
  return 0;
}

/// The base64 digits of `bytes` at `offset` octets after a multiple of three in a longer text: only the digits that
/// depend on nothing but `bytes`. The judge has its own coder, so that no bug of client or server can hide a leak.
std::string base64_inside(std::string_view bytes, std::size_t offset) {
  static constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve(bytes.size() / 3 * 4 + 4);
  // Of the first digits some bits belong to the octets before: those digits are left out.
  std::size_t unknown_bits = offset * 8;
  std::uint32_t bits = 0;
  std::size_t count = unknown_bits % 6;  // the bits of `bits` that no digit has taken yet
  bool partial = count > 0;
  for (char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) {
      if (!partial) out += digits[bits >> (count - 6) & 63];
      partial = false;
    }
  }
  return out;
}

}  // namespace

void AnchorFilter::reset(std::size_t anchors_max) {
  const std::size_t words = std::bit_ceil(std::max<std::size_t>(anchors_max * filter_bits_per_anchor / 64, 2));
  bits_.assign(words, 0);
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(words));
}

bool NeedleSet::add_secret(std::string_view secret, std::string what) {
  if (secret.size() < needle_octets_min) return false;
  names_.push_back(std::move(what));
  add_forms(secret.substr(0, needle_octets_max), static_cast<std::uint32_t>(names_.size() - 1));
  return true;
}

void NeedleSet::add_message(std::string_view message, std::string what) {
  names_.push_back(std::move(what));
  const auto name = static_cast<std::uint32_t>(names_.size() - 1);
  if (message.size() <= slice_octets) {
    add_forms(message, name);
    return;
  }
  for (std::size_t at : {std::size_t{0}, (message.size() - slice_octets) / 2, message.size() - slice_octets})
    add_forms(message.substr(at, slice_octets), name);
}

void NeedleSet::add_forms(std::string_view bytes, std::uint32_t what) {
  add_needle(bytes, what, false);
  for (std::size_t offset = 0; offset < 3; ++offset) add_needle(base64_inside(bytes, offset), what, true);
}

void NeedleSet::add_needle(std::string_view bytes, std::uint32_t what, bool base64) {
  if (bytes.size() < needle_octets_min) return;
  if (needles_.size() * 2 >= table_.size()) grow();
  std::uint64_t probes = 0;
  if (table_[slot_of(bytes, probes)] != no_needle) return;
  const auto size = static_cast<std::uint16_t>(bytes.size());
  needles_.push_back(
      {.at = octets_.size(), .what = what, .size = size, .base64 = base64, .anchor = anchor_offset(bytes)});
  octets_ += bytes;
  enter(static_cast<std::uint32_t>(needles_.size() - 1));
  auto length = std::ranges::lower_bound(lengths_, size);
  if (length == lengths_.end() || *length != size) lengths_.insert(length, size);
}

std::optional<std::uint32_t> NeedleSet::find(std::string_view bytes, std::uint64_t& probes) const {
  if (table_.empty()) return std::nullopt;
  const std::uint32_t needle = table_[slot_of(bytes, probes)];
  return needle == no_needle ? std::nullopt : std::optional(needle);
}

std::size_t NeedleSet::slot_of(std::string_view bytes, std::uint64_t& probes) const {
  std::size_t slot = std::hash<std::string_view>{}(bytes) & (table_.size() - 1);
  for (;; slot = (slot + 1) & (table_.size() - 1)) {
    ++probes;
    if (table_[slot] == no_needle || octets_of(needles_[table_[slot]]) == bytes) return slot;
  }
}

void NeedleSet::grow() {
  const std::size_t slots = std::max(table_.size() * 2, table_slots_min);
  table_.assign(slots, no_needle);
  const std::size_t anchors_max = slots / 2 + (also_ == nullptr ? 0 : also_->size());
  anchors_.assign(std::bit_ceil(2 * anchors_max), {});
  filters_[0].reset(anchors_max);
  filters_[1].reset(anchors_max / 16);
  classes_ = 0;
  if (also_ != nullptr)
    for (const Needle& needle : also_->needles_) enter_anchor(needle, also_->octets_of(needle));
  for (std::uint32_t needle = 0; needle < needles_.size(); ++needle) enter(needle);
}

void NeedleSet::enter(std::uint32_t needle) {
  const std::string_view bytes = octets_of(needles_[needle]);
  std::uint64_t probes = 0;
  table_[slot_of(bytes, probes)] = needle;
  enter_anchor(needles_[needle], bytes);
}

void NeedleSet::enter_anchor(const Needle& needle, std::string_view bytes) {
  const char* at = bytes.data() + needle.anchor;
  const std::uint32_t anchor = Anchor::word(at);
  const unsigned its_class = Anchor::class_of(*at);
  classes_ |= 1U << its_class;
  filters_[its_class != Anchor::preference[0]].add(anchor);
  Anchored& anchored = anchors_[anchor_slot(anchor)];
  anchored.anchor = anchor;
  anchored.offsets |= 1U << needle.anchor;
}

std::size_t NeedleSet::anchor_slot(std::uint32_t anchor) const {
  std::size_t slot = (anchor * 0x9E37'79B9'7F4A'7C15ULL >> 32) & (anchors_.size() - 1);
  while (anchors_[slot].offsets != 0 && anchors_[slot].anchor != anchor) slot = (slot + 1) & (anchors_.size() - 1);
  return slot;
}

std::uint32_t NeedleSet::anchor_offsets(const char* at) const {
  return anchors_.empty() ? 0 : anchors_[anchor_slot(Anchor::word(at))].offsets;
}

}  // namespace mailrig::scenarios
