#pragma once
/// One session's view of a mailbox (RFC 1939 section 3): the numbers are fixed at login, and what is done to messages
/// becomes lasting when the provider says so.
///
///   Maildrop drop(mailbox, settings, calendar, {.recent = false});
///   drop.retrieve(0);                 // RETR 1
///   drop.remove(0);                   // DELE 1
///   drop.quit();                      // or end(), when the connection was lost

#include <cstdint>
#include <vector>

#include "fakeservers/pop3/mailbox.h"
#include "net/clock.h"

namespace mailrig::fakeservers::pop3 {

class Maildrop {
 public:
  /// All of them outlive it.
  Maildrop(Mailbox& mailbox, const Settings& settings, const Calendar& calendar, bool recent);
  ~Maildrop() { end(); }
  Maildrop(const Maildrop&) = delete;
  Maildrop& operator=(const Maildrop&) = delete;

  Mailbox& mailbox() { return mailbox_; }
  const Mailbox& mailbox() const { return mailbox_; }

  /// Rows count from 0, message numbers from 1. Deleted ones keep theirs.
  std::size_t rows() const { return listing_.size(); }
  Place place(std::size_t row) const { return listing_[row]; }
  const StoredMessage& message(std::size_t row) const { return mailbox_.at(listing_[row]); }
  /// Is it left out of STAT, LIST and UIDL?
  bool hidden(std::size_t row) const { return !settings_.list_deleted && deleted(row); }
  bool deleted(std::size_t row) const { return !deleted_.empty() && deleted_[row]; }
  std::uint64_t octets(std::size_t row) const { return mailbox_.shown_octets(listing_[row], settings_); }
  void append_uid(std::string& out, std::size_t row) const { mailbox_.append_uid(out, listing_[row], settings_); }

  // What STAT tells.
  std::size_t count() const { return listing_.size() - (settings_.list_deleted ? 0 : deleted_count_); }
  std::uint64_t octets() const;
  /// The highest number that was retrieved, 0 for none (LAST of RFC 1460).
  std::size_t last() const { return last_; }

  void retrieve(std::size_t row);
  /// The same by another client: it counts as retrieved for the provider, and not among what ours has retrieved.
  void retrieve_elsewhere(std::size_t row);
  void top(std::size_t row, std::uint64_t lines);
  void remove(std::size_t row);
  void reset();

  /// How many messages are gone for good.
  std::size_t quit();
  /// Without QUIT, or after it; once.
  void end();

 private:
  void mark_read(Place place);
  void mark_popped(Place place);
  void pop(Place place);
  void discard(Place place);
  std::size_t discard_all();

  Mailbox& mailbox_;
  const Settings& settings_;
  const Calendar& calendar_;
  const bool recent_;
  std::vector<Place> listing_;
  std::vector<bool> deleted_;  // empty until the first DELE
  std::size_t deleted_count_ = 0;
  std::size_t last_ = 0;
  std::vector<Place> read_;    // not yet lasting
  std::vector<Place> popped_;  // not yet lasting
  bool over_ = false;
};

}  // namespace mailrig::fakeservers::pop3
