#include "base/histogram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig {
namespace {

using ::testing::ElementsAre;

Histogram of(std::initializer_list<int> milliseconds) {
  Histogram h;
  for (int value : milliseconds) h.add(std::chrono::milliseconds{value});
  return h;
}

Histogram one_to(int n) {
  Histogram h;
  for (int i = n; i >= 1; --i) h.add(std::chrono::milliseconds{i});
  return h;
}

TEST(Histogram, IsZeroWithoutValues) {
  Histogram h;
  EXPECT_EQ(h.count(), 0U);
  EXPECT_EQ(h.percentile(50), 0ns);
  EXPECT_EQ(h.max(), 0ns);
  EXPECT_TRUE(h.values().empty());
}

TEST(Histogram, OneValueIsEveryPercentile) {
  Histogram h = of({7});
  for (double p : {0.1, 50.0, 99.0, 100.0}) EXPECT_EQ(h.percentile(p), 7ms) << p;
  EXPECT_EQ(h.max(), 7ms);
}

// The nearest-rank example that textbooks use: 15, 20, 35, 40, 50.
TEST(Histogram, PercentilesAreNearestRanks) {
  Histogram h = of({50, 20, 40, 15, 35});
  EXPECT_EQ(h.percentile(5), 15ms);
  EXPECT_EQ(h.percentile(20), 15ms);
  EXPECT_EQ(h.percentile(20.1), 20ms);
  EXPECT_EQ(h.percentile(30), 20ms);
  EXPECT_EQ(h.percentile(40), 20ms);
  EXPECT_EQ(h.percentile(50), 35ms);
  EXPECT_EQ(h.percentile(100), 50ms);
  EXPECT_EQ(h.max(), 50ms);
}

TEST(Histogram, WholePercentilesOfAHundredValuesAreTheirNumbers) {
  Histogram h = one_to(100);
  for (int p = 1; p <= 100; ++p) EXPECT_EQ(h.percentile(p), std::chrono::milliseconds{p}) << p;
}

TEST(Histogram, OddCountsRoundUp) {
  Histogram h = one_to(11);
  EXPECT_EQ(h.percentile(50), 6ms);
  EXPECT_EQ(h.percentile(90), 10ms);
  EXPECT_EQ(h.percentile(91), 11ms);
  EXPECT_EQ(one_to(10).percentile(90), 9ms);
  EXPECT_EQ(one_to(10).percentile(99), 10ms);
}

TEST(Histogram, ValuesAreInOrderAlsoAfterMore) {
  Histogram h = of({3, 1, 2});
  EXPECT_THAT(h.values(), ElementsAre(1ms, 2ms, 3ms));
  h.add(0ms);
  EXPECT_EQ(h.count(), 4U);
  EXPECT_THAT(h.values(), ElementsAre(0ms, 1ms, 2ms, 3ms));
  h.add(2ms);
  EXPECT_THAT(h.values(), ElementsAre(0ms, 1ms, 2ms, 2ms, 3ms));
}

TEST(Histogram, MergesWhatAnotherHolds) {
  Histogram h = of({3, 1});
  EXPECT_EQ(h.max(), 3ms);  // sorts
  h.merge(of({2, 5}));
  EXPECT_EQ(h.count(), 4U);
  EXPECT_THAT(h.values(), ElementsAre(1ms, 2ms, 3ms, 5ms));
  EXPECT_EQ(h.max(), 5ms);
  h.merge(Histogram{});
  EXPECT_EQ(h.count(), 4U);
  Histogram empty;
  empty.merge(of({9, 8}));
  EXPECT_THAT(empty.values(), ElementsAre(8ms, 9ms));
}

}  // namespace
}  // namespace mailrig
