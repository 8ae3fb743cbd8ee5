#pragma once
/// Access tokens as Zoho's accounts server gives and takes them back: at most so many in a window, so many alive at
/// once, each for an hour of the calendar.
///
///   TokenBook book(settings, prng);
///   TokenBook::Answer answer = book.refresh("1000.X", "z", "1000.x.y", now);
///   if (answer.outcome == TokenBook::Outcome::issued) book.is_good(answer.token, now + 59min);

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "fakeservers/crm/settings.h"

namespace mailrig::fakeservers::crm {

class TokenBook {
 public:
  TokenBook(const Settings& settings, Prng prng);

  enum class Outcome : std::uint8_t { issued, invalid_client, invalid_client_secret, invalid_code, throttled };
  struct Answer {
    Outcome outcome;
    std::string token = {};
  };
  Answer refresh(std::string_view client_id, std::string_view client_secret, std::string_view refresh_token,
                 Instant now);
  bool is_good(std::string_view access_token, Instant now) const;
  /// The end of its time; the beginning of all time where it is none.
  Instant good_until(std::string_view access_token) const;
  /// False where there is no such refresh token; its access tokens die with it.
  bool revoke(std::string_view refresh_token);
  /// After the settings changed: what a refresh token lost by it dies, what stays keeps its tokens.
  void follow_settings();

  std::uint64_t issued() const { return issued_; }

 private:
  struct Live {
    std::string token;
    Instant until;
  };
  struct Grant {
    Client client;
    std::deque<Instant> given;  // when tokens were, within the window
    Instant locked_until{};
    std::deque<Live> live;
  };

  const Settings& settings_;
  Prng prng_;
  std::vector<Grant> grants_;
  std::uint64_t issued_ = 0;
};

}  // namespace mailrig::fakeservers::crm
