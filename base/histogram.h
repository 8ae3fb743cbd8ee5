#pragma once
/// Durations of one kind, kept exactly, asked for percentiles.
///
///   Histogram h;  h.add(3ms);  h.add(1ms);
///   h.percentile(50) == 1ms;   // nearest rank: the smallest value with at least p % of the values at or below it

#include <vector>

#include "base/time.h"

namespace mailrig {

class Histogram {
 public:
  void add(Duration value) {
    values_.push_back(value);
    sorted_ = false;
  }
  void merge(const Histogram& other);

  std::size_t count() const { return values_.size(); }
  /// Nearest rank; zero when there is no value. 0 < p <= 100.
  Duration percentile(double p) const;
  Duration max() const { return percentile(100); }
  /// In ascending order. A report shows them themselves where there are fewer than ten.
  const std::vector<Duration>& values() const;

 private:
  mutable std::vector<Duration> values_;
  mutable bool sorted_ = true;
};

}  // namespace mailrig
