#pragma once
/// Everything that a session may know of its surroundings, passed and never global. Nothing below main() asks the
/// machine.

#include "base/prng.h"
#include "net/clock.h"
#include "net/loop.h"
#include "net/network.h"
#include "net/transcript.h"

namespace mailrig {

struct World {
  Loop& loop;
  Clock& clock;
  Calendar& calendar;
  Network& network;
  Prng& prng;
  Transcript& transcript;
};

}  // namespace mailrig
