#include "mime/damage/damage.h"
#include "mime/fuzz/fuzz.h"

using namespace mailrig::mime;        // NOLINT(google-build-using-namespace): a program of one function
using namespace mailrig::mime::fuzz;  // NOLINT(google-build-using-namespace)

/// Two octets say which operators, the rest is the message.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  constexpr std::size_t chosen = 2;
  if (size < chosen) return 0;
  std::vector<const DamageOperator*> operators;
  for (std::size_t i = 0; i < chosen; ++i)
    operators.push_back(&damage_operators()[data[i] % damage_operators().size()]);
  const std::string message(reinterpret_cast<const char*>(data) + chosen, size - chosen);
  const Damaged damaged = damage(message, operators, data[0]);
  check(undo(damaged) == message, "damage that cannot be undone");
  check(damaged.message.size() <= size + chosen * damage_octets_max, "more damage than the limit");
  return 0;
}
