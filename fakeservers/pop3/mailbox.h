#pragma once
/// A user's mailbox as the provider keeps it, across sessions: the messages, what has become of each, and whether the
/// user may log in.
///
///   Mailbox mailbox("anna@zillum.test", user, now);
///   mailbox.add(std::move(content), {.arrived = now, .shape = UidShape::gmail});
///   mailbox.listing(settings, now, false);      // the messages that a session is shown, by their place
///
/// A message costs about a hundred octets and no bytes of mail: contents are recipes. A listing starts where the first
/// message may be that can still be listed, so that a mailbox of 100,000 costs no more than what a session sees of it.

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "base/time.h"
#include "fakeservers/core/content.h"
#include "fakeservers/pop3/settings.h"

namespace mailrig::fakeservers::pop3 {

/// The place of a message in its mailbox, from 0 on. It is never used again.
using Place = std::uint32_t;

struct StoredMessage {
  Content content;
  Instant arrived{};
  std::unique_ptr<Sha256::Digest> sum;  // once somebody has asked
  std::uint32_t conversation = 0;
  std::uint32_t retrieved = 0;  // RETR that were answered with it
  UidShape shape = UidShape::opaque;
  bool own_uid : 1 = false;
  bool read : 1 = false;
  bool popped : 1 = false;
  bool outside : 1 = false;   // popped without ever having been in the queue
  bool dequeued : 1 = false;  // DELE took it out of the POP queue
  bool expunged : 1 = false;
  bool trashed : 1 = false;
  bool archived : 1 = false;
  bool hidden : 1 = false;     // could not be converted, and is left out from now on
  bool corrupted : 1 = false;  // cannot be converted

  bool gone() const { return expunged || trashed; }
  bool queued() const { return popped && !outside && !dequeued && !gone(); }
};

/// What may be said of a message when it is added.
struct NewMessage {
  Instant arrived{};
  UidShape shape = UidShape::opaque;
  std::string uid = {};           // empty: made from its number
  std::string conversation = {};  // empty: by conversation_size
  bool read = false;
  bool popped = false;
  bool outside = false;
  bool corrupted = false;
};

class Mailbox {
 public:
  Mailbox(std::string name, UserSettings user, Instant now);

  const std::string& name() const { return name_; }
  UserSettings& user() { return user_; }
  const UserSettings& user() const { return user_; }

  // Messages.

  void add(Content content, const NewMessage& message, const Settings& settings);
  std::size_t size() const { return messages_.size(); }
  const StoredMessage& at(Place place) const { return messages_[place]; }
  void append_uid(std::string& out, Place place, const Settings& settings) const;
  const Sha256::Digest& sum(Place place);
  /// As STAT and LIST tell it.
  std::uint64_t shown_octets(Place place, const Settings& settings) const;

  void count_retrieval(Place place) { ++messages_[place].retrieved; }
  void mark_read(Place place);
  void mark_popped(Place place);
  void dequeue(Place place);
  void expunge(Place place);
  void trash(Place place);
  void archive(Place place) { messages_[place].archived = true; }
  void hide(Place place) { messages_[place].hidden = true; }

  /// What the next session lists: the oldest first.
  std::vector<Place> listing(const Settings& settings, Instant now, bool recent) const;
  /// After a change of the settings that listings are made by.
  void forget_fronts() { gone_before_ = unlisted_before_ = dequeued_before_ = 0; }

  // POP access, as the user sets it on the provider's web pages.

  /// `all` forgets what was retrieved; `from_now_on` hides what is there.
  void enable(Pop pop, Instant now);
  void lock(LockKind kind, Instant until);
  /// Opens the account; for good, or until a login within `window`.
  void unlock(Instant now, Duration window);
  /// The lock that holds now.
  std::optional<LockKind> locked(Instant now) const;

  // Sessions.

  void on_login(Instant now);
  std::optional<Instant> last_login() const { return last_login_; }
  void enter() { ++sessions_; }
  void leave() { --sessions_; }
  std::uint64_t sessions() const { return sessions_; }
  /// Octets that were retrieved in the 24 hours that began with the first of them.
  std::uint64_t octets_today(Instant now) const;
  void charge(std::uint64_t octets, Instant now);

  struct Counts {
    std::uint64_t kept = 0;
    std::uint64_t popped = 0;
    std::uint64_t read = 0;
    std::uint64_t deleted = 0;  // by DELE: expunged, or out of the queue
    std::uint64_t trashed = 0;
    std::uint64_t retrieved = 0;
  };
  Counts counts() const;

 private:
  std::vector<Place> normal_listing(const Settings& settings) const;
  std::vector<Place> oldest(const Settings& settings, std::size_t messages_max) const;
  std::vector<Place> queue() const;
  bool may_list(const StoredMessage& message, const Settings& settings) const;
  template <class Change>
  void change(Place place, Change change);
  template <class Out>
  Place advanced(Place& front, Out out) const;

  std::string name_;
  UserSettings user_;
  std::uint64_t salt_;
  std::vector<StoredMessage> messages_;
  std::map<Place, std::string> own_uids_;
  std::map<std::string, std::uint32_t, std::less<>> conversations_;

  Instant horizon_ = Instant::min();  // older messages are not listed (POP from now on)
  std::size_t queue_size_ = 0;
  // Where listings begin to look: what is before is out of the question, until forget_fronts().
  mutable Place gone_before_ = 0;
  mutable Place unlisted_before_ = 0;
  mutable Place dequeued_before_ = 0;

  std::optional<LockKind> lock_;
  Instant lock_until_ = Instant::max();
  Instant open_until_ = Instant::min();  // the window that an unlock opens

  std::optional<Instant> last_login_;
  std::uint64_t sessions_ = 0;
  Instant day_began_ = Instant::min();
  std::uint64_t day_octets_ = 0;
};

}  // namespace mailrig::fakeservers::pop3
