#include "cli/stop_request.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace mailrig::cli {
namespace {

std::atomic<int> caught = 0;
std::atomic<int> told = -1;  // the writing end of the pipe
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may use no lock");

void on_signal(int signal) {
  const int kept = errno;
  caught = signal;
  // The pipe is never read, so what it says stays true; when it is full it has been said.
  const ssize_t written = ::write(told, "!", 1);
  static_cast<void>(written);
  errno = kept;
}

}  // namespace

StopRequest::StopRequest() {
  caught = 0;
  if (::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0) ends_[0] = ends_[1] = -1;
  told = ends_[1];
  struct sigaction action = {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, &before_int_);
  ::sigaction(SIGTERM, &action, &before_term_);
}

StopRequest::~StopRequest() {
  ::sigaction(SIGINT, &before_int_, nullptr);
  ::sigaction(SIGTERM, &before_term_, nullptr);
  told = -1;
  for (int end : ends_)
    if (end >= 0) ::close(end);
}

int StopRequest::signal() const { return caught; }

const char* signal_name(int signal) { return signal == SIGTERM ? "SIGTERM" : "SIGINT"; }

ExitCode exit_code_of_signal(int signal) { return signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted; }

}  // namespace mailrig::cli
