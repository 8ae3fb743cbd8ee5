#pragma once
/// The record of a scenario: one entry a line or action. A session masks the span of its own line that is secret; what
/// a peer repeats of a secret is found here, in whatever form it does so, once the secret is registered.
///
///   transcript.add(now, "gmail#1", TranscriptEntry::Who::client, "USER anna");
///   transcript.add(now, "gmail#1", TranscriptEntry::Who::client, "PASS <password>");
///   transcript.digest();      // SHA-256 over all entries, also over those that were not kept

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
  /// Keeps everything from now on: for scenarios whose expectations read the transcript.
  void keep_all() { kept_max_ = static_cast<std::size_t>(-1); }

  std::size_t count() const { return count_; }
  /// The first half, then the last half of what may be kept.
  std::vector<TranscriptEntry> entries() const;
  std::size_t elided() const { return count_ - head_.size() - tail_.size(); }
  std::size_t elided_after() const { return head_.size(); }
  /// The last `n` entries as lines "+1.234s gmail#1 C: RETR 1".
  std::vector<std::string> last_lines(std::size_t n) const;

  /// Of the whole transcript so far; feeding goes on afterwards.
  std::string digest(std::string_view verdict) const;

 private:
  Moment start_;
  std::size_t kept_max_;
  std::size_t count_ = 0;
  std::vector<TranscriptEntry> head_;
  std::deque<TranscriptEntry> tail_;
  Sha256 sum_;
  Secrets secrets_;
  std::string scratch_;
  std::vector<std::function<void(const TranscriptEntry&)>> listeners_;
};

/// "+1.234s gmail#1 C: RETR 1"
std::string to_line(const TranscriptEntry& entry);

}  // namespace mailrig
