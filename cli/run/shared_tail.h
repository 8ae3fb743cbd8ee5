#pragma once
/// The last entries of a transcript, in memory that a process shares with the one that made it: they can be read after
/// it was killed.
///
///   SharedTail tail;                                    // before the fork
///   transcript.on_entry([&](auto& entry) { tail.note(entry); });   // over there
///   tail.entries()                                      // here, once the other process is gone

#include <cstddef>
#include <vector>

#include "base/outcome.h"

namespace mailrig::cli {

class SharedTail {
 public:
  static constexpr std::size_t entries_max = 12;  // what a finding shows
  static constexpr std::size_t text_octets_max = 160;
  static constexpr std::size_t connection_octets_max = 64;

  SharedTail();
  ~SharedTail();
  SharedTail(const SharedTail&) = delete;
  SharedTail& operator=(const SharedTail&) = delete;

  void forget();
  /// Longer texts are cut. Allocates nothing.
  void note(const TranscriptEntry& entry);
  /// The last step that began, where it is not among them, then the last ones. Empty where the system had no memory to
  /// share.
  std::vector<TranscriptEntry> entries() const;

 private:
  struct Page;
  Page* page_ = nullptr;
};

}  // namespace mailrig::cli
