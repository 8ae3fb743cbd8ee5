#include "client/crm/session.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"

namespace mailrig::client {

using Who = TranscriptEntry::Who;

CrmSession::CrmSession(CrmCaller& desk, CrmSessionSettings settings, Dialogue dialogue)
    : desk_(desk), settings_(std::move(settings)), dialogue_(std::move(dialogue)) {}
CrmSession::~CrmSession() = default;

Action CrmSession::next() {
  switch (doing_) {
    case Doing::ask: return ask();
    case Doing::listen: return Receive{call_.step, settings_.patience};
    case Doing::close: doing_ = Doing::done; return Close{};
    case Doing::done: return Done{status_};
  }
  return Done{status_};
}

Action CrmSession::ask() {
  const bool is_ours = desk_.wants_call() && desk_.destination() == settings_.server;
  std::optional<CrmCall> call = is_ours ? desk_.next_call() : std::nullopt;
  if (!call) {
    doing_ = Doing::close;
    return next();
  }
  call_ = *std::move(call);
  if (call_.authorised) call_.request.headers.emplace_back("Authorization", "Zoho-oauthtoken " + desk_.access().token);
  out_ = to_bytes(call_.request, settings_.host);
  reader_ = std::make_unique<HttpResponseReader>();
  if (dialogue_) dialogue_(Who::client, call_.shown);
  doing_ = Doing::listen;
  return Send{call_.step, out_};
}

void CrmSession::on_bytes(std::string_view bytes) {
  if (doing_ != Doing::listen) return;
  if (Status good = reader_->feed(bytes); !good)
    fail(std::move(good).error());
  else if (reader_->done())
    on_answer();
}

void CrmSession::on_answer() {
  const HttpResponse& response = reader_->response();
  ++exchanges_;
  if (dialogue_) {
    // A token's answer holds the token; other bodies are records and errors.
    std::string body = call_.step == Step::token ? fmt::format("<{} octets>", response.body.size())
                                                 : printable(desk_.masked(response.body));
    dialogue_(Who::server, fmt::format("{} {}", response.status, body));
  }
  const bool keep_alive = response.keep_alive;
  desk_.on_response(response);
  doing_ = Doing::ask;
  reader_.reset();
  if (!keep_alive || !desk_.keeps_connections()) doing_ = Doing::close;
}

void CrmSession::on_error(Error error) {
  if (doing_ == Doing::close || doing_ == Doing::done) return;
  // An answer without a length ends with the connection.
  if (error.code == Errc::end_of_stream && reader_ && reader_->begun() && reader_->finish()) return on_answer();
  fail(std::move(error));
}

void CrmSession::fail(Error error) {
  const bool ended = error.code == Errc::end_of_stream || error.code == Errc::truncated || error.code == Errc::reset;
  const bool begun = reader_ && reader_->begun();
  status_ = std::move(error).at(call_.step);
  // A failed Send may have sent all the same: whether anything arrived is not known.
  const CrmCaller::Loss loss = reader_ == nullptr                  ? CrmCaller::Loss::unsent
                               : exchanges_ > 0 && ended && !begun ? CrmCaller::Loss::stale
                                                                   : CrmCaller::Loss::answer;
  desk_.on_lost(to_string(status_.error()), loss);
  told_ = true;
  doing_ = Doing::close;
}

}  // namespace mailrig::client
