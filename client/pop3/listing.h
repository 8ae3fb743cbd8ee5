#pragma once
/// A mailbox put together from the answers to LIST and UIDL, whatever they look like (M9 to M22 of
/// docs/providers/misbehaviours.md): no message that either of them names is lost, and none is named twice.
///
///   Pop3Listing listing;
///   listing.add_size("1 1024");  listing.add_uid("1 GmailId13a1b2c3d4e5f607");
///   listing.finish();
///   listing.items()[0].uid == "GmailId13a1b2c3d4e5f607";

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/pop3/mail_sink.h"

namespace mailrig::client {

// Twenty times the largest mailbox that the product imports.
inline constexpr std::size_t listing_items_max = 2'000'000;
// Lines of one answer that name no message, or one that was named before: a few are seen
// (docs/providers/misbehaviours.md#m11, #m17). An answer with ten thousand of them goes on for ever.
inline constexpr std::size_t listing_useless_lines_max = 10'000;
// Of one answer, line ends included. listing_items_max uids of 70 octets (RFC 1939 §7) take 160 MB.
inline constexpr std::uint64_t listing_octets_max = 256ULL << 20;
// RFC 1939 §7 allows 70; longer ones of some hundred octets are unique all the same.
inline constexpr std::size_t uid_octets_max = 512;
// A size beyond this is no size: 4294967295 and the like (docs/providers/misbehaviours.md#m19).
inline constexpr std::uint64_t listed_octets_max = 1ULL << 30;

class Pop3Listing {
 public:
  /// An answer to LIST or UIDL begins.
  void begin_answer();
  /// One line of LIST, one of UIDL, without CRLF; in any order. A line that names no message is passed over.
  void add_size(std::string_view line);
  void add_uid(std::string_view line);
  /// Where neither could be had: the messages 1 to `count` that STAT told of.
  void add_numbers(std::uint64_t count);
  /// The answer is cut here: it passed one of the limits above. What it says in a sentence, or empty.
  std::string overflow() const;
  bool overflowed() const { return overflow_ != Overflow::none; }

  /// Sorts by number and takes away the uids that do not identify: those listed for two messages, and of a message that
  /// has two. Nothing can be added afterwards.
  void finish();
  /// After finish(); the views live as long as this.
  std::span<const Pop3Item> items() const { return items_; }

 private:
  enum class Overflow : std::uint8_t { none, items, useless_lines, octets };

  Pop3Item* item(std::uint32_t number);
  std::string_view keep(std::string_view uid);
  void count_line(std::string_view line);
  std::size_t named() const { return items_.size() + late_.size(); }

  std::vector<Pop3Item> items_;             // by number, as long as they arrive in that order
  std::map<std::uint32_t, Pop3Item> late_;  // what came too late for that
  std::size_t next_ = 0;                    // where the next line probably belongs
  std::deque<std::string> uids_;            // blocks that never move
  std::vector<std::uint32_t> two_uids_;     // numbers
  std::size_t lines_ = 0;                   // of this answer
  std::uint64_t octets_ = 0;
  Overflow overflow_ = Overflow::none;
};

}  // namespace mailrig::client
