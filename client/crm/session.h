#pragma once
/// Carries the calls of a CrmDesk over one connection, without I/O (net/session.h).
///
///   CrmSession session(desk, {.host = "crm.test"});
///   Status how = co_await drive(session, *stream, world, {});
///   if (how && session.has_more()) connect_again();        // the server wanted the connection closed

#include <memory>
#include <string>

#include "client/crm/desk.h"
#include "client/crm/http.h"
#include "client/dialogue.h"
#include "net/session.h"

namespace mailrig::client {

struct CrmSessionSettings {
  std::string host;
  Duration patience = 5min;  // for any piece of an answer
};

class CrmSession final : public Session {
 public:
  /// `desk` lives as long as the session.
  CrmSession(CrmDesk& desk, CrmSessionSettings settings, Dialogue dialogue = {});
  ~CrmSession() override;

  Action next() override;
  void on_bytes(std::string_view bytes) override;
  void on_committed(Status /*status*/) override {}
  void on_tls() override {}
  void on_error(Error error) override;
  std::uint64_t exchanges() const override { return exchanges_; }

  /// The server closes after each answer or so: another connection may go on.
  bool has_more() const { return closed_by_server_; }

 private:
  enum class Doing : std::uint8_t { ask, listen, close, done };

  Action ask();
  void on_answer();
  void fail(Error error);

  CrmDesk& desk_;
  CrmSessionSettings settings_;
  Dialogue dialogue_;
  Doing doing_ = Doing::ask;
  CrmCall call_;
  std::string out_;
  std::unique_ptr<HttpResponseReader> reader_;
  bool closed_by_server_ = false;
  std::uint64_t exchanges_ = 0;
  Status status_;
};

}  // namespace mailrig::client
