#pragma once
/// Tells a full POP queue from a mailbox in which nothing happens: docs/decisions/0004-queue-full.md has the reasons.
///
///   watch.on_listing({.at = now, .expires_at_once = true, .leaves_mail = true, .listed = 300, .new_ones = 0,
///   .last_harvest = true}); watch.is_full();                             // after three such listings in a row
///
/// A value: it is kept with the account's record.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace mailrig::client {

// So many listings in a row have to look full: one alone is what "Enable POP for all mail" looks like, too.
inline constexpr unsigned full_listings_min = 3;
// A rhythm is read from no fewer messages; and silence is this much longer than the rhythm allows for.
inline constexpr std::size_t rhythm_messages_min = 20;
inline constexpr int silence_beats_min = 20;
inline constexpr Duration silence_min = 1h;

class QueueWatch {
 public:
  /// A complete listing of a session, judged when the session is over.
  struct Listing {
    Instant at{};
    bool expires_at_once = false;  // the server says that it does not keep what was retrieved
    bool leaves_mail = true;       // normal mode, without deletes: what was retrieved stays in the provider's queue
    std::size_t listed = 0;
    std::size_t new_ones = 0;   // not stored before this session
    bool last_harvest = false;  // it lists messages of the last session that brought new mail and ended in good order
  };

  void on_listing(const Listing& listing);
  /// A session brought these messages (their Date fields, in the order of the listing) and ended in good order.
  /// `newly_listed`: how many of them, at the end, no earlier listing had shown.
  void on_harvest(Instant at, const std::vector<std::optional<Instant>>& dates, std::size_t newly_listed);
  /// The provider wants to see the user in a browser.
  void on_lock() { locked_since_harvest_ = true; }
  /// The user changed something.
  void on_edit() { full_listings_ = 0; }

  bool is_full() const { return full_listings_ >= full_listings_min; }

  /// For the record: read and written as they are.
  struct Facts {
    bool portions = false;
    bool locked = false;
    std::uint64_t full_listings = 0;
    std::int64_t first_listing = 0;  // nanoseconds since 1970, 0: never
    std::int64_t last_listing = 0;
    std::int64_t newest = 0;
    std::int64_t beat = 0;  // nanoseconds; 0: no rhythm
  };
  Facts facts() const;
  static QueueWatch from(const Facts& facts);

 private:
  void on_seen(Instant at);
  bool ended_too_early() const;

  bool portions_ = false;  // it lists only part of what it has
  bool locked_since_harvest_ = false;
  unsigned full_listings_ = 0;
  Instant first_listing_{};
  Instant last_listing_{};
  Instant newest_{};  // Date of the newest message of the last harvest
  Duration beat_{};   // from one message of it to the next
};

}  // namespace mailrig::client
