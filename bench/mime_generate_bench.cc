// How fast messages are made: what a scenario may have to wait for.
//
//   build/release/bench/mime_generate_bench

#include <benchmark/benchmark.h>

#include <string>

#include "base/prng.h"
#include "mime/compose/compose.h"
#include "mime/generate/generate.h"

namespace mailrig::mime {
namespace {

/// Messages of a profile, of its own sizes where none is given.
void generate(benchmark::State& state, const char* profile, const char* like, std::uint64_t octets) {
  Generator::Settings settings{.profile = profile, .like = like, .seed = 1, .every = 1h};
  if (octets > 0) settings.octets_min = settings.octets_max = octets;
  const Generator mail(settings);
  std::uint64_t index = 0, made = 0;
  for (auto _ : state) {
    const std::string message = mail.message(index++);
    made += message.size();
    benchmark::DoNotOptimize(message.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(made));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(generate, plain, "plain", "", 0);
BENCHMARK_CAPTURE(generate, plain_10kB, "plain", "", 10'000);
BENCHMARK_CAPTURE(generate, personal, "personal", "thunderbird", 0);
BENCHMARK_CAPTURE(generate, newsletter, "newsletter", "gmail", 0);
BENCHMARK_CAPTURE(generate, invoice, "invoice", "exchange", 0);
BENCHMARK_CAPTURE(generate, thread, "thread", "outlook", 0);
BENCHMARK_CAPTURE(generate, bounce, "bounce", "", 0);
BENCHMARK_CAPTURE(generate, signed_smime, "signed-smime", "", 0);
BENCHMARK_CAPTURE(generate, cjk, "cjk", "iphone", 0);
BENCHMARK_CAPTURE(generate, tnef, "tnef", "outlook", 0);
BENCHMARK_CAPTURE(generate, mixed, "mixed", "mixed", 0);
BENCHMARK_CAPTURE(generate, invoice_50MB, "invoice", "", 50'000'000);

/// What a server asks for when it lists a mailbox.
void sizes(benchmark::State& state, const char* profile) {
  const Generator mail({.profile = profile, .seed = 1});
  std::uint64_t index = 0;
  for (auto _ : state) benchmark::DoNotOptimize(mail.octets(index++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(sizes, plain, "plain");
BENCHMARK_CAPTURE(sizes, mixed, "mixed");

void compose_with_attachment(benchmark::State& state) {
  std::string octets(static_cast<std::size_t>(state.range(0)), '\0');
  Prng prng(1);
  for (char& c : octets) c = static_cast<char>(prng.below(256));
  Draft draft{
      .from = {{"Anna", "anna@zillum.test"}}, .to = {Address{"Bert", "bert@customer.test"}}, .subject = "Grüße"};
  draft.text = "Hello!\n";
  draft.attachments = {{.name = "a.bin", .content = Source::of(octets)}};
  std::int64_t written = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(compose(draft, {}, prng, [&](std::string_view piece) -> Status {
      written += static_cast<std::int64_t>(piece.size());
      return {};
    }));
  }
  state.SetBytesProcessed(written);
}
BENCHMARK(compose_with_attachment)->Arg(100)->Arg(10'000'000);

}  // namespace
}  // namespace mailrig::mime

BENCHMARK_MAIN();
