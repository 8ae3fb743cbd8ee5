#include "net/mapped_network.h"

#include <fmt/format.h>

#include "base/text.h"
#include "net/task.h"

namespace mailrig {
namespace {

/// A real listener under its scenario's name.
class MappedListener final : public Listener {
 public:
  MappedListener(MappedNetwork& network, Endpoint scenario, std::unique_ptr<Listener> real)
      : network_(network), scenario_(std::move(scenario)), real_(std::move(real)) {
    network_.map(scenario_, {real_->local()});
  }
  ~MappedListener() override { network_.map(scenario_, {}); }

  Task<Result<std::unique_ptr<Stream>>> accept() override { return real_->accept(); }
  void refuse(bool refused) override { real_->refuse(refused); }
  void stop() override { real_->stop(); }
  Endpoint local() const override { return scenario_; }

 private:
  MappedNetwork& network_;
  Endpoint scenario_;
  std::unique_ptr<Listener> real_;
};

Error refused(const Endpoint& to) {
  return {Errc::connection_refused, fmt::format("{} refused the connection", printable(to_string(to))), Step::connect};
}

}  // namespace

void MappedNetwork::map(const Endpoint& scenario, std::vector<Endpoint> real) {
  if (real.empty())
    real_endpoints_.erase({scenario.host, scenario.port});
  else
    real_endpoints_[{scenario.host, scenario.port}] = std::move(real);
}

void MappedNetwork::set_silent(const std::string& host, bool silent) {
  if (silent)
    silent_.insert(host);
  else
    silent_.erase(host);
}

void MappedNetwork::refuse_source(const std::string& host, const std::string& source, bool refused) {
  if (refused)
    refused_sources_.emplace(host, source);
  else
    refused_sources_.erase({host, source});
}

Task<Result<std::unique_ptr<Stream>>> MappedNetwork::connect(Endpoint to, std::string source, Moment deadline) {
  auto named = addresses_.find(to.host);
  std::vector<std::string> addresses = named == addresses_.end() ? std::vector{to.host} : named->second;
  Result<std::unique_ptr<Stream>> last =
      Error{Errc::unreachable, fmt::format("{} has no address", printable(to.host)), Step::connect};
  for (const std::string& address : addresses) {
    const Endpoint endpoint(address, to.port);
    last = co_await connect_address(endpoint, source, deadline);
    if (last) break;
  }
  co_return last;
}

Task<Result<std::unique_ptr<Stream>>> MappedNetwork::connect_address(const Endpoint& to, const std::string& source,
                                                                     Moment deadline) {
  if (silent_.contains(to.host)) {
    co_await clock_.sleep_until(deadline);
    co_return Error{Errc::timed_out, fmt::format("{} did not answer in time", printable(to_string(to))), Step::connect};
  }
  auto found = real_endpoints_.find({to.host, to.port});
  if (found == real_endpoints_.end() || refused_sources_.contains({to.host, source})) co_return refused(to);
  const std::vector<Endpoint> real = found->second;  // the mapping may change while we wait
  Result<std::unique_ptr<Stream>> last = refused(to);
  for (const Endpoint& endpoint : real) {
    last = co_await real_.connect(endpoint, source, deadline);
    if (last) break;
  }
  co_return last;
}

Result<std::unique_ptr<Listener>> MappedNetwork::listen(const Endpoint& at) {
  Endpoint scenario = at;
  if (scenario.port == 0) scenario.port = next_port_++;
  if (real_endpoints_.contains({scenario.host, scenario.port}))
    return Error{Errc::environment, fmt::format("{} is taken by another server", to_string(scenario)), Step::connect};
  Result<std::unique_ptr<Listener>> real = real_.listen(Endpoint(real_host_, 0));
  if (!real) return real.error();
  return std::unique_ptr<Listener>(std::make_unique<MappedListener>(*this, scenario, std::move(real).value()));
}

}  // namespace mailrig
