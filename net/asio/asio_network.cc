#include "net/asio/asio_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "base/text.h"
#include "net/asio/asio_listener.h"
#include "net/asio/asio_stream.h"
#include "net/task.h"

namespace mailrig {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Addresses = std::vector<asio::ip::address>;

bool is_localhost(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

/// What needs no looking up; nothing for other names.
std::optional<Addresses> known_addresses(const std::string& host) {
  error_code no_literal;
  asio::ip::address literal = asio::ip::make_address(host, no_literal);
  if (!no_literal) return Addresses{literal};
  if (is_localhost(host)) return Addresses{asio::ip::address_v6::loopback(), asio::ip::address_v4::loopback()};
  return std::nullopt;
}

/// One question to the resolver and whoever waits for the answer.
struct Lookup : std::enable_shared_from_this<Lookup> {
  explicit Lookup(AsioCore& core) : resolver(core.context), answered(core), timer(core) {}
  void on_deadline() { answered.wake(); }

  tcp::resolver resolver;
  WaitPoint answered;
  DeadlineTimer timer;
  std::optional<error_code> answer;
  Addresses addresses;
};

Error no_address(const std::string& host, const std::string& why) {
  return {Errc::unreachable,
          fmt::format("no address was found for {}: {}; check the name of the server", printable(host), why),
          Step::connect};
}

Task<Result<Addresses>> look_up(AsioCore& core, const std::string& host, Moment deadline) {
  auto lookup = std::make_shared<Lookup>(core);
  lookup->resolver.async_resolve(host, "",
                                 [lookup](const error_code& error, const tcp::resolver::results_type& results) {
                                   lookup->answer = error;
                                   for (const auto& result : results)
                                     lookup->addresses.push_back(result.endpoint().address());
                                   lookup->answered.wake();
                                 });
  lookup->timer.arm(deadline, lookup);
  while (!lookup->answer && core.now() < deadline)
    co_await lookup->answered.wait("the address of a server is looked up", deadline);
  lookup->timer.cancel();
  lookup->resolver.cancel();
  if (!lookup->answer)
    co_return Error{Errc::timed_out, fmt::format("the address of {} was not found in time", printable(host)),
                    Step::connect};
  if (*lookup->answer) co_return no_address(host, lookup->answer->message());
  co_return lookup->addresses;
}

Error connect_error(const Endpoint& to, const tcp::endpoint& at, const error_code& error) {
  std::string text = address_text(at);
  std::string whom = to_string(to);
  if (whom != text) whom += fmt::format(" (at {})", text);
  if (error == asio::error::connection_refused)
    return {
        Errc::connection_refused,
        fmt::format(
            "{} refused the connection: nothing listens there, or a firewall is in between; check host and port", whom),
        Step::connect};
  if (error == asio::error::timed_out)
    return {Errc::timed_out,
            fmt::format("{} did not answer in time; check host, port and the network in between", whom), Step::connect};
  if (error == asio::error::connection_reset)
    return {Errc::reset, fmt::format("{} reset the connection while it was being made", whom), Step::connect};
  return {Errc::unreachable, fmt::format("{} cannot be reached: {}", whom, error.message()), Step::connect};
}

Task<Result<std::unique_ptr<Stream>>> connect_to(AsioCore& core, const Endpoint& to, const tcp::endpoint& at,
                                                 const std::optional<asio::ip::address>& source, Moment deadline) {
  auto socket = std::make_shared<AsioSocket>(core);
  error_code error;
  socket->socket.open(at.protocol(), error);
  if (!error && source) {
    socket->socket.bind(tcp::endpoint(*source, 0), error);
    if (error)
      co_return Error{Errc::environment,
                      fmt::format("{} cannot be called from {}: {}; the source must be an address of this machine",
                                  to_string(to), source->to_string(), error.message()),
                      Step::connect};
  }
  if (!error) {
    error_code connected = co_await socket->connect(at, deadline);
    error = connected;
  }
  if (!error) co_return std::unique_ptr<Stream>(std::make_unique<AsioStream>(std::move(socket)));
  socket->reset();
  co_return connect_error(to, at, error);
}

/// An equal share of what is left, for each address that is still to be tried.
Moment share(Moment now, Moment deadline, std::size_t addresses_left) {
  if (deadline == never || deadline <= now) return deadline;
  return now + (deadline - now) / static_cast<Duration::rep>(addresses_left);
}

std::optional<std::string> advice_for(const error_code& error, const Endpoint& at) {
  if (error == asio::error::address_in_use)
    return fmt::format("port {} is taken by another program; stop it, or choose another port (0 takes any free one)",
                       at.port);
  if (error == boost::system::errc::address_not_available)
    return fmt::format("{} is not an address of this machine; use 127.0.0.1, ::1, 0.0.0.0 or ::", printable(at.host));
  if (error == asio::error::access_denied)
    return fmt::format(
        "ports under 1024 are for root only; choose one above, or run mailrig with CAP_NET_BIND_SERVICE");
  return std::nullopt;
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> AsioNetwork::connect(Endpoint to, std::string source, Moment deadline) {
  std::optional<asio::ip::address> from;
  if (!source.empty()) {
    error_code bad;
    from = asio::ip::make_address(source, bad);
    if (bad)
      co_return Error{Errc::bad_input, fmt::format("\"{}\" is no address to call from", printable(source)),
                      Step::connect};
  }
  std::optional<Addresses> addresses = known_addresses(to.host);
  if (!addresses) {
    Result<Addresses> found = co_await look_up(core_, to.host, deadline);
    if (!found) co_return std::move(found).error();
    addresses = *std::move(found);
  }
  if (from)
    std::erase_if(*addresses, [&](const asio::ip::address& address) { return address.is_v4() != from->is_v4(); });
  Result<std::unique_ptr<Stream>> last =
      no_address(to.host, from ? fmt::format("none of the kind of {}", source) : "the list is empty");
  for (std::size_t i = 0; i < addresses->size(); ++i) {
    const tcp::endpoint at((*addresses)[i], to.port);
    const Moment patience = share(core_.now(), deadline, addresses->size() - i);
    last = co_await connect_to(core_, to, at, from, patience);
    if (last) break;
  }
  co_return last;
}

Result<std::unique_ptr<Listener>> AsioNetwork::listen(const Endpoint& at) {
  auto failed = [&](const std::string& why) {
    return Error{Errc::environment, fmt::format("cannot listen at {}: {}", to_string(at), why), Step::connect};
  };
  error_code error;
  asio::ip::address address = asio::ip::make_address(at.host, error);
  if (error && is_localhost(at.host)) {
    address = asio::ip::address_v4::loopback();
  } else if (error) {
    auto results = tcp::resolver(core_.context).resolve(at.host, "", error);
    if (error || results.empty())
      return failed(fmt::format("{} is no name or address of this machine", printable(at.host)));
    address = results.begin()->endpoint().address();
  }
  auto port = std::make_shared<AsioPort>(core_);
  error = port->open(tcp::endpoint(address, at.port));
  if (!error) return std::unique_ptr<Listener>(std::make_unique<AsioListener>(core_, std::move(port)));
  port->stop();
  return failed(advice_for(error, at).value_or(error.message()));
}

}  // namespace mailrig
