#include "client/pop3/listing.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>

namespace mailrig::client {
namespace {

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(" \t") + 1));
  return text;
}

/// The word at the front as a number; nothing when it is none or too large.
template <class Number>
bool take_number(std::string_view& line, Number& number) {
  auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), number);
  std::size_t length = static_cast<std::size_t>(end - line.data());
  if (failure != std::errc{} || (length < line.size() && line[length] != ' ' && line[length] != '\t')) return false;
  line.remove_prefix(length);
  return true;
}

bool take_message_number(std::string_view& line, std::uint32_t& number) {
  line = trimmed(line);
  return take_number(line, number) && number > 0;
}

}  // namespace

Pop3Listing::Entry* Pop3Listing::entry(std::uint32_t number) {
  if (next_ < entries_.size() && entries_[next_].number == number) return &entries_[next_++];
  bool last = entries_.empty() || entries_.back().number < number;
  if (!last) {
    auto found = std::ranges::lower_bound(entries_, number, {}, &Entry::number);
    if (found->number == number) {
      next_ = static_cast<std::size_t>(found - entries_.begin()) + 1;
      return &*found;
    }
  }
  if (entries_.size() + disordered_.size() >= listing_items_max && !disordered_.contains(number)) {
    overflowed_ = true;
    return nullptr;
  }
  if (!last) return &disordered_.try_emplace(number, Entry{number}).first->second;
  entries_.push_back(Entry{number});
  next_ = entries_.size();
  return &entries_.back();
}

void Pop3Listing::add_size(std::string_view line) {
  std::uint32_t number = 0;
  if (!take_message_number(line, number)) return;
  Entry* known = entry(number);
  std::uint64_t octets = 0;
  line = trimmed(line);
  if (known == nullptr || !take_number(line, octets) || octets > listed_octets_max) return;
  if (known->octets == 0) known->octets = octets;
}

void Pop3Listing::add_uid(std::string_view line) {
  std::uint32_t number = 0;
  if (!take_message_number(line, number)) return;
  Entry* known = entry(number);
  std::string_view uid = trimmed(line);
  if (known == nullptr || uid.empty() || uid.size() > uid_octets_max) return;
  if (known->uid_octets > 0) {
    if (uid_of(*known) != uid) known->two_uids = true;
    return;
  }
  known->uid_at = uids_.size();
  known->uid_octets = static_cast<std::uint32_t>(uid.size());
  uids_ += uid;
}

void Pop3Listing::add_numbers(std::uint64_t count) {
  if (count > listing_items_max) {
    overflowed_ = true;
    return;
  }
  for (std::uint64_t number = 1; number <= count; ++number) entry(static_cast<std::uint32_t>(number));
}

void Pop3Listing::finish() {
  for (const auto& [number, late] : disordered_) entries_.push_back(late);
  disordered_.clear();
  std::ranges::sort(entries_, {}, &Entry::number);

  std::unordered_map<std::string_view, std::size_t> first_with;
  first_with.reserve(entries_.size());
  items_.clear();
  items_.reserve(entries_.size());
  for (const Entry& one : entries_) {
    std::string_view uid = one.two_uids ? std::string_view() : uid_of(one);
    if (!uid.empty()) {
      auto [first, is_first] = first_with.try_emplace(uid, items_.size());
      if (!is_first) {
        items_[first->second].uid = {};
        uid = {};
      }
    }
    items_.push_back({one.number, uid, one.octets});
  }
}

}  // namespace mailrig::client
