#include "cli/run/worker.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "cli/run/outcome_wire.h"

namespace mailrig::cli {
namespace {

bool write_all(int socket, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int socket, void* to, std::size_t octets) {
  char* at = static_cast<char*>(to);
  while (octets > 0) {
    const ssize_t got = ::recv(socket, at, octets, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    octets -= static_cast<std::size_t>(got);
  }
  return true;
}

/// The life of the other process: ends when its parent closes the socket.
[[noreturn]] void work(int socket, const Worker::Play& play, SharedTail& tail) {
  std::size_t job = 0;
  while (read_all(socket, &job, sizeof job)) {
    tail.forget();
    const std::string outcome = encode_outcome(play(job, tail));
    const std::size_t octets = outcome.size();
    std::string frame(reinterpret_cast<const char*>(&octets), sizeof octets);
    frame += outcome;
    if (!write_all(socket, frame)) break;
  }
  ::_exit(0);  // what the parent has in its buffers is the parent's to write
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::start(const Play& play, std::span<const std::unique_ptr<Worker>> others) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return Error{Errc::environment, fmt::format("no socket for a process of its own: {}", std::strerror(errno))};
  auto tail = std::make_unique<SharedTail>();
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process < 0) {
    const int number = errno;
    ::close(ends[0]);
    ::close(ends[1]);
    return Error{Errc::environment, fmt::format("no process can be started: {}", std::strerror(number))};
  }
  if (process > 0) {
    ::close(ends[1]);
    return std::unique_ptr<Worker>(new Worker(process, ends[0], std::move(tail)));
  }
  ::close(ends[0]);
  for (const std::unique_ptr<Worker>& other : others)
    if (other) ::close(other->socket_);
  // A terminal sends Ctrl-C to both; the parent says what becomes of the job.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_IGN);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // it died before we said so
  work(ends[1], play, *tail);
}

Worker::~Worker() {
  ::close(socket_);
  if (process_ <= 0) return;
  kill();
  static_cast<void>(wait_for_end());
}

void Worker::begin(std::size_t job) {
  job_ = job;
  // A worker that is gone cannot be told; read() then says how it ended.
  static_cast<void>(write_all(socket_, {reinterpret_cast<const char*>(&job), sizeof job}));
}

Duration Worker::processor_time() const {
  clockid_t clock{};
  timespec used{};
  if (process_ <= 0 || ::clock_getcpuclockid(process_, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void Worker::kill() const {
  if (process_ > 0) ::kill(process_, SIGKILL);
}

std::string Worker::wait_for_end() {
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  process_ = -1;
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return fmt::format("SIG{} ({})", name == nullptr ? std::to_string(WTERMSIG(status)) : name,
                       ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

Worker::News Worker::read() {
  News news;
  char octets[64 * 1024];
  for (;;) {
    const ssize_t got = ::recv(socket_, octets, sizeof octets, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) {
      news.death = wait_for_end();
      break;
    }
    received_.append(octets, static_cast<std::size_t>(got));
  }
  std::size_t length = 0;
  if (received_.size() < sizeof length) return news;
  std::memcpy(&length, received_.data(), sizeof length);
  if (received_.size() - sizeof length < length) return news;
  news.outcome = decode_outcome(std::string_view(received_).substr(sizeof length, length));
  received_.clear();
  if (news.outcome) job_.reset();
  return news;
}

}  // namespace mailrig::cli
