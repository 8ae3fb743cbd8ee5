#pragma once
/// The client under test with something broken, all of it from outside: its network bends what it says and hears, its
/// store forgets and lies, its trust is too wide. Given to a run as RunOptions::around_client.
///
///   BrokenClient broken;
///   broken.network.bend = [](const Endpoint&) { return std::make_unique<RetrievesTwice>(); };
///   Outcome outcome = run_scenario(scenario, {.around_client = std::ref(broken)});

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "client/connect.h"
#include "scenarios/testing/bent_network.h"

namespace mailrig::scenarios::testing {

struct BrokenClient {
  NetworkFlaws network = {};
  /// `starts`: how often the client has been started, this time included.
  std::function<std::unique_ptr<client::MessageStore>(std::unique_ptr<client::MessageStore> store, unsigned starts)>
      store = {};
  /// The roots that it trusts in place of the right ones; empty: those.
  std::string trusted_pem = {};

  client::Surroundings operator()(client::Surroundings around) {
    const World& world = around.world;
    networks_.emplace_back(world.network, network);
    worlds_.push_back({world.loop, world.clock, world.calendar, networks_.back(), world.prng, world.transcript});
    return {.world = worlds_.back(),
            .open_store = broken_store(around),
            .tls = broken_trust(around),
            .latencies = around.latencies,
            .count_waiting = around.count_waiting,
            .record_lines = around.record_lines,
            .on_state = around.on_state};
  }

 private:
  decltype(client::Surroundings::open_store) broken_store(const client::Surroundings& around) {
    if (!store) return around.open_store;
    return [this, open = around.open_store, starts = worlds_.size()]() {
      Result<std::unique_ptr<client::MessageStore>> opened = open();
      if (opened) opened = store(*std::move(opened), static_cast<unsigned>(starts));
      return opened;
    };
  }

  decltype(client::Surroundings::tls) broken_trust(const client::Surroundings& around) {
    if (trusted_pem.empty()) return around.tls;
    return [this](client::TrustedRoots) { return make_tls_client({.ca_pem = trusted_pem}); };
  }

  // They live as long as the client, which keeps references.
  std::deque<BentNetwork> networks_;
  std::deque<World> worlds_;
};

}  // namespace mailrig::scenarios::testing
