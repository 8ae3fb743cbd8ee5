// The whole rig in virtual time: what a retrieval costs, and what a scenario costs.
//
//   cmake --preset release && ninja -C build/release rig_bench && build/release/rig_bench
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "scenarios/language/load.h"
#include "scenarios/run/runner.h"

namespace mailrig::scenarios {
namespace {

Scenario load(const std::string& name, const std::string& text) {
  LoadResult loaded = load_scenarios(name, text, {});
  if (loaded.scenarios.size() != 1) {
    for (const Diagnostic& diagnostic : loaded.diagnostics) fmt::print(stderr, "{}\n", to_text(diagnostic));
    std::exit(1);
  }
  return std::move(loaded.scenarios.front());
}

Scenario load_file(const std::string& name) {
  const std::string path = std::string(MAILRIG_SOURCE_DIR) + "/bench/stories/" + name;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return load(path, text.str());
}

/// Runs it again and again, each time with a World and a store of its own.
void play(benchmark::State& state, const Scenario& scenario) {
  for (auto _ : state) {
    Outcome outcome = run_scenario(scenario, {});
    if (outcome.verdict != Verdict::pass) state.SkipWithError("the story did not pass");
    benchmark::DoNotOptimize(outcome);
  }
}

/// One retrieval: login, five new messages of 10 kB, stored and committed, QUIT. A story of 200 of them, so that what
/// goes before and after weighs nothing.
void retrieval(benchmark::State& state, const char* tls) {
  constexpr int retrievals = 200;
  std::string steps;
  for (int i = 0; i < retrievals; ++i) steps += R"({ "poll": "home" }, )";
  const Scenario scenario = load("retrieval.json", fmt::format(R"({{
    "id": "bench/retrieval", "title": "Five messages of 10 kB, again and again",
    "servers": {{ "isp": {{ "personality": "generic", "tls": "{}", "window": 5, "hide_popped": true,
      "mailboxes": {{ "ann": {{ "password": "pw12", "messages": {{ "generate": {}, "size": "10kB" }} }} }} }} }},
    "accounts": {{ "home": {{ "pop3": "isp", "user": "ann", "password": "pw12" }} }},
    "steps": [ {} {{ "expect": {{ "accounts.home.stored": {} }} }} ] }})",
                                                               tls, 5 * retrievals, steps, 5 * retrievals));
  for (auto _ : state) {
    Outcome outcome = run_scenario(scenario, {});
    if (outcome.verdict != Verdict::pass) state.SkipWithError("the story did not pass");
    benchmark::DoNotOptimize(outcome);
  }
  state.counters["retrieval"] =
      benchmark::Counter(retrievals, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

void one_retrieval_plain(benchmark::State& state) { retrieval(state, "none"); }
void one_retrieval_tls(benchmark::State& state) { retrieval(state, "implicit"); }
void scenario_plain(benchmark::State& state) { play(state, load_file("plain.json")); }
void scenario_tls(benchmark::State& state) { play(state, load_file("tls.json")); }
void scenario_wrong_password(benchmark::State& state) { play(state, load_file("wrong-password.json")); }

BENCHMARK(one_retrieval_plain)->Unit(benchmark::kMillisecond);
BENCHMARK(one_retrieval_tls)->Unit(benchmark::kMillisecond);
BENCHMARK(scenario_plain)->Unit(benchmark::kMicrosecond);
BENCHMARK(scenario_wrong_password)->Unit(benchmark::kMicrosecond);
BENCHMARK(scenario_tls)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace mailrig::scenarios

BENCHMARK_MAIN();
