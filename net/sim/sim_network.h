#pragma once
/// In-memory links with latency, bandwidth and split points.
///
///   SimNetwork network(loop);
///   network.set_link("pop.isp.test", {.latency = 40ms, .bytes_per_second = 64'000, .split_at = 1});

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "net/network.h"
#include "net/sim/sim_loop.h"

namespace mailrig::sim {

struct SimLink {
  Duration latency = 1ms;              // one way
  std::uint64_t bytes_per_second = 0;  // 0: as fast as it is written
  std::size_t split_at = 0;            // octets of a segment; 0: as written
};

class SimListener;

class SimNetwork final : public Network {
 public:
  explicit SimNetwork(SimLoop& loop) : loop_(loop) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Endpoint to, std::string source, Moment deadline) override;
  Result<std::unique_ptr<Listener>> listen(const Endpoint& at) override;

  /// The addresses that connect tries in turn for a name; without any the name is its own address.
  void set_addresses(const std::string& name, std::vector<std::string> addresses) {
    addresses_[name] = std::move(addresses);
  }
  void set_link(const std::string& host, SimLink link) { links_[host] = link; }
  /// Packets to this host vanish: connect runs into its deadline.
  void set_silent(const std::string& host, bool silent);
  /// Connections from `source` to `host` are refused, as by a firewall.
  void refuse_source(const std::string& host, const std::string& source, bool refused);

 private:
  friend class SimListener;
  Task<Result<std::unique_ptr<Stream>>> connect_address(const Endpoint& to, const std::string& source, Moment deadline);
  const SimLink& link_to(const std::string& host) const;

  SimLoop& loop_;
  std::map<std::pair<std::string, std::uint16_t>, SimListener*> listeners_;
  std::map<std::string, std::vector<std::string>> addresses_;
  std::map<std::string, SimLink> links_;
  std::set<std::string> silent_;
  std::set<std::pair<std::string, std::string>> refused_sources_;
  std::uint16_t next_client_port_ = 40'000;
  std::uint16_t next_server_port_ = 20'000;  // what port 0 takes
};

}  // namespace mailrig::sim
