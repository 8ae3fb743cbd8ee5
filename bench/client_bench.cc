// The client without a network: un-stuffing, a POP3 session fed with bytes, the store.
//
//   cmake --preset release && ninja -C build/release client_bench && build/release/client_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>

#include "client/pop3/dot_decoder.h"
#include "client/pop3/pop3_sync.h"
#include "client/pop3/session.h"
#include "client/store/store.h"
#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"

namespace mailrig::client {
namespace {

/// About `octets` of text in lines of 76, one line in fifty stuffed.
std::string wire_body(std::size_t octets) {
  std::string text =
      "Subject: benchmark\r\nMessage-ID: <0000000000@bench.test>\r\nDate: Mon, 2 Jun 2014 09:00:00 +0000\r\n\r\n";
  for (unsigned line = 0; text.size() < octets; ++line) {
    if (line % 50 == 0) text += "..";
    text += std::string(76, static_cast<char>('a' + line % 26)) + "\r\n";
  }
  return text + ".\r\n";
}

/// A target that only looks at what it is given.
struct Discard final : MailSink {
  std::vector<Pop3Task> plan(std::span<const Pop3Item> listing, const ServerCapabilities&) override {
    std::vector<Pop3Task> tasks;
    for (std::size_t i = 0; i < listing.size(); ++i) tasks.push_back({i, FetchDecision::retrieve});
    return tasks;
  }
  FetchDecision identified(const Pop3Item&, std::optional<std::string_view>) override { return FetchDecision::leave; }
  void begin(const Pop3Item&) override {}
  void body(std::string_view piece) override { octets += piece.size(); }
  Status end() override { return {}; }
  void failed(const Pop3Item&, const Error&) override {}
  bool commit_due() override { return false; }
  Status commit() override { return {}; }
  bool may_delete(const Pop3Item&) override { return false; }
  void deleted(const Pop3Item&) override {}
  void quit(bool) override {}
  std::uint64_t octets = 0;
};

/// Hands the session chunks of what a server would answer, as fast as it asks.
class Feeder {
 public:
  Feeder(unsigned messages, std::size_t octets, std::size_t chunk) : chunk_(chunk) {
    std::string sizes, uids;
    for (unsigned n = 1; n <= messages; ++n) {
      sizes += fmt::format("{} {}\r\n", n, octets);
      uids += fmt::format("{} GmailId{:016x}\r\n", n, n * 0x9E3779B97F4A7C15ULL);
    }
    before_ = {"+OK ready\r\n", "+OK\r\nPIPELINING\r\nTOP\r\nUIDL\r\n.\r\n", "+OK\r\n", "+OK\r\n",
               fmt::format("+OK {} 0\r\n+OK\r\n{}.\r\n+OK\r\n{}.\r\n", messages, sizes, uids)};
    std::string one = "+OK message follows\r\n" + wire_body(octets);
    for (unsigned n = 0; n < messages; ++n) bodies_ += one;
  }
  void run(Session& session) const {
    std::size_t step = 0, at = 0;
    bool confirmed = false;
    for (;;) {
      Action action = session.next();
      if (std::holds_alternative<Done>(action)) return;
      if (std::holds_alternative<Commit>(action)) session.on_committed({});
      if (!std::holds_alternative<Receive>(action)) continue;
      if (step < before_.size()) {
        session.on_bytes(before_[step++]);
      } else if (at < bodies_.size()) {
        std::string_view piece = std::string_view(bodies_).substr(at, chunk_);
        at += piece.size();
        session.on_bytes(piece);
      } else {
        session.on_bytes(std::exchange(confirmed, true) ? "+OK bye\r\n" : "+OK\r\n");
      }
    }
  }
  std::size_t octets() const { return bodies_.size(); }

 private:
  std::size_t chunk_;
  std::vector<std::string> before_;
  std::string bodies_;
};

void undo_dots(benchmark::State& state) {
  std::string wire = wire_body(1 << 20);
  for (auto _ : state) {
    DotDecoder decoder;
    std::string_view bytes = wire;
    std::size_t octets = 0;
    while (!bytes.empty()) octets += decoder.take(bytes).text.size();
    benchmark::DoNotOptimize(octets);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * wire.size()));
}
BENCHMARK(undo_dots);

void session_discarding(benchmark::State& state) {
  Feeder feeder(static_cast<unsigned>(state.range(0)), static_cast<std::size_t>(state.range(1)), 16 * 1024);
  for (auto _ : state) {
    Discard target;
    Pop3Session session({.tls = TlsMode::none, .user = "anna", .password = "s3cret"}, target);
    feeder.run(session);
    benchmark::DoNotOptimize(target.octets);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * feeder.octets()));
}
BENCHMARK(session_discarding)->Args({5, 10'000})->Args({1'000, 10'000})->Args({20, 5'000'000});

void open_a_store_in_memory(benchmark::State& state) {
  std::uint64_t run = 0;
  for (auto _ : state) {
    std::unique_ptr<MessageStore> store = *open_sqlite_store(StorePlace::in_memory(fmt::format("bench-{}", ++run)));
    benchmark::DoNotOptimize(store->account_facts("work"));
  }
}
BENCHMARK(open_a_store_in_memory);

/// Open, five messages in one commit, close: what a small scenario asks of the store.
void five_messages_in_memory(benchmark::State& state) {
  std::string raw(10'000, 'x');
  std::uint64_t run = 0;
  for (auto _ : state) {
    std::unique_ptr<MessageStore> store = *open_sqlite_store(StorePlace::in_memory(fmt::format("bench-{}", ++run)));
    MailBatch batch{.account = "work", .account_facts = "{\"state\":\"ok\"}"};
    std::vector<UidRecord> uids(5);
    for (std::size_t i = 0; i < 5; ++i) {
      batch.messages.push_back(
          {.uid = "GmailId13a1b2c3d4e5f607", .raw = raw, .message_id = "1@x.test", .folder = "Inbox"});
      uids[i] = {.uid = fmt::format("GmailId{:016x}", i), .message = in_this_batch(i)};
      batch.uids.push_back(&uids[i]);
    }
    if (!store->commit(batch)) state.SkipWithError("the commit failed");
  }
}
BENCHMARK(five_messages_in_memory);

/// 100,000 pairwise different messages of 10 kB in sessions of 42, each hashed, compared, filed and written: all that a
/// poll does but the network.
void import_of_a_hundred_thousand(benchmark::State& state) {
  constexpr unsigned messages = 100'000, a_session = 42;
  const std::string path = (std::filesystem::temp_directory_path() / "mailrig-client-bench.db").string();
  sim::SimLoop loop;
  sim::SimCalendar calendar(loop, Instant{1'401'699'600s});
  sim::SimNetwork network(loop);
  Prng prng(1);
  Transcript transcript;
  World world{loop, loop, calendar, network, prng, transcript};
  std::string raw = wire_body(9'997);
  raw.resize(10'000);
  const std::size_t digits = raw.find("0000000000@");
  for (auto _ : state) {
    std::filesystem::remove(path);
    std::unique_ptr<MessageStore> store = *open_sqlite_store({StorePlace::Kind::scratch, path});
    AccountSettings settings{.name = "work"};
    AccountRecord record;
    UidIndex known;
    if (!known.load(*store, "work", record)) state.SkipWithError("the store cannot be read");
    std::vector<std::string> uids(a_session);
    std::vector<Pop3Item> items(a_session);
    for (unsigned from = 0; from < messages; from += a_session) {
      for (unsigned i = 0; i < a_session; ++i) {
        uids[i] = fmt::format("GmailId{:016x}", (from + i) * 0x9E3779B97F4A7C15ULL);
        items[i] = {i + 1, uids[i], raw.size()};
      }
      Pop3Sync retrieval(settings, record, known, *store, world);
      retrieval.plan(items, {.pipelining = true, .top = true, .uidl = true, .expires_at_once = true});
      for (unsigned i = 0; i < a_session; ++i) {
        std::memcpy(raw.data() + digits, fmt::format("{:010}", from + i).data(), 10);
        retrieval.begin(items[i]);
        retrieval.body(raw);
        if (!retrieval.end()) state.SkipWithError("a message was not taken");
      }
      if (!retrieval.commit()) state.SkipWithError("the commit failed");
      retrieval.quit(true);
      MailBatch rest{.account = "work"};
      rest.uids = known.changed();
      rest.account_facts = to_facts(record);
      if (!store->commit(rest)) state.SkipWithError("the commit failed");
      known.on_committed();
    }
    state.counters["messages"] = static_cast<double>(store->totals("work")->messages);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  state.counters["rss_mb"] = static_cast<double>(usage.ru_maxrss) / 1024;
  std::filesystem::remove(path);
}
BENCHMARK(import_of_a_hundred_thousand)->Unit(benchmark::kMillisecond)->Iterations(1)->UseRealTime();

}  // namespace
}  // namespace mailrig::client

BENCHMARK_MAIN();
