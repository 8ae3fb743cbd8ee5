#pragma once
/// The users of an SMTP server: who they are, what locks them out, what they have sent.
///
///   User anna("anna@zillum.test", settings);
///   anna.lock(LockKind::captcha, Instant::max());
///   anna.locked(now) == LockKind::captcha;

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "fakeservers/smtp/settings.h"

namespace mailrig::fakeservers::smtp {

/// How much was sent within the last span of the calendar.
class SendingWindow {
 public:
  void add(std::uint64_t amount, Instant now) { entries_.push_back({now, amount}); }
  std::uint64_t within(Duration span, Instant now);

 private:
  struct Entry {
    Instant at;
    std::uint64_t amount;
  };
  std::deque<Entry> entries_;
};

class User {
 public:
  User(std::string name, UserSettings settings) : name_(std::move(name)), settings_(std::move(settings)) {
    lock_ = settings_.lock;
  }

  const std::string& name() const { return name_; }
  UserSettings& settings() { return settings_; }
  const UserSettings& settings() const { return settings_; }
  /// The user's name or an alias, in any spelling.
  bool owns(std::string_view address) const;

  std::optional<LockKind> locked(Instant now) const;
  void lock(LockKind kind, Instant until);
  /// With a window, only a login within it counts; without one the account is open for good.
  void unlock(Instant now, Duration window);
  void on_login(Instant now);

  SendingWindow quota;
  SendingWindow rate;
  std::uint64_t sessions = 0;  // logged in now
  std::uint64_t sent = 0;      // messages accepted

 private:
  std::string name_;
  UserSettings settings_;
  std::optional<LockKind> lock_;
  Instant lock_until_ = Instant::max();
  std::optional<Instant> open_until_;  // unlocked for a first login until then
};

}  // namespace mailrig::fakeservers::smtp
