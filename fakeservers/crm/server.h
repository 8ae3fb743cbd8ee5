#pragma once
/// The CRM behind its sessions: one organisation, its faults, and what is remembered of connections and calls.
///
///   server.note_call("GET /crm/v8/Leads/1 -> 204");
///   server.change("set", arguments);

#include <deque>
#include <memory>
#include <string>

#include "fakeservers/crm/org.h"
#include "fakeservers/fault_book.h"
#include "fakeservers/server.h"
#include "fakeservers/server_log.h"

namespace mailrig::fakeservers::crm {

class CrmServer final : public FakeServer {
 public:
  CrmServer(ServerContext context, Value given, Settings settings, std::vector<FaultRule> faults);

  std::unique_ptr<Session> open(Arrival arrival) override;
  Handshake handshake(const Arrival& arrival) override;
  void on_closed(std::string_view connection, const Status& how) override;
  Status change(std::string_view verb, const Value& arguments) override;
  Value observe() const override;
  std::vector<RuleReport> rules() const override;

  /// `records` of a scenario: modules and lists of their records.
  Status add_records(const Value* records);
  void note_call(std::string text) { keep(calls_, std::move(text)); }
  void note_unknown(std::string text) { keep(unknown_calls_, std::move(text)); }

  Organisation& org() { return org_; }
  FaultBook& faults() { return books_.back(); }
  ServerLog& log() { return log_; }

 private:
  // Expectations look at single calls; a client that runs wild is counted, not recorded for ever.
  static constexpr std::size_t calls_max = 100'000;
  static void keep(std::deque<std::string>& list, std::string text) {
    if (list.size() < calls_max) list.push_back(std::move(text));
  }

  Value given_;
  Organisation org_;
  // A session may still be sending by a rule of an earlier book.
  std::deque<FaultBook> books_;
  ServerLog log_;
  std::deque<std::string> calls_;
  std::deque<std::string> unknown_calls_;
};

}  // namespace mailrig::fakeservers::crm
