#include "fakeservers/pop3/maildrop.h"

#include <algorithm>

namespace mailrig::fakeservers::pop3 {

Maildrop::Maildrop(Mailbox& mailbox, const Settings& settings, const Calendar& calendar, bool recent)
    : mailbox_(mailbox),
      settings_(settings),
      calendar_(calendar),
      recent_(recent),
      listing_(mailbox.listing(settings, calendar.now(), recent)) {
  mailbox_.enter();
}

std::uint64_t Maildrop::octets() const {
  std::uint64_t sum = 0;
  for (std::size_t row = 0; row < listing_.size(); ++row)
    if (!hidden(row)) sum += octets(row);
  return sum;
}

void Maildrop::retrieve(std::size_t row) {
  last_ = std::max(last_, row + 1);
  mailbox_.count_retrieval(listing_[row]);
  retrieve_elsewhere(row);
}

void Maildrop::retrieve_elsewhere(std::size_t row) {
  Place place = listing_[row];
  mailbox_.charge(mailbox_.at(place).content.octets, calendar_.now());
  if (settings_.mark_read_on.retr) mark_read(place);
  mark_popped(place);
}

void Maildrop::top(std::size_t row, std::uint64_t lines) {
  // Exchange marks a message as read by TOP n 1, and does not by TOP n 0 (docs/providers/exchange.md#read-marks).
  if (settings_.mark_read_on.top && lines > 0) mark_read(listing_[row]);
}

void Maildrop::mark_read(Place place) {
  if (settings_.commit_read == CommitRead::retr)
    mailbox_.mark_read(place);
  else
    read_.push_back(place);
}

void Maildrop::mark_popped(Place place) {
  if (settings_.commit_popped == CommitPopped::retr)
    pop(place);
  else
    popped_.push_back(place);
}

/// Recent mode leaves the queue alone; what the user wants to become of retrieved mail happens in both modes.
void Maildrop::pop(Place place) {
  if (!recent_) mailbox_.mark_popped(place);
  switch (mailbox_.user().on_access.value_or(settings_.on_access)) {
    case OnAccess::keep: return;
    case OnAccess::mark_read: mailbox_.mark_read(place); return;
    case OnAccess::archive: mailbox_.archive(place); return;
    case OnAccess::trash: mailbox_.trash(place); return;
  }
}

void Maildrop::remove(std::size_t row) {
  if (deleted_.empty()) deleted_.resize(listing_.size());
  deleted_[row] = true;
  ++deleted_count_;
  if (settings_.commit_deleted == CommitDeleted::dele) discard(listing_[row]);
}

/// Gmail's DELE takes a message out of the queue; in recent mode it acts on the message itself
/// (docs/providers/gmail.md#queue).
void Maildrop::discard(Place place) {
  if (settings_.dele == Dele::expunge)
    mailbox_.expunge(place);
  else if (recent_)
    mailbox_.trash(place);
  else
    mailbox_.dequeue(place);
}

std::size_t Maildrop::discard_all() {
  if (deleted_count_ == 0) return 0;
  if (settings_.commit_deleted != CommitDeleted::dele) {
    for (std::size_t row = 0; row < listing_.size(); ++row)
      if (deleted_[row]) discard(listing_[row]);
  }
  return deleted_count_;
}

void Maildrop::reset() {
  if (settings_.commit_deleted == CommitDeleted::dele) return;  // they are gone
  deleted_.clear();
  deleted_count_ = 0;
}

std::size_t Maildrop::quit() {
  if (over_) return 0;
  for (Place place : popped_) pop(place);
  for (Place place : read_) mailbox_.mark_read(place);
  std::size_t gone = discard_all();
  over_ = true;
  mailbox_.leave();
  return gone;
}

void Maildrop::end() {
  if (over_) return;
  if (settings_.commit_read == CommitRead::end)
    for (Place place : read_) mailbox_.mark_read(place);
  if (settings_.commit_deleted == CommitDeleted::end) discard_all();
  over_ = true;
  mailbox_.leave();
}

}  // namespace mailrig::fakeservers::pop3
