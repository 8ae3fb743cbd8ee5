#pragma once
/// Carries the calls of a CrmCaller over one connection, without I/O (net/session.h).
///
///   CrmSession session(desk, {.host = "crm.test"});
///   Status how = co_await drive(session, *stream, world, {});
///   if (desk.wants_call()) connect_again();        // the server wanted the connection closed, or another one is next

#include <memory>
#include <string>

#include "client/crm/crm_caller.h"
#include "client/crm/http.h"
#include "client/dialogue.h"
#include "net/session.h"

namespace mailrig::client {

struct CrmSessionSettings {
  std::string host;          // for the field Host: with the port where it is not the usual one
  Endpoint server = {};      // whom the connection is with: calls for another server are left to another session
  Duration patience = 5min;  // for any piece of an answer
};

class CrmSession final : public Session {
 public:
  /// `desk` lives as long as the session.
  CrmSession(CrmCaller& desk, CrmSessionSettings settings, Dialogue dialogue = {});
  ~CrmSession() override;

  Action next() override;
  void on_bytes(std::string_view bytes) override;
  void on_committed(Status /*status*/) override {}
  void on_tls() override {}
  void on_error(Error error) override;
  std::uint64_t exchanges() const override { return exchanges_; }

  /// The desk knows that the connection failed.
  bool has_told() const { return told_; }

 private:
  enum class Doing : std::uint8_t { ask, listen, close, done };

  Action ask();
  void on_answer();
  void fail(Error error);

  CrmCaller& desk_;
  CrmSessionSettings settings_;
  Dialogue dialogue_;
  Doing doing_ = Doing::ask;
  CrmCall call_;
  std::string out_;
  std::unique_ptr<HttpResponseReader> reader_;
  bool told_ = false;
  std::uint64_t exchanges_ = 0;
  Status status_;
};

}  // namespace mailrig::client
