#include "net/loop.h"

#include "net/suspend.h"

namespace mailrig {

Task<void> Signal::wait() {
  return suspend_with([this](std::unique_ptr<Resumption> resumption) { waiting_.push_back(std::move(resumption)); });
}

void Signal::notify_all() {
  std::vector<std::unique_ptr<Resumption>> woken;
  woken.swap(waiting_);
  for (auto& resumption : woken) resumption->resume();
}

}  // namespace mailrig
