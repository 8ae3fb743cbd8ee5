#include "fakeservers/server_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "fakeservers/staged_tls.h"
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

ServerHost::ServerHost(World& world, FakeServer& server, HostSettings settings)
    : world_(world), server_(server), settings_(std::move(settings)) {}

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
  // A session that ends takes itself off the list.
  const std::map<unsigned, Stream*> open = open_;
  for (const auto& [number, stream] : open) stream->abort();
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
    Arrival arrival;
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

Task<void> ServerHost::serve(std::unique_ptr<Stream> stream, Arrival arrival) {
  const std::string connection = arrival.connection;
  const unsigned number = arrival.number;
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
  open_[number] = stream.get();
  Status how;
  if (settings_.tls == HostTls::implicit && !greets_in_clear) {
    how = co_await stream->start_tls(deadline_after(world_.clock.now(), settings_.handshake_patience));
    arrival.tls = how.has_value();
    if (!how) world_.transcript.add(world_.clock.now(), connection, TranscriptEntry::Who::rig, "no TLS came to be");
  }
  if (how) {
    std::unique_ptr<Session> session = server_.open(std::move(arrival));
    DriveOptions options;
    how = co_await drive(*session, *stream, world_, options);
  }
  open_.erase(number);
  server_.on_closed(connection, how);
  if (settings_.on_closed) settings_.on_closed(connection, how);
}

}  // namespace mailrig::fakeservers
