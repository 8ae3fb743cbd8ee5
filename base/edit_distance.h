#pragma once
/// How near two names are, and which of many are nearest to one that was mistyped.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace mailrig {

/// Changes of one character; two neighbours in the wrong order are one change too. Costs the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The `most` candidates nearest to `word`, the nearest first; of equally near ones the first.
std::vector<std::string_view> nearest_names(std::string_view word, std::span<const std::string_view> candidates,
                                            std::size_t most);

}  // namespace mailrig
