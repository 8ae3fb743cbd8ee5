#pragma once
/// The record of a scenario: one entry a line or action. A session masks the span of its own line that is secret; what
/// a peer repeats of a secret is found here, in whatever form it does so, once the secret is registered.
///
///   transcript.add(now, "gmail#1", TranscriptEntry::Who::client, "USER anna");
///   transcript.add(now, "gmail#1", TranscriptEntry::Who::client, "PASS <password>");
///   transcript.keep_around(Transcript::Reason::finding);      // a reader will look here
///   transcript.digest();      // SHA-256 over all entries, also over those that were not kept

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.h"
#include "base/secrets.h"
#include "base/sha256.h"

namespace mailrig {

/// A body stands as one entry: "<10240 octets, sha256 ba78...15ad>" (the first and last four digits).
std::string body_entry(std::size_t octets, const Sha256::Digest& sum);

class Transcript {
 public:
  static constexpr std::size_t kept_default = 2'000;  // a report with more is not read by anybody

  explicit Transcript(Moment start = Moment{}, std::size_t kept_max = kept_default)
      : start_(start), kept_max_(kept_max) {}

  /// What no entry may show. To be registered before it can be said.
  Secrets& secrets() { return secrets_; }
  const Secrets& secrets() const { return secrets_; }

  /// `text` is escaped already.
  void add(Moment at, std::string_view connection, TranscriptEntry::Who who, std::string text);

  /// Called with every entry, in the order of asking, for `serve` and `fetch --transcript`.
  void on_entry(std::function<void(const TranscriptEntry&)> listener) { listeners_.push_back(std::move(listener)); }
  /// Before the first entry: how many of them are kept.
  void keep_at_most(std::size_t entries) { kept_max_ = entries; }

  /// Why somebody will read on both sides of a place.
  enum class Reason : std::uint8_t { none, fault, finding };
  /// Keeps the entries before this place and after it, `window` of each, beside the first and the last ones. Such
  /// windows take a quarter of what may be kept, faults half of that: the first ones where there are more.
  void keep_around(Reason reason);
  static constexpr std::size_t window = 12;

  std::size_t count() const { return count_; }
  /// The first half of what may be kept, the windows, then the last ones.
  std::vector<TranscriptEntry> entries() const;
  /// Where entries are missing between those.
  std::vector<TranscriptGap> gaps() const;
  /// The last `n` entries as lines "+1.234s gmail#1 C: RETR 1".
  std::vector<std::string> last_lines(std::size_t n) const;

  /// Of the whole transcript so far; feeding goes on afterwards.
  std::string digest(std::string_view verdict) const;

 private:
  struct Kept {
    std::size_t number;  // of all entries, from 0
    Reason reason;       // why it is to be kept when it leaves the tail
    TranscriptEntry entry;
  };
  void shorten_tail();

  Moment start_;
  std::size_t kept_max_;
  std::size_t count_ = 0;
  std::vector<TranscriptEntry> head_;
  std::vector<Kept> windows_;
  std::size_t faults_kept_ = 0;  // of the windows
  std::deque<Kept> tail_;
  Reason reason_ = Reason::none;  // of the entries to come,
  std::size_t to_come_ = 0;       // so many of them
  Sha256 sum_;
  Secrets secrets_;
  std::string scratch_;
  std::vector<std::function<void(const TranscriptEntry&)>> listeners_;
};

/// "+1.234s gmail#1 C: RETR 1"
std::string to_line(const TranscriptEntry& entry);

}  // namespace mailrig
