#pragma once
/// What CAPA offers (RFC 2449 §6), line by line.
/// Example: capabilities.add("LOGIN-DELAY 300 USER"); capabilities.login_delay_seconds == 300.

#include <cstdint>
#include <optional>
#include <string_view>

namespace mailrig::client {

struct Pop3Capabilities {
  bool known = false;  // the server answered CAPA
  bool stls = false;
  bool user = false;        // USER and PASS
  bool sasl_plain = false;  // AUTH PLAIN (RFC 5034)
  bool top = false;
  bool pipelining = false;
  bool expires_at_once = false;
  std::optional<std::uint64_t> login_delay_seconds = {};

  /// One line of the answer, in any letter case, with blanks where there should be none
  /// (docs/providers/misbehaviours.md#m36).
  void add(std::string_view line);
};

}  // namespace mailrig::client
