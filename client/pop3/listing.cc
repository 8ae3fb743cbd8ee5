#include "client/pop3/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

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

constexpr std::size_t block_octets = 1 << 20;

}  // namespace

void Pop3Listing::begin_answer() {
  lines_ = 0;
  octets_ = 0;
}

Pop3Item* Pop3Listing::item(std::uint32_t number) {
  if (next_ < items_.size() && items_[next_].number == number) return &items_[next_++];
  bool last = items_.empty() || items_.back().number < number;
  if (!last) {
    auto found = std::ranges::lower_bound(items_, number, {}, &Pop3Item::number);
    if (found->number == number) {
      next_ = static_cast<std::size_t>(found - items_.begin()) + 1;
      return &*found;
    }
  }
  if (named() >= listing_items_max && !late_.contains(number)) {
    overflow_ = Overflow::items;
    return nullptr;
  }
  if (!last) return &late_.try_emplace(number, Pop3Item{number}).first->second;
  items_.push_back(Pop3Item{number});
  next_ = items_.size();
  return &items_.back();
}

/// Every line that is of use names a message, so what goes beyond the messages is of none.
void Pop3Listing::count_line(std::string_view line) {
  octets_ += line.size() + 2;
  if (octets_ > listing_octets_max) overflow_ = Overflow::octets;
  if (++lines_ > named() + listing_useless_lines_max) overflow_ = Overflow::useless_lines;
}

void Pop3Listing::add_size(std::string_view line) {
  count_line(line);
  std::uint32_t number = 0;
  if (!take_message_number(line, number)) return;
  Pop3Item* known = item(number);
  std::uint64_t octets = 0;
  line = trimmed(line);
  if (known == nullptr || !take_number(line, octets) || octets > listed_octets_max) return;
  if (known->octets == 0) known->octets = octets;
}

void Pop3Listing::add_uid(std::string_view line) {
  count_line(line);
  std::uint32_t number = 0;
  if (!take_message_number(line, number)) return;
  Pop3Item* known = item(number);
  std::string_view uid = trimmed(line);
  if (known == nullptr || uid.empty() || uid.size() > uid_octets_max) return;
  if (known->uid.empty())
    known->uid = keep(uid);
  else if (known->uid != uid)
    two_uids_.push_back(number);
}

std::string_view Pop3Listing::keep(std::string_view uid) {
  if (uids_.empty() || uids_.back().capacity() - uids_.back().size() < uid.size())
    uids_.emplace_back().reserve(block_octets);
  std::string& block = uids_.back();
  const std::size_t from = block.size();
  block += uid;
  return std::string_view(block).substr(from);
}

void Pop3Listing::add_numbers(std::uint64_t count) {
  if (count > listing_items_max) {
    overflow_ = Overflow::items;
    return;
  }
  for (std::uint64_t number = 1; number <= count; ++number) item(static_cast<std::uint32_t>(number));
}

std::string Pop3Listing::overflow() const {
  switch (overflow_) {
    case Overflow::none: return {};
    case Overflow::items: return fmt::format("the mailbox lists more than {} messages", listing_items_max);
    case Overflow::useless_lines:
      return fmt::format(
          "a listing of the mailbox has no end: {} lines name {} messages, the others over again or none", lines_,
          named());
    case Overflow::octets: return fmt::format("a listing of the mailbox has more than {} octets", listing_octets_max);
  }
  return {};
}

void Pop3Listing::finish() {
  for (const auto& [number, late] : late_) items_.push_back(late);
  late_.clear();
  std::ranges::sort(items_, {}, &Pop3Item::number);
  for (std::uint32_t number : two_uids_) std::ranges::lower_bound(items_, number, {}, &Pop3Item::number)->uid = {};

  // Numbers only, since a mailbox may have a million messages.
  std::vector<std::uint32_t> by_uid;
  by_uid.reserve(items_.size());
  for (std::uint32_t i = 0; i < items_.size(); ++i)
    if (!items_[i].uid.empty()) by_uid.push_back(i);
  auto uid_of = [this](std::uint32_t i) { return items_[i].uid; };
  std::ranges::sort(by_uid, {}, uid_of);
  for (std::size_t from = 0, to = 0; from < by_uid.size(); from = to) {
    while (to < by_uid.size() && uid_of(by_uid[to]) == uid_of(by_uid[from])) ++to;
    if (to - from == 1) continue;
    for (std::size_t i = from + 1; i < to; ++i) items_[by_uid[i]].uid = {};
    items_[by_uid[from]].uid = {};
  }
}

}  // namespace mailrig::client
