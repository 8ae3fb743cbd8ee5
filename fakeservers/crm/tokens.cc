#include "fakeservers/crm/tokens.h"

#include <algorithm>

namespace mailrig::fakeservers::crm {

TokenBook::TokenBook(const Settings& settings, Prng prng) : settings_(settings), prng_(prng) { follow_settings(); }

void TokenBook::follow_settings() {
  std::erase_if(grants_, [&](const Grant& grant) {
    return std::ranges::find(settings_.clients, grant.client) == settings_.clients.end();
  });
  for (const Client& client : settings_.clients)
    if (std::ranges::find(grants_, client, &Grant::client) == grants_.end()) grants_.push_back({client, {}, {}, {}});
}

TokenBook::Answer TokenBook::refresh(std::string_view client_id, std::string_view client_secret,
                                     std::string_view refresh_token, Instant now) {
  bool known_id = false;
  bool known_secret = false;
  Grant* grant = nullptr;
  for (Grant& one : grants_) {
    if (one.client.id != client_id) continue;
    known_id = true;
    if (one.client.secret != client_secret) continue;
    known_secret = true;
    if (one.client.refresh_token == refresh_token) grant = &one;
  }
  if (!known_id) return {Outcome::invalid_client};
  if (!known_secret) return {Outcome::invalid_client_secret};
  if (grant == nullptr) return {Outcome::invalid_code};

  std::erase_if(grant->given, [&](Instant given) { return given + settings_.token_window <= now; });
  if (grant->given.size() >= settings_.tokens_per_window || now < grant->locked_until) {
    // Who asks again while refused waits a whole window from then on, as several users report.
    if (settings_.token_throttle_extends) grant->locked_until = now + settings_.token_window;
    return {Outcome::throttled};
  }
  grant->given.push_back(now);
  std::erase_if(grant->live, [&](const Live& live) { return live.until <= now; });
  std::string token = "1000." + prng_.hex(32) + '.' + prng_.hex(32);
  grant->live.push_back({token, now + settings_.token_lifetime});
  if (grant->live.size() > settings_.live_tokens) grant->live.pop_front();
  ++issued_;
  return {Outcome::issued, std::move(token)};
}

Instant TokenBook::good_until(std::string_view access_token) const {
  for (const Grant& grant : grants_)
    for (const Live& live : grant.live)
      if (live.token == access_token) return live.until;
  return {};
}

bool TokenBook::is_good(std::string_view access_token, Instant now) const { return now < good_until(access_token); }

bool TokenBook::revoke(std::string_view refresh_token) {
  return std::erase_if(grants_, [&](const Grant& grant) { return grant.client.refresh_token == refresh_token; }) > 0;
}

}  // namespace mailrig::fakeservers::crm
