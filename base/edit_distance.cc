#include "base/edit_distance.h"

#include <algorithm>
#include <utility>

namespace mailrig {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

std::vector<std::string_view> nearest_names(std::string_view word, std::span<const std::string_view> candidates,
                                            std::size_t most) {
  // No longer than what is told apart at a glance: the distance costs the product of both lengths.
  constexpr std::size_t compared_max = 80;
  word = word.substr(0, compared_max);
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  ranked.reserve(candidates.size());
  for (std::string_view candidate : candidates)
    ranked.emplace_back(edit_distance(word, candidate.substr(0, compared_max)), candidate);
  std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, std::string_view>::first);
  ranked.resize(std::min(ranked.size(), most));
  std::vector<std::string_view> names;
  names.reserve(ranked.size());
  for (const auto& [distance, name] : ranked) names.push_back(name);
  return names;
}

}  // namespace mailrig
