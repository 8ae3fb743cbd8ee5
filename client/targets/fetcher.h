#pragma once
/// Puts the mail of one POP3 session into a MailTarget, each message once over all sessions.
///
///   Fetcher fetcher(*target, state, {.deletes = true});
///   Pop3Session session(settings, fetcher);
///   Status how = co_await drive(session, *stream, world, {});
///   fetcher.report().stored;
///
/// A transfer that stalls, is cut off or has no end closes the session, so such a message comes last in the next run.
/// After three runs in which it failed though other mail arrived (or it was the only one) it is quarantined: passed
/// over in nine runs, tried in the tenth, and named in the report each time. It stays on the server.
///
/// The order is: messages durable, state durable, a look whether the message is in the target as it is now, DELE. So a
/// crash loses nothing and, where names hold marks, doubles nothing. A message whose uid the server does not give (or
/// gives twice) is known by its content: it has to be retrieved each time, and is dropped when it is there already.

#include <map>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "client/pop3/mail_sink.h"
#include "client/targets/fetch_state.h"
#include "client/targets/mail_target.h"

namespace mailrig::client {

// What FetchState counts of a message: 1 is a transfer that failed and may be the server's fault, each further one a
// run in which the message was to blame; from here on, each is a run since it was quarantined.
inline constexpr std::uint64_t fetch_quarantined = 4;
// A run may be a minute or a day after the last; a stalling message costs the patience of one session.
inline constexpr std::uint64_t fetch_quarantine_runs = 10;

struct FetcherSettings {
  bool deletes = false;
  // Each commit waits for the disk: often enough to lose little work, seldom enough to cost little.
  std::size_t commit_messages = 2'000;
  std::uint64_t commit_octets = 64 * 1024 * 1024;
};

struct FetchReport {
  std::uint64_t listed = 0;
  std::uint64_t known = 0;  // were there already
  std::uint64_t stored = 0;
  std::uint64_t octets = 0;  // of what was stored
  std::uint64_t deleted = 0;
  bool deletion_confirmed = true;  // the server answered QUIT
  struct Left {
    std::uint32_t number;
    std::string why;
  };
  std::vector<Left> left;       // could not be had
  std::uint64_t not_there = 0;  // kept on the server: the target does not hold them (any more) as they were stored
  std::uint64_t not_noted = 0;  // of not_there: an older mailrig did not note where in the target they are
  Status storing;               // the target or the state failed
};

class Fetcher final : public MailSink {
 public:
  Fetcher(MailTarget& target, FetchState& state, FetcherSettings settings);

  std::vector<Pop3Task> plan(std::span<const Pop3Item> listing, const ServerCapabilities& offer) override;
  FetchDecision identified(const Pop3Item& /*item*/, std::optional<std::string_view> /*header*/) override {
    return FetchDecision::retrieve;  // never asked for
  }
  void begin(const Pop3Item& item) override;
  void body(std::string_view piece) override;
  Status end() override;
  void failed(const Pop3Item& item, const Error& why) override;
  bool commit_due() override;
  Status commit() override;
  bool may_delete(const Pop3Item& item) override;
  void deleted(const Pop3Item& item) override;
  Status before_quit() override;
  void quit(bool confirmed) override;

  const FetchReport& report() const { return report_; }

 private:
  struct Message {
    std::uint32_t number = 0;
    std::string uid;  // or empty
    std::string identity = {};
    std::string sum;  // of its content, where there is no uid
    std::string mark = {};
    std::uint64_t octets = 0;
    StoredCopy copy = {};
  };
  struct Safe {
    std::string mark;
    std::string sum;
  };

  Status fail(Status status);
  bool was_published(const std::string& mark);
  void note_known(const Message& message);
  static std::string identity_of(const Pop3Item& item);
  bool passes_over(const Pop3Item& item, std::uint64_t failures);
  void note_failure(const Pop3Item& item);
  void set_failures(const std::string& identity, std::uint64_t count);

  MailTarget& target_;
  FetchState& state_;
  FetcherSettings settings_;
  std::map<std::string, std::uint64_t> unsaved_;  // of what is in the target
  Message current_;
  bool begun_ = false;
  Status writing_;  // of the message in hand
  Sha256 sum_;
  std::vector<Message> finished_;  // not published yet
  std::uint64_t finished_octets_ = 0;
  std::map<std::uint32_t, Safe> safe_;                // durable: may be deleted where the target still holds it
  std::map<std::string, std::uint64_t> copies_here_;  // of a content, in this session
  struct Deleted {
    std::string uid;
    Safe message;
  };
  std::vector<Deleted> deleted_;
  bool state_changed_ = false;
  bool failures_changed_ = false;
  std::size_t wanted_ = 0;  // messages that are retrieved in this session
  bool arrived_ = false;    // one of them at least
  FetchReport report_;
};

}  // namespace mailrig::client
