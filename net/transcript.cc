#include "net/transcript.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig {

std::string body_entry(std::size_t octets, const Sha256::Digest& sum) {
  std::string hex = to_hex(sum);
  return fmt::format("<{} octets, sha256 {}...{}>", octets, std::string_view(hex).substr(0, 4),
                     std::string_view(hex).substr(60));
}

void Transcript::add(Moment at, std::string_view connection, TranscriptEntry::Who who, std::string text) {
  if (!secrets_.empty()) text = secrets_.masked(text);
  scratch_.clear();
  fmt::format_to(std::back_inserter(scratch_), "{} {} {} {}\n", (at - start_).count(), connection, to_string(who),
                 text);
  sum_.update(scratch_);
  const std::size_t number = count_++;
  TranscriptEntry entry{at - start_, std::string(connection), who, std::move(text)};
  for (const auto& listener : listeners_) listener(entry);
  const Reason reason = to_come_ > 0 ? reason_ : Reason::none;
  if (to_come_ > 0) --to_come_;
  if (tail_.empty() && head_.size() < kept_max_ / 2) {
    head_.push_back(std::move(entry));
    return;
  }
  tail_.push_back({number, reason, std::move(entry)});
  shorten_tail();
}

void Transcript::keep_around(Reason reason) {
  // Where few are kept the windows are small, so that the place itself is kept and not only what led to it.
  const std::size_t size = std::clamp<std::size_t>(kept_max_ / 32, 1, window);
  const std::size_t before = std::min(size, tail_.size());
  for (auto kept = tail_.end() - static_cast<std::ptrdiff_t>(before); kept != tail_.end(); ++kept)
    kept->reason = std::max(kept->reason, reason);
  reason_ = to_come_ > 0 ? std::max(reason_, reason) : reason;
  to_come_ = size;
}

void Transcript::shorten_tail() {
  // What leaves the tail for a window takes a place from the tail, so the sum stays.
  while (tail_.size() > kept_max_ - kept_max_ / 2 - windows_.size()) {
    Kept oldest = std::move(tail_.front());
    tail_.pop_front();
    const std::size_t room = kept_max_ / 4;
    const bool is_fault = oldest.reason == Reason::fault;
    if (oldest.reason == Reason::none || windows_.size() >= room || (is_fault && faults_kept_ >= room / 2)) continue;
    faults_kept_ += is_fault ? 1 : 0;
    windows_.push_back(std::move(oldest));
  }
}

std::vector<TranscriptEntry> Transcript::entries() const {
  std::vector<TranscriptEntry> all = head_;
  for (const Kept& kept : windows_) all.push_back(kept.entry);
  for (const Kept& kept : tail_) all.push_back(kept.entry);
  return all;
}

std::vector<TranscriptGap> Transcript::gaps() const {
  std::vector<TranscriptGap> gaps;
  std::size_t kept_before = head_.size(), next = head_.size();
  auto look_before = [&](std::size_t number) {
    if (number > next) gaps.push_back({.after = kept_before, .elided = number - next});
    ++kept_before;
    next = number + 1;
  };
  for (const Kept& kept : windows_) look_before(kept.number);
  for (const Kept& kept : tail_) look_before(kept.number);
  if (count_ > next) gaps.push_back({.after = kept_before, .elided = count_ - next});
  return gaps;
}

std::vector<std::string> Transcript::last_lines(std::size_t n) const {
  std::vector<TranscriptEntry> last;  // the last one first
  for (auto kept = tail_.rbegin(); kept != tail_.rend() && last.size() < n; ++kept) last.push_back(kept->entry);
  for (auto kept = windows_.rbegin(); kept != windows_.rend() && last.size() < n; ++kept) last.push_back(kept->entry);
  for (auto entry = head_.rbegin(); entry != head_.rend() && last.size() < n; ++entry) last.push_back(*entry);
  std::vector<std::string> lines;
  for (auto entry = last.rbegin(); entry != last.rend(); ++entry) lines.push_back(to_line(*entry));
  return lines;
}

std::string Transcript::digest(std::string_view verdict) const {
  Sha256 copy = sum_.copy();
  copy.update(verdict);
  return copy.hex();
}

std::string to_line(const TranscriptEntry& entry) {
  std::string connection = entry.connection.empty() ? "" : entry.connection + " ";
  std::string_view separator = entry.who == TranscriptEntry::Who::rig ? "" : ":";
  // Names in it are from scenario files.
  return escape_controls(fmt::format("+{:.3f}s {}{}{} {}", static_cast<double>(entry.at.count()) / 1e9, connection,
                                     to_string(entry.who), separator, entry.text));
}

}  // namespace mailrig
