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
  /// Its calendar is wrong by this for five seconds after each connection: what it puts off then is due at another
  /// time.
  Duration misdates = {};
  /// The roots that it trusts in place of the right ones; empty: those.
  std::string trusted_pem = {};

  client::ClientContext operator()(client::ClientContext around) {
    const World& world = around.world;
    BentCalendar& calendar = calendars_.emplace_back(world.calendar, misdates);
    NetworkFlaws flaws = network;
    flaws.on_connect = [&calendar] { calendar.begin(); };
    networks_.emplace_back(world.network, std::move(flaws));
    worlds_.push_back({world.loop, world.clock, calendar, networks_.back(), world.prng, world.transcript});
    return {.world = worlds_.back(),
            .open_store = broken_store(around),
            .tls = broken_trust(around),
            .latencies = around.latencies,
            .count_waiting = around.count_waiting,
            .record_lines = around.record_lines,
            .on_state = around.on_state};
  }

 private:
  class BentCalendar final : public Calendar {
   public:
    BentCalendar(Calendar& below, Duration wrong_by) : below_(below), wrong_by_(wrong_by) {}
    void begin() { until_ = below_.now() + 5s; }
    Instant now() const override { return below_.now() < until_ ? below_.now() + wrong_by_ : below_.now(); }
    Task<void> move_to(Instant when) override { co_await below_.move_to(when); }

   private:
    Calendar& below_;
    Duration wrong_by_;
    Instant until_{};
  };

  decltype(client::ClientContext::open_store) broken_store(const client::ClientContext& around) {
    if (!store) return around.open_store;
    return [this, open = around.open_store, starts = worlds_.size()]() {
      Result<std::unique_ptr<client::MessageStore>> opened = open();
      if (opened) opened = store(*std::move(opened), static_cast<unsigned>(starts));
      return opened;
    };
  }

  decltype(client::ClientContext::tls) broken_trust(const client::ClientContext& around) {
    if (trusted_pem.empty()) return around.tls;
    return [this](client::TrustedRoots) { return make_tls_client({.ca_pem = trusted_pem}); };
  }

  // They live as long as the client, which keeps references.
  std::deque<BentCalendar> calendars_;
  std::deque<BentNetwork> networks_;
  std::deque<World> worlds_;
};

}  // namespace mailrig::scenarios::testing
