#pragma once
/// Notes the events that the temporal expectations of a scenario ask for, as servers and client tell them.
///
///   EventRecorder events(scenario, world.calendar, invariants);     // hands everything on to the invariants
///   ServerContext context{.observer = &events};
///   around.open_store = [&] { return events.watched(open()); };     // commits are noted once they are durable
///   check(expectation, events.all(), calendar.now(), scenario.clock);

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/store/store.h"
#include "fakeservers/core/server.h"
#include "net/clock.h"
#include "scenarios/language/scenario.h"

namespace mailrig::scenarios {

class EventRecorder final : public fakeservers::ServerObserver {
 public:
  // What a run that ends by itself may have: 100,000 messages are retrieved, stored and deleted.
  static constexpr std::size_t events_max = 500'000;

  /// All of these outlive it.
  EventRecorder(const Scenario& scenario, const Calendar& calendar, fakeservers::ServerObserver& next);
  ~EventRecorder() override;

  const std::vector<Event>& all() const { return events_; }
  /// More than events_max happened: nothing can be said any more.
  bool is_full() const { return full_; }

  // --- The client
  /// This account fetches this mailbox of this server: what it stores is told under the name that the server has.
  void set_mailbox(std::string_view account, std::string_view server, std::string_view mailbox);
  /// `store`, with each commit noted; itself where no expectation asks for one.
  std::unique_ptr<client::MessageStore> watched(std::unique_ptr<client::MessageStore> store);
  void on_state(std::string_view account, std::string_view state);

  // --- The servers
  void on_retrieve(std::string_view connection, const Message& message) override;
  void on_delete(std::string_view connection, const Message& message) override;
  void on_accept(std::string_view connection, const fakeservers::Content& message) override;
  void on_associate(std::string_view server, std::string_view record, std::string_view message_id) override;
  void on_open(std::string_view server, std::string_view connection) override;
  void on_early(std::string_view server, std::string_view connection) override;
  void on_command(std::string_view connection, std::string_view verb, std::string_view line) override;
  void on_exchange(std::string_view connection, std::string_view name) override;
  void on_message(std::string_view connection, std::string_view mailbox, std::string_view uid) override;
  void on_reply(std::string_view connection, std::string_view line) override;
  void on_login(std::string_view connection, std::string_view user, bool accepted) override;
  void on_fault(std::string_view connection, std::string_view rule) override;
  void on_end(std::string_view connection, std::string_view end) override;

 private:
  class WatchedStore;
  struct Dialogue {
    std::string server = {};
    std::string mailbox = {};  // of the user who is logged in
    std::string verb = {};     // of the command that is being answered; the greeting has none
    std::string line = {};
    std::string uid = {};            // of the message that it is about
    std::size_t noted_at = nowhere;  // the command's event, while it may yet be told which message it names
    bool answered = false;           // the first line of its reply is out
  };
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

  bool asks_for(EventKind kind) const { return (kinds_ >> static_cast<unsigned>(kind) & 1U) != 0; }
  Dialogue* find(std::string_view connection);
  Event made(EventKind kind, const EventFields& fields, std::string message, std::string text) const;
  Event made_of_command(std::string_view connection, const Dialogue& dialogue) const;
  /// False: no pattern fits, or there is no room.
  bool add(Event event);
  void add(EventKind kind, const EventFields& fields, std::string message, std::string text) {
    add(made(kind, fields, std::move(message), std::move(text)));
  }
  void on_committed(const client::MailBatch& batch);
  void on_stored(std::string_view account, std::string_view uid);
  void on_outbox(std::string_view account, std::int64_t id, std::string_view state);

  const Calendar& calendar_;
  fakeservers::ServerObserver& next_;
  std::vector<const EventPattern*> patterns_;
  std::uint64_t kinds_ = 0;
  std::vector<Event> events_;
  bool full_ = false;
  std::map<std::string, Dialogue, std::less<>> dialogues_;  // by connection; those that are open
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> mailboxes_;  // server and mailbox, by account
  std::set<std::pair<std::string, std::string>> stored_;                               // account and uid
  std::map<std::int64_t, std::string> outbox_;                                         // states, by id
};

/// What a temporal expectation found at this moment; nothing where it holds. `why` is that of its step.
std::optional<Finding> finding_of(const TemporalExpectation& expectation, const EventRecorder& recorder, Instant now,
                                  Instant start, const std::string& why);

}  // namespace mailrig::scenarios
