#include "base/histogram.h"

#include <algorithm>
#include <cmath>

namespace mailrig {

void Histogram::merge(const Histogram& other) {
  values_.insert(values_.end(), other.values_.begin(), other.values_.end());
  sorted_ = values_.empty();
}

Duration Histogram::percentile(double p) const {
  const std::vector<Duration>& all = values();
  if (all.empty()) return Duration::zero();
  // Multiplied first: 55 % of 100 is 55, but 0.55 * 100 is a little more, and its ceiling 56.
  double rank = std::ceil(p * static_cast<double>(all.size()) / 100.0);
  auto index = static_cast<std::size_t>(std::clamp(rank, 1.0, static_cast<double>(all.size()))) - 1;
  return all[index];
}

const std::vector<Duration>& Histogram::values() const {
  if (!sorted_) {
    std::sort(values_.begin(), values_.end());
    sorted_ = true;
  }
  return values_;
}

}  // namespace mailrig
