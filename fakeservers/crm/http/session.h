#pragma once
/// One connection to the fake CRM: requests one after another, pipelined or not, each answered before the next is
/// looked at.

#include <memory>
#include <optional>
#include <string>

#include "fakeservers/core/fault_matcher.h"
#include "fakeservers/core/faulty_reply.h"
#include "fakeservers/core/server_log.h"
#include "fakeservers/crm/api.h"
#include "net/session.h"

namespace mailrig::fakeservers::crm {

class CrmServer;

class CrmSession final : public Session {
 public:
  CrmSession(CrmServer& server, ConnectionInfo arrival);

  Action next() override;
  void on_bytes(std::string_view bytes) override;
  void on_committed(Status /*status*/) override {}
  void on_tls() override {}
  void on_error(Error error) override;
  std::uint64_t exchanges() const override { return exchanges_; }

 private:
  enum class Phase : std::uint8_t { reading, answering, hanging, leaving, over };

  // Nothing where there is something else to do first.
  std::optional<Action> read();
  std::optional<Action> answer();
  void take(HttpRequest request);
  void note_secrets(const Incoming& incoming);
  Answered carry_out(const Incoming& incoming);
  void begin(HttpAnswer http, const HttpFraming& framing, const FaultRule* rule, std::string_view note);
  void write_entry(TranscriptEntry::Who who, std::string text);
  ServerObserver* observer() const;

  CrmServer& server_;
  ConnectionInfo arrival_;
  ServerLog::Record& record_;
  HttpReader reader_;
  FaultyReply plan_;
  std::string interim_;  // 100 Continue
  std::optional<Limits::Running> running_;
  Step step_ = Step::request;
  Phase phase_ = Phase::reading;
  bool keep_alive_ = true;
  Ending ending_ = Ending::orderly;
  ServerLog::End end_ = ServerLog::End::closed;
  std::uint64_t exchanges_ = 0;
  Status status_;
};

}  // namespace mailrig::fakeservers::crm
