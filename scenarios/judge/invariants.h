#pragma once
/// What must hold in every scenario, whatever it was about; judged from outside of the client.
///
///   nothing-in-clear       no credential or message octet in clear where the account requires TLS
///   stored-before-deleted  no DELE before the message is durably stored
///   stored-exactly-once    every message that was on a server is stored once, or accounted for by name
///   associated-once        no e-mail is put on a record twice
///   bounded                every session ends, and takes no more than its bound
///   greeting-awaited       (SHOULD) the client says nothing before the server has greeted it
///   printable              nothing printed from a peer carries raw control bytes
///
///   Invariants invariants(store, clock);
///   invariants.guard("gmail", {{"s3cret", "the password of anna"}});
///   context.observer = &invariants;                                 // servers report RETR, DELE ...
///   host.on_raw = [&](auto connection, auto direction, auto bytes) { invariants.on_raw(...); };
///   std::vector<Finding> findings = invariants.at_end(...);

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/outcome.h"
#include "base/sha256.h"
#include "fakeservers/core/server.h"
#include "scenarios/judge/clear_text_search.h"

namespace mailrig::scenarios {

/// The client's store as the judge sees it: committed rows only, through a connection of its own.
class StoreView {
 public:
  virtual ~StoreView() = default;
  /// How many messages with this SHA-256 are stored; for one account, or for any where `account` is empty.
  virtual std::uint64_t stored(std::string_view account, const Sha256::Digest& sum) = 0;
  struct Row {
    std::string account;
    Sha256::Digest sum;
    friend auto operator<=>(const Row&, const Row&) = default;
  };
  /// All stored messages, in the order of account and sum.
  virtual std::vector<Row> rows() = 0;
  /// Messages whose octets do not have the SHA-256 that is noted for them; with the sum that they do have.
  virtual std::vector<Row> spoilt() = 0;
};

struct Secret {
  std::string text;
  std::string what;  // "the password of anna"
  friend bool operator==(const Secret&, const Secret&) = default;
};

class Invariants final : public fakeservers::ServerObserver {
 public:
  // A session that carries more than this is without bound: the largest mail that any provider takes is 150 MB, a batch
  // holds 200 messages, and no scenario needs more than a gigabyte in one go.
  static constexpr std::uint64_t session_octets_max = 2ULL << 30;

  explicit Invariants(StoreView& store) : store_(store) {}

  /// All accounts that use this server require TLS: its connections may carry none of these in clear.
  void guard(const std::string& server, const std::vector<Secret>& secrets);
  /// An account that asks for no TLS uses it: its connections are not looked at (from now on).
  void leave_unguarded(const std::string& server);
  /// This mailbox is fetched by this account, and by no other.
  void set_account(const std::string& server, const std::string& mailbox, const std::string& account);
  /// A message about to be sent: not to be seen in clear on any guarded server.
  void expect_to_send(std::string_view message);

  /// The raw octets of a connection, below TLS. False: the connection is to be cut, it has no bound.
  bool on_raw(std::string_view server, std::string_view connection, ClearTextSearch::Direction direction,
              std::string_view bytes);
  /// Nothing more comes on it: what was only kept for the search is given back.
  void on_closed(std::string_view connection);
  /// A transcript entry or a message that is going to be printed.
  void on_printed(std::string_view where, std::string_view text);

  void on_retrieve(std::string_view connection, const Message& message) override;
  void on_delete(std::string_view connection, const Message& message) override;
  void on_associate(std::string_view server, std::string_view record, std::string_view message_id) override;
  void on_early(std::string_view server, std::string_view connection) override;

  /// What has been found so far that a judge asks for at once; emptied by the call.
  std::vector<Finding> take_findings();
  /// Called at each finding, when it is found.
  void on_finding(std::function<void()> listener) { on_finding_ = std::move(listener); }

  /// A message that the client retrieved and that is neither stored nor on the server any more must be named by the
  /// account: `is_accounted(account, uid)` says whether it is. `is_gone(server, mailbox, uid)`: would no session list
  /// it?
  void judge_end(
      const std::function<bool(const std::string& server, const std::string& mailbox, const std::string& uid)>& is_gone,
      const std::function<bool(const std::string& account, const std::string& uid)>& is_accounted);

 private:
  /// What no connection of a server may carry in clear.
  struct Guard {
    std::vector<Secret> secrets;
    std::shared_ptr<const NeedleSet> needles;  // made from them when the first connection needs them
  };
  struct Connection {
    std::unique_ptr<ClearTextSearch> search;  // of a guarded server alone
    std::uint64_t octets = 0;
    std::size_t reported = 0;  // of search.found()
    bool without_bound = false;
  };
  struct Known {
    Sha256::Digest sum;
    bool deleted = false;
  };
  using Mailbox = std::pair<std::string, std::string>;         // of a server
  using Messages = std::map<std::string, Known, std::less<>>;  // by uid

  void add(std::string name, std::string message, std::string expected, std::string actual, Level level = Level::must);
  Connection& connection_of(std::string_view connection, Guard* guard);
  std::shared_ptr<const NeedleSet> needles_of(Guard& guard) const;
  std::string account_of(const std::string& server, const std::string& mailbox) const;
  Known& know(const Message& message);
  Messages& messages_of(const Message& message);

  StoreView& store_;
  std::map<std::string, Guard, std::less<>> guarded_;
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> accounts_;
  std::vector<std::string> messages_to_send_;
  std::map<std::string, Connection, std::less<>> connections_;
  std::map<Mailbox, Messages> known_;
  std::map<Mailbox, Messages>::iterator last_known_ = known_.end();  // a session stays in one mailbox
  std::map<std::tuple<std::string, std::string, std::string>, unsigned> associations_;
  std::vector<Finding> findings_;
  std::function<void()> on_finding_;
};

}  // namespace mailrig::scenarios
