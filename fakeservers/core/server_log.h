#pragma once
/// What a server remembers of its connections, for expectations: servers.NAME.{connections, commands, sessions, ...}.
///
///   ServerLog log(verbs);
///   ServerLog::Record& record = log.open(arrival, world.calendar.now());
///   log.on_command(record, "RETR", "RETR 1");
///   log.observe(server);          // sets the keys of docs/scenario-format.md that all line protocols have

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "base/value.h"
#include "fakeservers/core/server.h"

namespace mailrig::fakeservers {

class ServerLog {
 public:
  enum class End : std::uint8_t { open, quit, closed, reset, timed_out, cut };
  struct Record {
    std::string connection;
    std::string peer;
    Instant at{};  // of the calendar, when the session began
    std::string user;
    bool tls = false;
    bool early = false;      // something was there before the greeting had gone out
    bool pipelined = false;  // a command was there before the reply to the one before it had gone out
    End end = End::open;
    std::string commands;                   // masked lines, each with '\n' after it
    std::uint64_t not_kept = 0;             // lines beyond commands_octets_max
    std::vector<std::string> secrets = {};  // passwords and tokens as they came, the first secrets_max
  };

  // A session of 100,000 commands is counted to the last one, but nobody reads more than this of its lines.
  static constexpr std::size_t commands_octets_max = 256 * 1024;
  static constexpr std::size_t secrets_max = 64;
  static constexpr std::size_t secret_octets_max = 16 * 1024;
  // Words that are no command of the protocol: a peer that sends garbage must not fill the map.
  static constexpr std::size_t unknown_verbs_max = 64;

  /// Each of `verbs` is counted from 0 on.
  explicit ServerLog(std::span<const std::string_view> verbs);
  /// From now on `observer` is told of all that is logged; null: nothing is. Both outlive the log.
  void report_to(ServerObserver* observer, std::string_view server);

  /// The record lives as long as the log.
  Record& open(const ConnectionInfo& arrival, Instant now);
  /// `masked` holds no secret and no control byte.
  void on_command(Record& record, std::string_view verb, std::string_view masked);
  void on_line(Record& record, std::string_view masked);
  void on_login(Record& record, std::string_view user);
  /// A password or token, which an expectation can be compared with and nothing prints.
  static void on_secret(Record& record, std::string_view secret);
  void on_early(Record& record);
  /// `user`: as far as the client named one.
  void on_failed_login(const Record& record, std::string_view user);
  /// The first call for a session counts, the others say nothing new.
  void on_end(Record& record, End end);

  std::uint64_t connections() const { return records_.size(); }
  std::uint64_t count(std::string_view verb) const;

  /// Sets connections, logins, failed_logins, commands and sessions. The values look into this log.
  void observe(Value& server) const;

 private:
  std::map<std::string, std::uint64_t, std::less<>> commands_;
  std::size_t known_verbs_;
  std::deque<Record> records_;
  std::uint64_t logins_ = 0;
  std::uint64_t failed_logins_ = 0;
  ServerObserver* observer_ = nullptr;
  std::string_view server_;
};

std::string_view to_string(ServerLog::End end);

}  // namespace mailrig::fakeservers
