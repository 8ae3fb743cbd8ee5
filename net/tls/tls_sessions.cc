#include "net/tls/tls_sessions.h"

#include <algorithm>
#include <ctime>

namespace mailrig {
namespace {

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  using namespace std::chrono;
  // RFC 5280 section 4.1.2.5 lets a certificate that never expires say 9999; nanoseconds in 64 bits end in 2262.
  if (parts.tm_year + 1900 > 2261) return Instant::max();
  if (parts.tm_year + 1900 < 1678) return Instant::min();
  const year_month_day day{year(parts.tm_year + 1900), month(static_cast<unsigned>(parts.tm_mon) + 1),
                           std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  return Instant(sys_days(day)) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

}  // namespace

Validity validity_of_chain(SSL* ssl, Instant verified) {
  constexpr Validity nowhen{.from = Instant::max(), .until = Instant::min()};
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl);
  if (sk_X509_num(chain) <= 0) return nowhen;
  Validity all{.from = verified};
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const std::optional<Instant> from = instant_of(X509_get0_notBefore(sk_X509_value(chain, i)));
    const std::optional<Instant> until = instant_of(X509_get0_notAfter(sk_X509_value(chain, i)));
    if (!from || !until) return nowhen;
    all.from = std::max(all.from, *from);
    // In its last second OpenSSL calls a certificate expired.
    all.until = std::min(all.until, *until == Instant::max() ? *until : *until - std::chrono::seconds(1));
  }
  return all;
}

std::optional<ResumableSession> TlsSessions::find(std::string_view host, Instant now) const {
  std::lock_guard lock(mutex_);
  auto found = by_host_.find(host);
  if (found == by_host_.end() || !found->second.validity.holds(now)) return std::nullopt;
  SSL_SESSION* session = found->second.session.get();
  SSL_SESSION_up_ref(session);
  return ResumableSession{SslSessionPtr(session), found->second.validity};
}

void TlsSessions::keep(const std::string& host, ResumableSession session) {
  // By the calendar, not by OpenSSL's wall clock: RFC 8446 section 4.6.1, RFC 5077 section 3.3.
  const unsigned long lifetime = SSL_SESSION_get_ticket_lifetime_hint(session.session.get());
  const std::chrono::seconds allowed(lifetime > 0 ? static_cast<long>(std::min(lifetime, 604'800UL))
                                                  : SSL_SESSION_get_timeout(session.session.get()));
  session.validity.until = std::min(session.validity.until, session.validity.from + allowed);
  std::lock_guard lock(mutex_);
  if (by_host_.size() >= hosts_max && !by_host_.contains(host)) by_host_.clear();
  by_host_[host] = std::move(session);
}

}  // namespace mailrig
