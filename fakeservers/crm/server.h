#pragma once
/// The CRM behind its sessions: one organisation, its faults, and what is remembered of connections and calls.
///
///   server.note_call("GET /crm/v8/Leads/1 -> 204");
///   server.change("set", arguments);

#include <deque>
#include <memory>
#include <string>

#include "fakeservers/core/fault_matcher.h"
#include "fakeservers/core/server.h"
#include "fakeservers/core/server_log.h"
#include "fakeservers/crm/http/call.h"
#include "fakeservers/crm/org.h"

namespace mailrig::fakeservers::crm {

class CrmServer final : public FakeServer {
 public:
  CrmServer(ServerContext context, Value given, Settings settings, std::vector<FaultRule> faults);

  std::unique_ptr<Session> open(ConnectionInfo arrival) override;
  Handshake handshake(const ConnectionInfo& arrival) override;
  void on_closed(std::string_view connection, const Status& how) override;
  Status change(std::string_view verb, const Value& arguments) override;
  /// `tokens_of`: it takes the tokens that the other grants, and asks it for its own.
  Status link(std::string_view setting, FakeServer& other) override;
  Value observe() const override;
  std::vector<RuleReport> rules() const override;

  /// `records` of a scenario: modules and lists of their records.
  /// `index_lag`: how long searches do not see them.
  Status add_records(const Value* records, Duration index_lag = {});
  void note_call(std::string text) { keep(calls_, std::move(text)); }
  void note_unknown(std::string text) { keep(unknown_calls_, std::move(text)); }
  /// A request as expectations see it, without its secrets, and the status that it got.
  void note_request(const Incoming& incoming, unsigned status);

  Organisation& org() { return org_; }
  const Settings& settings() const { return org_.settings; }
  FaultMatcher& faults() { return books_.back(); }
  ServerLog& log() { return log_; }

 private:
  // Expectations look at single calls; a client that runs wild is counted, not recorded for ever.
  static constexpr std::size_t calls_max = 100'000;
  // Bodies are kept up to this sum; of later ones the size alone.
  static constexpr std::size_t request_octets_max = 16 * 1024 * 1024;
  static void keep(std::deque<std::string>& list, std::string text) {
    if (list.size() < calls_max) list.push_back(std::move(text));
  }

  Value given_;
  Organisation org_;
  // A session may still be sending by a rule of an earlier book.
  std::deque<FaultMatcher> books_;
  ServerLog log_;
  std::deque<std::string> calls_;
  std::deque<std::string> unknown_calls_;
  std::deque<Value> requests_;
  std::size_t request_octets_ = 0;
};

}  // namespace mailrig::fakeservers::crm
