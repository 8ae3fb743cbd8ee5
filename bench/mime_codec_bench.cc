// How fast bodies are decoded, and how fast their lines are found: against memcpy and the C library's memchr, and each
// vectorised function against its scalar twin.
//
//   build/release/bench/mime_codec_bench

#include <benchmark/benchmark.h>

#include <cstring>
#include <string>

#include "base/prng.h"
#include "mime/message/coding/base64.h"
#include "mime/message/coding/charset.h"
#include "mime/message/coding/quoted_printable.h"
#include "mime/message/coding/scan.h"

namespace mailrig::mime {
namespace {

constexpr std::size_t octets_max = 4 << 20;  // well over the caches of one core

std::string random_octets() {
  Prng prng(1);
  std::string octets;
  while (octets.size() < octets_max) octets += static_cast<char>(prng.below(256));
  return octets;
}

std::string base64_text() {
  Base64Encoder encoder;
  std::string text;
  encoder.feed(random_octets(), text);
  encoder.finish(text);
  return text;
}

/// Lines of about 70 characters, with an escape every `every` characters.
std::string quoted_printable_text(std::uint64_t every) {
  Prng prng(2);
  std::string text;
  while (text.size() < octets_max) {
    if (prng.below(every) == 0)
      text += "\xC3\xBC";
    else
      text += prng.below(70) == 0 ? '\n' : static_cast<char>('a' + prng.below(26));
  }
  return to_quoted_printable(text);
}

Simd simd_of(const benchmark::State& state) { return state.range(0) == 0 ? Simd::scalar : best_simd(); }

void count_octets(benchmark::State& state, std::size_t octets) {
  state.SetBytesProcessed(static_cast<std::int64_t>(octets) * state.iterations());
}

void copy(benchmark::State& state) {
  const std::string text = base64_text();
  std::string out(text.size(), '\0');
  for (auto _ : state) {
    std::memcpy(out.data(), text.data(), text.size());
    benchmark::ClobberMemory();
  }
  count_octets(state, text.size());
}
BENCHMARK(copy);

void base64_decode(benchmark::State& state) {
  const std::string text = base64_text();
  std::string out(Base64Decoder::room_for(text.size()), '\0');
  for (auto _ : state) {
    Base64Decoder decoder(simd_of(state));
    benchmark::DoNotOptimize(decoder.feed(text, out.data()));
    benchmark::ClobberMemory();
  }
  count_octets(state, text.size());
}
BENCHMARK(base64_decode)->ArgName("simd")->Arg(0)->Arg(1);

void base64_encode(benchmark::State& state) {
  const std::string octets = random_octets();
  std::string text;
  for (auto _ : state) {
    text.clear();
    Base64Encoder encoder;
    encoder.feed(octets, text);
    encoder.finish(text);
    benchmark::DoNotOptimize(text.data());
  }
  count_octets(state, octets.size());
}
BENCHMARK(base64_encode);

void quoted_printable_decode(benchmark::State& state) {
  const std::string text = quoted_printable_text(static_cast<std::uint64_t>(state.range(1)));
  std::string out;
  for (auto _ : state) {
    out.clear();
    QuotedPrintableDecoder decoder(simd_of(state));
    decoder.feed(text, out);
    decoder.finish(out);
    benchmark::DoNotOptimize(out.data());
  }
  count_octets(state, text.size());
}
BENCHMARK(quoted_printable_decode)
    ->ArgNames({"simd", "escape_every"})
    ->Args({0, 30})
    ->Args({1, 30})
    ->Args({1, 300})
    ->Args({1, 2});

void every_newline_by_memchr(benchmark::State& state) {
  const std::string text = base64_text();
  for (auto _ : state) {
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size(); at = next_line(text, at)) ++lines;
    benchmark::DoNotOptimize(lines);
  }
  count_octets(state, text.size());
}
BENCHMARK(every_newline_by_memchr);

void boundary_line(benchmark::State& state) {
  const std::string text = base64_text();
  for (auto _ : state) benchmark::DoNotOptimize(find_boundary_line(text, 0, simd_of(state)));
  count_octets(state, text.size());
}
BENCHMARK(boundary_line)->ArgName("simd")->Arg(0)->Arg(1);

void survey_octets(benchmark::State& state) {
  const std::string text = base64_text();
  for (auto _ : state) benchmark::DoNotOptimize(survey(text, simd_of(state)).lines);
  count_octets(state, text.size());
}
BENCHMARK(survey_octets)->ArgName("simd")->Arg(0)->Arg(1);

void charset_to_utf8(benchmark::State& state, const char* charset, const char* letter) {
  std::string text;
  while (text.size() < octets_max / 4) text += std::string("a few plain words and ") + letter + " once in a while. ";
  Charsets charsets;
  for (auto _ : state) benchmark::DoNotOptimize(charsets.to_utf8(text, charset).size());
  count_octets(state, text.size());
}
BENCHMARK_CAPTURE(charset_to_utf8, ascii, "us-ascii", "u");
BENCHMARK_CAPTURE(charset_to_utf8, utf8, "utf-8", "\xC3\xBC");
BENCHMARK_CAPTURE(charset_to_utf8, latin1, "iso-8859-1", "\xFC");
BENCHMARK_CAPTURE(charset_to_utf8, iso2022jp, "iso-2022-jp", "\x1B$B8@8l\x1B(B");

}  // namespace
}  // namespace mailrig::mime

BENCHMARK_MAIN();
