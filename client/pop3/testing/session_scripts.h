#pragma once
/// For tests: the beginnings that dialogues with a POP3 server share.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "client/pop3/session.h"
#include "client/pop3/testing/recording_target.h"
#include "net/testing/script.h"

namespace mailrig::client::testing {

using mailrig::testing::Script;

using Prepare = std::function<void(RecordingTarget&)>;

inline Pop3Settings plain() {
  return {.tls = TlsMode::none, .user = "anna", .password = "s3cret", .ask_capabilities = false};
}

inline Script::Make session_of(
    Prepare prepare = [](RecordingTarget&) {}, Pop3Settings settings = plain()) {
  return [=] {
    auto session = std::make_unique<RecordedSession>(settings);
    prepare(session->target);
    return session;
  };
}
inline void deleting(RecordingTarget& target) { target.deletes = true; }

inline RecordingTarget& target_of(Session& session) { return static_cast<RecordedSession&>(session).target; }
inline const Pop3Report& report_of(Session& session) { return static_cast<RecordedSession&>(session).session.report(); }

/// One by one, with `count` messages of uid u1, u2 ... and 10 octets.
inline Script listed(unsigned count) {
  std::string sizes, uids;
  for (unsigned n = 1; n <= count; ++n) {
    sizes += fmt::format("{} 10\r\n", n);
    uids += fmt::format("{} u{}\r\n", n, n);
  }
  return Script{}
      .server("+OK")
      .client("USER anna")
      .server("+OK")
      .client("PASS s3cret")
      .server("+OK")
      .client("STAT")
      .server(fmt::format("+OK {} 10", count))
      .client("LIST")
      .server_bytes("+OK\r\n" + sizes + ".\r\n")
      .client("UIDL")
      .server_bytes("+OK\r\n" + uids + ".\r\n");
}
/// The same, pipelined; `last` stands for the answer to UIDL.
inline Script listed_pipelined(unsigned count) {
  std::string sizes, uids;
  for (unsigned n = 1; n <= count; ++n) {
    sizes += fmt::format("{} 10\r\n", n);
    uids += fmt::format("{} u{}\r\n", n, n);
  }
  return Script{}
      .server("+OK")
      .client("CAPA")
      .server_bytes("+OK\r\nPIPELINING\r\nTOP\r\n.\r\n")
      .client("USER anna")
      .server("+OK")
      .client("PASS s3cret")
      .server("+OK")
      .client_bytes("STAT\r\nLIST\r\nUIDL\r\n")
      .server_bytes(fmt::format("+OK {} 10\r\n+OK\r\n{}.\r\n+OK\r\n{}.\r\n", count, sizes, uids));
}
inline Pop3Settings asking() {
  Pop3Settings settings = plain();
  settings.ask_capabilities = true;
  return settings;
}

inline constexpr std::string_view message = "+OK\r\nSubject: a\r\n\r\n.\r\n";

}  // namespace mailrig::client::testing
