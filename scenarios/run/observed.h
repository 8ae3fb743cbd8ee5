#pragma once

#include <string_view>

#include "base/value.h"

namespace mailrig::scenarios {

/// The entry of what a server observed, made; null where there is none.
inline Value entry(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found == nullptr ? Value() : found->made();
}

}  // namespace mailrig::scenarios
