#include "fakeservers/smtp/users.h"

#include <algorithm>

#include "fakeservers/smtp/path.h"

namespace mailrig::fakeservers::smtp {

std::uint64_t SendingWindow::within(Duration span, Instant now) {
  while (!entries_.empty() && entries_.front().at + span <= now) entries_.pop_front();
  std::uint64_t sum = 0;
  for (const Entry& entry : entries_) sum += entry.amount;
  return sum;
}

bool User::owns(std::string_view address) const {
  std::string wanted = canonical_address(address);
  return wanted == canonical_address(name_) || std::ranges::any_of(settings_.aliases, [&](const std::string& alias) {
           return wanted == canonical_address(alias);
         });
}

std::optional<LockKind> User::locked(Instant now) const {
  if (!lock_ || now >= lock_until_) return std::nullopt;
  if (open_until_ && now < *open_until_) return std::nullopt;
  return lock_;
}

void User::lock(LockKind kind, Instant until) {
  lock_ = kind;
  lock_until_ = until;
  open_until_.reset();
}

void User::unlock(Instant now, Duration window) {
  if (window > Duration::zero())
    open_until_ = now + window;
  else
    lock_.reset();
}

void User::on_login(Instant now) {
  if (!lock_ || !open_until_ || now >= *open_until_) return;
  lock_.reset();
  open_until_.reset();
}

}  // namespace mailrig::fakeservers::smtp
