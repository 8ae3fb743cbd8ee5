#pragma once
/// Puts a fake server on a port: takes connections, numbers them, lays TLS and the judge's tap around each, and drives
/// a session on it.
///
///   ServerHost host(world, *gmail, {.name = "gmail", .tls = HostTls::implicit});
///   host.show(*factory.server_context({}, {.hosts = {"gmail.test"}, .at = clock}), {});
///   host.take(std::move(listener));              // connections are served from now on
///   host.drop();                                 // resets those that are open
///   host.stop();                                 // for good; sessions end with `cancelled`
///
/// Sessions are tasks of world.loop. One that pauses (a delay, a drip) does not notice stop(): it is ended when the
/// host is destroyed, and with it every other task of the loop.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakeservers/certificates/certificate_factory.h"
#include "fakeservers/core/server.h"
#include "net/drive.h"
#include "net/tap_stream.h"

namespace mailrig::fakeservers {

enum class HostTls : std::uint8_t { none, starttls, implicit };

struct HostSettings {
  std::string name = {};  // connections are NAME#1, NAME#2 ...
  HostTls tls = HostTls::none;
  /// What a server that knows nothing of TLS says to a ClientHello after STARTTLS (certificate class not-tls). On a TLS
  /// port it greets in clear.
  std::string in_clear = "-ERR unknown command\r\n";
  Duration handshake_patience = 1min;
  /// Hears the raw octets of both directions, below TLS. False cuts the connection.
  std::function<bool(std::string_view connection, TapDirection direction, std::string_view bytes)> tap = {};
  std::function<void(std::string_view connection, const Status& how)> on_closed = {};
};

class ServerHost {
 public:
  ServerHost(World& world, FakeServer& server, HostSettings settings);
  ~ServerHost();
  ServerHost(const ServerHost&) = delete;
  ServerHost& operator=(const ServerHost&) = delete;

  /// The certificate of connections from now on. Not asked for where tls is none.
  void show(std::shared_ptr<const TlsServerContext> context, CertificateFault fault);
  void take(std::unique_ptr<Listener> listener);

  /// Refuses connections, all or none.
  void refuse(bool refused);
  /// Cuts connections from these addresses off right after connect, as some providers do to some clients.
  void refuse_sources(std::vector<std::string> addresses) { refused_sources_ = std::move(addresses); }
  void drop();
  void stop();
  std::size_t open_connections() const { return open_->size(); }

 private:
  using OpenStreams = std::map<unsigned, Stream*>;  // by the number of the connection
  /// A stream in the list of those that are open, for as long as the coroutine that owns both lives, however it ends.
  class Opened;

  Task<void> accept(Listener& listener);
  Task<void> serve(std::unique_ptr<Stream> stream, ConnectionInfo arrival);
  Task<Status> converse(Stream& stream, ConnectionInfo arrival, bool greets_in_clear);
  bool is_refused(const std::string& peer) const;

  World& world_;
  FakeServer& server_;
  HostSettings settings_;
  std::shared_ptr<const TlsServerContext> context_;
  CertificateFault fault_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> refused_sources_;
  std::shared_ptr<OpenStreams> open_ = std::make_shared<OpenStreams>();
  unsigned connections_ = 0;
  TaskEnd task_end_;  // the last member: the tasks use all the others
};

}  // namespace mailrig::fakeservers
