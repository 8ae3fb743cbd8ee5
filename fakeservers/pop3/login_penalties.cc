#include "fakeservers/pop3/login_penalties.h"

#include <algorithm>
#include <functional>

namespace mailrig::fakeservers::pop3 {

std::string_view address_of(std::string_view peer) {
  if (peer.starts_with('[')) return peer.substr(1, peer.find(']') - 1);
  return peer.substr(0, peer.rfind(':'));
}

bool LoginPenalties::is_over(const Record& record, const Settings& settings, Instant now) {
  return settings.login_penalty_lasts != Duration::zero() && now - record.last >= settings.login_penalty_lasts;
}

Duration LoginPenalties::of(std::string_view address, const Settings& settings, Instant now) const {
  const auto found = records_.find(address);
  if (found == records_.end() || is_over(found->second, settings, now)) return Duration::zero();
  Duration penalty = settings.login_penalty;
  for (std::uint64_t i = 1; i < found->second.failures && penalty < settings.login_penalty_max; ++i) penalty *= 2;
  return std::min(penalty, settings.login_penalty_max);
}

void LoginPenalties::on_wrong(std::string_view address, std::string_view user, std::string_view credential,
                              const Settings& settings, Instant now) {
  if (settings.login_penalty == Duration::zero()) return;
  auto found = records_.find(address);
  if (found == records_.end()) {
    if (records_.size() >= addresses_max)
      records_.erase(std::ranges::min_element(records_, {}, [](const auto& entry) { return entry.second.last; }));
    found = records_.emplace(address, Record{}).first;
  } else if (is_over(found->second, settings, now)) {
    found->second = {};
  }
  Record& record = found->second;
  // 0 stands for none. What could not be read is no mistake that is made again.
  const bool is_unreadable = user.empty() && credential.empty();
  const std::size_t wrong = std::hash<std::string>()(std::string(user) + '\0' + std::string(credential)) | 1;
  if (!is_unreadable && std::ranges::find(record.known, wrong) != record.known.end()) return;
  std::ranges::rotate(record.known, record.known.end() - 1);
  record.known.front() = wrong;
  ++record.failures;
  record.last = now;
}

void LoginPenalties::on_right(std::string_view address) {
  if (const auto found = records_.find(address); found != records_.end()) records_.erase(found);
}

}  // namespace mailrig::fakeservers::pop3
