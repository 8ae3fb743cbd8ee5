#pragma once
/// The names of a scenario on a real network: clients call pop.isp.test:995, and reach a loopback port that was free.
///
///   MappedNetwork network(real, loop, "127.0.0.1");
///   auto listener = network.listen({"pop.isp.test", 995});            // some real port; local() is pop.isp.test:995
///   auto stream = co_await network.connect({"pop.isp.test", 995}, {}, deadline);
///
/// It answers as sim's network does: a name that nobody listens for is refused, no name is ever asked of a resolver,
/// and addresses can be made silent or closed to a source.

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/clock.h"
#include "net/network.h"

namespace mailrig {

class MappedNetwork final : public Network {
 public:
  /// Real ports are taken at `real_host`.
  MappedNetwork(Network& real, Clock& clock, std::string real_host)
      : real_(real), clock_(clock), real_host_(std::move(real_host)) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, std::string source, Moment deadline) override;
  /// Port 0 gives a number of the scenario's; the listener must not outlive the network.
  Result<std::unique_ptr<Listener>> listen(const Endpoint& at) override;

  /// Connections to `scenario` go to these, tried in turn. An empty list takes the mapping back.
  void map(const Endpoint& scenario, std::vector<Endpoint> real);
  /// The addresses of the scenario that connect tries in turn for a name; without any the name is its own address.
  void set_addresses(const std::string& name, std::vector<std::string> addresses) {
    addresses_[name] = std::move(addresses);
  }
  /// Packets to this host vanish: connect runs into its deadline.
  void set_silent(const std::string& host, bool silent);
  /// Connections from `source` to `host` are refused, as by a firewall.
  void refuse_source(const std::string& host, const std::string& source, bool refused);

 private:
  using Key = std::pair<std::string, std::uint16_t>;
  Task<Result<std::unique_ptr<Stream>>> connect_address(const Endpoint& to, const std::string& source, Moment deadline);

  Network& real_;
  Clock& clock_;
  std::string real_host_;
  std::map<Key, std::vector<Endpoint>> real_endpoints_;
  std::map<std::string, std::vector<std::string>> addresses_;
  std::set<std::string> silent_;
  std::set<std::pair<std::string, std::string>> refused_sources_;
  std::uint16_t next_port_ = 20'000;  // what port 0 gives, as in sim
};

}  // namespace mailrig
