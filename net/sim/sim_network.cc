#include "net/sim/sim_network.h"

#include <fmt/format.h>

#include <deque>

#include "net/sim/sim_stream.h"
#include "net/task.h"

namespace mailrig::sim {

class SimListener final : public Listener {
 public:
  SimListener(SimNetwork& network, Endpoint at) : network_(network), at_(std::move(at)) {
    network_.listeners_[{at_.host, at_.port}] = this;
  }
  ~SimListener() override {
    stop();
    network_.listeners_.erase({at_.host, at_.port});
  }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    while (waiting_.empty() && !stopped_) co_await arrived_.wait();
    if (stopped_) co_return Error{Errc::cancelled, "the listener was stopped"};
    std::unique_ptr<Stream> stream = std::move(waiting_.front());
    waiting_.pop_front();
    co_return stream;
  }
  void refuse(bool refused) override { refused_ = refused; }
  void stop() override {
    stopped_ = true;
    waiting_.clear();  // who was not accepted yet is reset
    arrived_.notify_all();
  }
  Endpoint local() const override { return at_; }

  bool takes_connections() const { return !stopped_ && !refused_; }
  void add(std::unique_ptr<Stream> stream) {
    waiting_.push_back(std::move(stream));
    arrived_.notify_all();
  }

 private:
  SimNetwork& network_;
  Endpoint at_;
  bool refused_ = false;
  bool stopped_ = false;
  std::deque<std::unique_ptr<Stream>> waiting_;
  Signal arrived_;
};

void SimNetwork::set_silent(const std::string& host, bool silent) {
  if (silent)
    silent_.insert(host);
  else
    silent_.erase(host);
}

void SimNetwork::refuse_source(const std::string& host, const std::string& source, bool refused) {
  if (refused)
    refused_sources_.emplace(host, source);
  else
    refused_sources_.erase({host, source});
}

const SimLink& SimNetwork::link_to(const std::string& host) const {
  static const SimLink plain;
  auto found = links_.find(host);
  return found == links_.end() ? plain : found->second;
}

Task<Result<std::unique_ptr<Stream>>> SimNetwork::connect(Endpoint to, std::string source, Moment deadline) {
  if (source.empty()) source = "127.0.0.1";
  auto named = addresses_.find(to.host);
  std::vector<std::string> addresses = named == addresses_.end() ? std::vector{to.host} : named->second;
  Result<std::unique_ptr<Stream>> last =
      Error{Errc::unreachable, fmt::format("{} has no address", to.host), Step::connect};
  for (const std::string& address : addresses) {
    const Endpoint endpoint{address, to.port};
    last = co_await connect_address(endpoint, source, deadline);
    if (last) break;
  }
  co_return last;
}

Task<Result<std::unique_ptr<Stream>>> SimNetwork::connect_address(const Endpoint& to, const std::string& source,
                                                                  Moment deadline) {
  const SimLink link = link_to(to.host);
  if (silent_.contains(to.host)) {
    const std::string what = fmt::format("a client waits for {} to answer its call", to_string(to));
    co_await loop_.wait_until(deadline, what);
    co_return Error{Errc::timed_out, fmt::format("{} did not answer in time", to_string(to)), Step::connect};
  }
  // SYN and SYN-ACK (or RST): one round trip.
  Moment answered = loop_.now() + 2 * link.latency;
  co_await loop_.sleep_until(std::min(answered, deadline));
  if (deadline < answered)
    co_return Error{Errc::timed_out, fmt::format("{} did not answer in time", to_string(to)), Step::connect};
  auto found = listeners_.find({to.host, to.port});
  if (found == listeners_.end() || !found->second->takes_connections() || refused_sources_.contains({to.host, source}))
    co_return Error{Errc::connection_refused, fmt::format("{} refused the connection", to_string(to)), Step::connect};
  std::uint16_t port = next_client_port_++;
  if (next_client_port_ == 0) next_client_port_ = 40'000;
  std::string client = to_string(Endpoint{source, port});
  auto connection = std::make_shared<SimConnection>(loop_, link, to_string(to));
  found->second->add(std::make_unique<SimStream>(connection, true, client));
  co_return std::unique_ptr<Stream>(std::make_unique<SimStream>(connection, false, to_string(to)));
}

Result<std::unique_ptr<Listener>> SimNetwork::listen(const Endpoint& at) {
  Endpoint taken = at;
  while (taken.port == 0 || (at.port == 0 && listeners_.contains({taken.host, taken.port})))
    taken.port = next_server_port_++;
  if (listeners_.contains({taken.host, taken.port}))
    return Error{Errc::environment, fmt::format("{} is taken by another server", to_string(taken)), Step::connect};
  return std::unique_ptr<Listener>(std::make_unique<SimListener>(*this, taken));
}

}  // namespace mailrig::sim
