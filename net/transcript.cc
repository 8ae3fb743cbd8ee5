#include "net/transcript.h"

#include <fmt/format.h>

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
  ++count_;
  TranscriptEntry entry{at - start_, std::string(connection), who, std::move(text)};
  for (const auto& listener : listeners_) listener(entry);
  if (tail_.empty() && head_.size() < kept_max_ / 2) {
    head_.push_back(std::move(entry));
    return;
  }
  tail_.push_back(std::move(entry));
  if (tail_.size() > kept_max_ - kept_max_ / 2) tail_.pop_front();
}

std::vector<TranscriptEntry> Transcript::entries() const {
  std::vector<TranscriptEntry> all = head_;
  all.insert(all.end(), tail_.begin(), tail_.end());
  return all;
}

std::vector<std::string> Transcript::last_lines(std::size_t n) const {
  std::vector<std::string> lines;
  std::size_t kept = head_.size() + tail_.size();
  for (std::size_t i = kept > n ? kept - n : 0; i < kept; ++i)
    lines.push_back(to_line(i < head_.size() ? head_[i] : tail_[i - head_.size()]));
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
