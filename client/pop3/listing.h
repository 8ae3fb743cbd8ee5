#pragma once
/// A mailbox put together from the answers to LIST and UIDL, whatever they look like (providers.md section 9, M9 to
/// M22): no message that either of them names is lost, and none is named twice.
///
///   Pop3Listing listing;
///   listing.add_size("1 1024");  listing.add_uid("1 GmailId13a1b2c3d4e5f607");
///   listing.finish();
///   listing.items()[0].uid == "GmailId13a1b2c3d4e5f607";

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/pop3/target.h"

namespace mailrig::client {

// Twenty times the largest mailbox that the product imports; some 60 MB of memory.
inline constexpr std::size_t listing_items_max = 2'000'000;
// RFC 1939 §7 allows 70; longer ones of some hundred octets are unique all the same.
inline constexpr std::size_t uid_octets_max = 512;
// A size beyond this is no size: 4294967295 and the like (M19).
inline constexpr std::uint64_t listed_octets_max = 1ULL << 30;

class Pop3Listing {
 public:
  /// One line of LIST, one of UIDL; in any order. A line that names no message is passed over.
  void add_size(std::string_view line);
  void add_uid(std::string_view line);
  /// Where neither could be had: the messages 1 to `count` that STAT told of.
  void add_numbers(std::uint64_t count);
  bool overflowed() const { return overflowed_; }

  /// Sorts by number and takes away the uids that do not identify: those listed for two messages, and of a message that
  /// has two.
  void finish();
  /// After finish(); the views live as long as this.
  std::span<const Pop3Item> items() const { return items_; }

 private:
  struct Entry {
    std::uint32_t number;
    std::uint32_t uid_octets = 0;
    std::size_t uid_at = 0;  // in uids_
    std::uint64_t octets = 0;
    bool two_uids = false;
  };

  Entry* entry(std::uint32_t number);
  std::string_view uid_of(const Entry& entry) const {
    return std::string_view(uids_).substr(entry.uid_at, entry.uid_octets);
  }

  std::vector<Entry> entries_;                 // by number
  std::map<std::uint32_t, Entry> disordered_;  // what came too late for that
  std::size_t next_ = 0;                       // where the next line probably belongs
  std::string uids_;
  std::vector<Pop3Item> items_;
  bool overflowed_ = false;
};

}  // namespace mailrig::client
