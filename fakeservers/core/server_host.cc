#include "fakeservers/core/server_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/certificates/staged_tls.h"
#include "net/stream_decorator.h"
#include "net/task.h"

namespace mailrig::fakeservers {
namespace {

/// A server can spoil a single handshake; otherwise the certificate on show says what is wrong.
CertificateFault staged(Handshake handshake, CertificateFault shown) {
  switch (handshake) {
    case Handshake::plain: return CertificateClass::not_tls;
    case Handshake::stalled: return CertificateClass::handshake_stalled;
    case Handshake::proper:
    case Handshake::cut: break;
  }
  return shown;
}

/// Ends the connection in the middle of the handshake, be it the first thing or after STARTTLS.
class CutShort final : public StreamDecorator {
 public:
  using StreamDecorator::StreamDecorator;

  Task<Status> start_tls(Moment deadline) override {
    // The ClientHello is read first: an end with unread octets would be a reset.
    Result<std::string_view> hello = co_await below().read_some(deadline);
    if (!hello) co_return std::move(hello).error();
    Status closed = co_await below().close(Ending::no_close_notify, deadline);
    if (!closed) co_return closed;
    co_return Error{Errc::end_of_stream, "the handshake was cut short, as the story wants it", Step::tls};
  }
};

}  // namespace

class ServerHost::Opened {
 public:
  Opened(std::shared_ptr<OpenStreams> open, unsigned number, Stream& stream) : open_(std::move(open)), number_(number) {
    (*open_)[number_] = &stream;
  }
  ~Opened() { open_->erase(number_); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

 private:
  std::shared_ptr<OpenStreams> open_;
  unsigned number_;
};

ServerHost::ServerHost(World& world, FakeServer& server, HostSettings settings)
    : world_(world), server_(server), settings_(std::move(settings)), task_end_(world.loop) {}

ServerHost::~ServerHost() { stop(); }

void ServerHost::show(std::shared_ptr<const TlsServerContext> context, CertificateFault fault) {
  context_ = std::move(context);
  fault_ = fault;
}

void ServerHost::take(std::unique_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
  world_.loop.spawn(accept(*listeners_.back()));
}

void ServerHost::refuse(bool refused) {
  for (const auto& listener : listeners_) listener->refuse(refused);
}

void ServerHost::drop() {
  // What is aborted may end its session at once, and any session takes itself off the list when it ends.
  std::vector<unsigned> numbers;
  for (const auto& [number, stream] : *open_) numbers.push_back(number);
  for (unsigned number : numbers)
    if (auto found = open_->find(number); found != open_->end()) found->second->abort();
}

void ServerHost::stop() {
  for (const auto& listener : listeners_) listener->stop();
  drop();
}

bool ServerHost::is_refused(const std::string& peer) const {
  // "127.0.0.2:40001", "[::1]:40001"
  return std::ranges::any_of(refused_sources_, [&](const std::string& address) {
    return peer.starts_with(address + ":") || peer.starts_with("[" + address + "]:");
  });
}

Task<void> ServerHost::accept(Listener& listener) {
  for (;;) {
    Result<std::unique_ptr<Stream>> stream = co_await listener.accept();
    if (!stream) co_return;  // stopped
    ConnectionInfo arrival;
    arrival.number = ++connections_;
    arrival.connection = fmt::format("{}#{}", settings_.name, arrival.number);
    arrival.peer = (*stream)->peer();
    arrival.starttls_offered = settings_.tls == HostTls::starttls;
    if (is_refused(arrival.peer)) {
      world_.transcript.add(world_.clock.now(), arrival.connection, TranscriptEntry::Who::rig,
                            "cut off: the server refuses this address");
      (*stream)->abort();
      continue;
    }
    world_.loop.spawn(serve(std::move(*stream), std::move(arrival)));
  }
}

Task<void> ServerHost::serve(std::unique_ptr<Stream> stream, ConnectionInfo arrival) {
  const std::string connection = arrival.connection;
  if (settings_.tap) {
    Stream* raw = stream.get();
    stream = with_tap(std::move(stream), [this, connection, raw](TapDirection direction, std::string_view bytes) {
      if (!settings_.tap(connection, direction, bytes)) raw->abort();
    });
  }
  const Handshake handshake = settings_.tls == HostTls::none ? Handshake::proper : server_.handshake(arrival);
  // A server that knows nothing of TLS does not wait for a ClientHello: it greets, and takes what follows for commands.
  const bool greets_in_clear =
      settings_.tls == HostTls::implicit && staged(handshake, fault_) == CertificateClass::not_tls;
  if (settings_.tls != HostTls::none && context_ && !greets_in_clear)
    stream = with_staged_tls(std::move(stream), context_, staged(handshake, fault_), settings_.in_clear);
  if (handshake == Handshake::cut) stream = std::make_unique<CutShort>(std::move(stream));
  Status how = co_await converse(*stream, std::move(arrival), greets_in_clear);
  server_.on_closed(connection, how);
  if (settings_.on_closed) settings_.on_closed(connection, how);
}

/// The dialogue over a stream that is in the list of open ones meanwhile.
Task<Status> ServerHost::converse(Stream& stream, ConnectionInfo arrival, bool greets_in_clear) {
  const Opened opened(open_, arrival.number, stream);
  if (settings_.tls == HostTls::implicit && !greets_in_clear) {
    Status secure = co_await stream.start_tls(deadline_after(world_.clock.now(), settings_.handshake_patience));
    if (!secure) {
      world_.transcript.add(world_.clock.now(), arrival.connection, TranscriptEntry::Who::rig, "no TLS came to be");
      co_return secure;
    }
    arrival.tls = true;
  }
  const std::unique_ptr<Session> session = server_.open(std::move(arrival));
  Status how = co_await drive(*session, stream, world_, {});
  co_return how;
}

}  // namespace mailrig::fakeservers
