#pragma once
/// Whether the cost of a reader grows in proportion to what it reads.
///
///   EXPECT_LT(growth(repeated("<(", 50'000), [](std::string_view text) { parse_address_list(text); }), growth_max);
///
/// Measured is the processor time of this thread, so other processes do not count, and of several rounds the quickest,
/// so an interrupted one does not count either.

#include <algorithm>
#include <ctime>
#include <string>
#include <string_view>

namespace mailrig::mime::testing {

/// `piece` again and again, at least `octets` long.
inline std::string repeated(std::string_view piece, std::size_t octets, std::string_view before = {}) {
  std::string text(before);
  text.reserve(octets + piece.size());
  while (text.size() < octets) text += piece;
  return text;
}

/// Seconds of this thread's processor time.
template <typename Work>
double cost(Work work) {
  const auto now = [] {
    std::timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double start = now();
  work();
  return now() - start;
}

/// How many times the cost of the first quarter of `text` the whole of it costs: about 4 where the cost is linear,
/// about 16 where it is quadratic, less than 4 where a limit cuts the work short.
template <typename Read>
double growth(std::string_view text, Read read) {
  constexpr int rounds = 5;
  const std::string quarter(text.substr(0, text.size() / 4));
  const std::string whole(text);
  double small = 1e9;
  double large = 1e9;
  for (int i = 0; i < rounds; ++i) {
    small = std::min(small, cost([&] { read(quarter); }));
    large = std::min(large, cost([&] { read(whole); }));
    // A reader that is this slow has failed already: five rounds of it would take minutes.
    if (large > 1) break;
  }
  constexpr double least = 2e-6;  // below it the clock is what would be measured
  return std::max(large, least) / std::max(small, least);
}

/// Halfway between linear and quadratic on a scale of factors.
inline constexpr double growth_max = 8;

}  // namespace mailrig::mime::testing
