#include "fakeservers/crm/http/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "fakeservers/crm/misbehaviours.h"
#include "fakeservers/crm/server.h"

namespace mailrig::fakeservers::crm {
namespace {

// A request line with a long query is still one line of a transcript.
constexpr std::size_t target_octets_shown = 500;

ServerLog::End end_of(const Error& error) {
  switch (error.code) {
    case Errc::timed_out: return ServerLog::End::timed_out;
    case Errc::end_of_stream:
    case Errc::truncated: return ServerLog::End::closed;
    case Errc::cancelled: return ServerLog::End::cut;
    default: return ServerLog::End::reset;
  }
}

Step step_of(std::string_view word) {
  if (word == "token") return Step::token;
  if (word == "search") return Step::search;
  if (word == "insert" || word == "upsert") return Step::insert;
  if (word == "associate" || word == "note") return Step::associate;
  return Step::request;
}

std::string body_note(std::string_view body) {
  Sha256 sum;
  sum.update(body);
  return body_entry(body.size(), sum.finish());
}

/// "POST /crm/v8/Leads (Authorization: <token>) <120 octets, sha256 ...>". Of a token call's body only the size is
/// told.
std::string line_of(const Incoming& incoming) {
  std::string line = incoming.http.method + ' ' + printable(masked_target(incoming.http.target), target_octets_shown);
  if (!incoming.http.field("Authorization").empty()) line += " (Authorization: <token>)";
  if (incoming.http.body.empty()) return line;
  bool secret = incoming.kind == Incoming::Kind::token || incoming.kind == Incoming::Kind::revoke;
  return line + (secret ? fmt::format(" <{} octets with secrets>", incoming.http.body.size())
                        : ' ' + body_note(incoming.http.body));
}

}  // namespace

CrmSession::CrmSession(CrmServer& server, ConnectionInfo arrival)
    : server_(server),
      arrival_(std::move(arrival)),
      record_(server.log().open(arrival_, server.org().context.world.calendar.now())) {}

ServerObserver* CrmSession::observer() const { return server_.org().context.observer; }

void CrmSession::write_entry(TranscriptEntry::Who who, std::string text) {
  if (who == TranscriptEntry::Who::server && observer() != nullptr) observer()->on_reply(arrival_.connection, text);
  World& world = server_.org().context.world;
  world.transcript.add(world.clock.now(), arrival_.connection, who, std::move(text));
}

Action CrmSession::next() {
  for (;;) {
    switch (phase_) {
      case Phase::reading:
        if (std::optional<Action> action = read()) return *action;
        break;
      case Phase::answering:
        if (std::optional<Action> action = answer()) return *action;
        break;
      case Phase::hanging: return Receive{step_, Duration::max()};
      case Phase::leaving:
        phase_ = Phase::over;
        server_.log().on_end(record_, end_);
        return Close{ending_};
      case Phase::over: return Done{status_};
    }
  }
}

void CrmSession::on_bytes(std::string_view bytes) {
  if (phase_ != Phase::hanging) reader_.feed(bytes);
}

std::optional<Action> CrmSession::read() {
  switch (reader_.advance()) {
    case HttpReader::Event::need_more: return Receive{Step::request, server_.org().settings.idle};
    case HttpReader::Event::expects_continue:
      interim_ = to_wire({.status = 100}, {});
      write_entry(TranscriptEntry::Who::server, "100 Continue");
      return Send{Step::request, interim_};
    case HttpReader::Event::refused: {
      write_entry(TranscriptEntry::Who::client, "<no HTTP request that can be taken>");
      keep_alive_ = false;
      begin({.status = reader_.refusal()}, {.keep_alive = false}, nullptr, {});
      return std::nullopt;
    }
    case HttpReader::Event::request: break;
  }
  take(reader_.take());
  Duration service_time = server_.org().settings.service_time;
  if (service_time > Duration::zero()) return Wait{step_, service_time};
  return std::nullopt;
}

void CrmSession::take(HttpRequest request) {
  Incoming incoming = parse_request(std::move(request));
  step_ = step_of(incoming.word);
  keep_alive_ = incoming.http.keep_alive;
  std::string line = line_of(incoming);
  note_secrets(incoming);
  server_.log().on_command(record_, incoming.word, line);
  write_entry(TranscriptEntry::Who::client, std::move(line));
  const FaultRule* rule = server_.faults().empty() ? nullptr
                                                   : server_.faults().match({.on = incoming.word,
                                                                             .also_on = incoming.place,
                                                                             .argument = incoming.argument,
                                                                             .connection = arrival_.connection,
                                                                             .connection_number = arrival_.number,
                                                                             .tls = arrival_.tls});
  if (rule != nullptr) {
    std::string told = describe(*rule);
    if (observer() != nullptr) observer()->on_fault(arrival_.connection, told);
    write_entry(TranscriptEntry::Who::rig, "fault: " + std::move(told));
    server_.org().context.world.transcript.keep_around(Transcript::Reason::fault);
  }
  std::string call = incoming.http.method + ' ' + printable(masked_target(incoming.http.target), target_octets_shown);
  HttpFraming framing{
      .keep_alive = keep_alive_, .http_1_0 = incoming.http.http_1_0, .without_body = incoming.http.method == "HEAD"};
  if (rule != nullptr && rule->reply) {
    write_entry(TranscriptEntry::Who::server, fmt::format("<{} scripted octets>", rule->reply->size()));
    if (rule->carried_out) carry_out(incoming);
    server_.note_call(call + " -> scripted");
    server_.note_request(incoming, 0);
    plan_.begin(rule, *rule->reply, nullptr, step_);
    phase_ = Phase::answering;
    return;
  }
  if (rule != nullptr && !rule->http_reply.is_null()) {
    HttpAnswer answer = scripted_answer(rule->http_reply);
    // What is carried out has its effect; the client is told something else.
    if (is_carried_out(*rule)) carry_out(incoming);
    server_.note_call(fmt::format("{} -> {}", call, answer.status));
    server_.note_request(incoming, answer.status);
    begin(std::move(answer), framing, rule, "scripted");
    return;
  }
  Answered answered = carry_out(incoming);
  server_.note_call(fmt::format("{} -> {}", call, answered.http.status));
  server_.note_request(incoming, answered.http.status);
  begin(std::move(answered.http), framing, rule, answered.note);
}

/// For expectations: the token of the call, then what its parameters carry, in the order in which they came.
void CrmSession::note_secrets(const Incoming& incoming) {
  std::string_view token = incoming.http.field("Authorization");
  token.remove_prefix(std::min(token.size(), token.find(' ') + 1));  // without the scheme
  if (!token.empty()) ServerLog::on_secret(record_, token);
  for (const auto& [name, value] : incoming.target.query.pairs())
    if (is_secret_parameter(name) && !value.empty()) ServerLog::on_secret(record_, value);
}

Answered CrmSession::carry_out(const Incoming& incoming) {
  Answered answered = crm::carry_out(server_.org(), incoming, arrival_.tls);
  if (!answered.unknown.empty()) server_.note_unknown(fmt::format("{}: {}", incoming.place, answered.unknown));
  if (incoming.kind == Incoming::Kind::token && answered.note == "<token>")
    server_.log().on_login(record_, incoming.target.query.text("client_id"));
  else if (incoming.kind == Incoming::Kind::token || answered.http.status == 401)
    server_.log().on_failed_login(record_, incoming.target.query.text("client_id"));
  running_ = std::move(answered.running);
  return answered;
}

void CrmSession::begin(HttpAnswer http, const HttpFraming& framing, const FaultRule* rule, std::string_view note) {
  std::string line = fmt::format("{} {}", http.status, reason_of(http.status));
  if (!note.empty()) line += fmt::format(": {}", note);
  // What holds a token is not even told by its sum.
  if (!http.body.empty() && note != "<token>") line += ' ' + body_note(http.body);
  write_entry(TranscriptEntry::Who::server, std::move(line));
  plan_.begin(rule, bent(rule, to_wire(http, framing)), nullptr, step_);
  phase_ = Phase::answering;
}

std::optional<Action> CrmSession::answer() {
  if (std::optional<Action> action = plan_.next()) return action;
  if (plan_.after() == FaultyReply::After::hang) {
    phase_ = Phase::hanging;
    return std::nullopt;
  }
  running_.reset();
  ++exchanges_;
  if (plan_.after() == FaultyReply::After::close) {
    ending_ = plan_.ending();
    end_ = ServerLog::End::cut;
    phase_ = Phase::leaving;
  } else {
    phase_ = keep_alive_ ? Phase::reading : Phase::leaving;
  }
  return std::nullopt;
}

void CrmSession::on_error(Error error) {
  running_.reset();
  if (phase_ == Phase::over) {
    if (status_) status_ = std::move(error);
    return;
  }
  if (error.code == Errc::timed_out && phase_ == Phase::reading && reader_.idle()) {
    end_ = ServerLog::End::timed_out;
    phase_ = Phase::leaving;
    write_entry(TranscriptEntry::Who::rig, "closes the connection, which has been silent for too long");
    return;
  }
  write_entry(TranscriptEntry::Who::rig, "the connection is over: " + error.message);
  server_.log().on_end(record_, end_of(error));
  status_ = std::move(error);
  phase_ = Phase::over;
}

}  // namespace mailrig::fakeservers::crm
