#include "cli/run/shared_tail.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>
#include <string_view>

namespace mailrig::cli {
namespace {

struct Slot {
  Duration at{};
  TranscriptEntry::Who who = TranscriptEntry::Who::rig;
  std::size_t connection_octets = 0;
  std::size_t text_octets = 0;
  char connection[SharedTail::connection_octets_max];
  char text[SharedTail::text_octets_max];
};

std::size_t copy(char* to, std::string_view text, std::size_t octets_max) {
  const std::size_t octets = std::min(text.size(), octets_max);
  std::memcpy(to, text.data(), octets);
  return octets;
}

void write(Slot& slot, const TranscriptEntry& entry) {
  slot.at = entry.at;
  slot.who = entry.who;
  slot.connection_octets = copy(slot.connection, entry.connection, SharedTail::connection_octets_max);
  slot.text_octets = copy(slot.text, entry.text, SharedTail::text_octets_max);
}

}  // namespace

struct SharedTail::Page {
  Slot slots[entries_max];
  Slot step;
  std::atomic<std::size_t> count{0};    // of all that were noted; a slot is counted once it is complete
  std::atomic<std::size_t> step_at{0};  // the number of the last step, from 1; 0: none
};

SharedTail::SharedTail() {
  void* memory = ::mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory != MAP_FAILED) page_ = new (memory) Page;
}

SharedTail::~SharedTail() {
  if (page_ != nullptr) ::munmap(page_, sizeof(Page));
}

void SharedTail::forget() {
  if (page_ == nullptr) return;
  page_->count = 0;
  page_->step_at = 0;
}

void SharedTail::note(const TranscriptEntry& entry) {
  if (page_ == nullptr) return;
  const std::size_t number = page_->count;
  write(page_->slots[number % entries_max], entry);
  if (entry.connection.empty() && entry.who == TranscriptEntry::Who::rig) {
    write(page_->step, entry);
    page_->step_at = number + 1;
  }
  page_->count = number + 1;
}

std::vector<TranscriptEntry> SharedTail::entries() const {
  std::vector<TranscriptEntry> entries;
  if (page_ == nullptr) return entries;
  auto add = [&](const Slot& slot) {
    TranscriptEntry entry;
    entry.at = slot.at;
    entry.who = slot.who;
    entry.connection.assign(slot.connection, std::min(slot.connection_octets, connection_octets_max));
    entry.text.assign(slot.text, std::min(slot.text_octets, text_octets_max));
    entries.push_back(std::move(entry));
  };
  const std::size_t count = page_->count;
  const std::size_t first = count - std::min(count, entries_max);
  if (page_->step_at > 0 && page_->step_at <= first) add(page_->step);
  for (std::size_t number = first; number < count; ++number) add(page_->slots[number % entries_max]);
  return entries;
}

}  // namespace mailrig::cli
