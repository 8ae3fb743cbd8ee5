#pragma once
/// What logins from an address wait for those from it that failed (the settings login_penalty, login_penalty_max and
/// login_penalty_lasts), as Dovecot 2.3.19.1 does: right ones wait too, the same wrong user and password again does not
/// count, and after a while all is forgotten.
///
///   LoginPenalties penalties;
///   penalties.on_wrong("127.0.0.2", "anna", "gues", settings, now);
///   penalties.of("127.0.0.2", settings, now + 3s);                       // 4s
///   penalties.on_wrong("127.0.0.2", "anna", "guess", settings, now + 3s);
///   penalties.of("127.0.0.2", settings, now + 9s);                       // 8s

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "fakeservers/pop3/settings.h"

namespace mailrig::fakeservers::pop3 {

/// "127.0.0.2:40001" and "[::1]:40001" without the port.
std::string_view address_of(std::string_view peer);

class LoginPenalties {
 public:
  /// Addresses that are remembered; of more, the one that failed longest ago is forgotten.
  static constexpr std::size_t addresses_max = 1'000;

  Duration of(std::string_view address, const Settings& settings, Instant now) const;
  /// Without user and credential: a response that could not be read.
  void on_wrong(std::string_view address, std::string_view user, std::string_view credential, const Settings& settings,
                Instant now);
  void on_right(std::string_view address);

 private:
  struct Record {
    std::uint64_t failures = 0;           // that counted
    Instant last{};                       // of them
    std::array<std::size_t, 10> known{};  // hashes of what was wrong, newest first; 0: none
  };
  static bool is_over(const Record& record, const Settings& settings, Instant now);

  std::map<std::string, Record, std::less<>> records_;
};

}  // namespace mailrig::fakeservers::pop3
