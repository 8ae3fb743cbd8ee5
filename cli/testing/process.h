#pragma once
/// Other programs, as children of a test: run to their end, or kept until the test is over. Only they are ever stopped,
/// each by its own number.
///
///   Ran ran = run({"/usr/bin/true"});
///   Child daemon({"/usr/sbin/dovecot", "-F", "-c", conf}, scratch / "out");

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

namespace mailrig::cli::testing {

/// Far longer than anything here takes, or is silent, under a sanitizer on a loaded machine.
inline constexpr std::chrono::milliseconds process_patience{600'000};

/// What a child reads: nothing, or what say() tells it.
enum class Stdin { nothing, kept };

class Child {
 public:
  /// Output goes to the file `log`.
  Child(const std::vector<std::string>& command, const std::string& log, Stdin input = Stdin::nothing)
      : Child(command, open_log(log), -1, input) {}
  /// Output goes to these descriptors, which are closed here.
  Child(const std::vector<std::string>& command, int out, int err, Stdin input = Stdin::nothing) {
    int in[2] = {-1, -1};
    if (input == Stdin::kept && ::pipe2(in, O_CLOEXEC) != 0) in[0] = in[1] = -1;
    std::vector<char*> words;
    words.reserve(command.size() + 1);
    for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      ::dup2(in[0] >= 0 ? in[0] : ::open("/dev/null", O_RDONLY), 0);
      ::dup2(out, 1);
      ::dup2(err < 0 ? out : err, 2);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    ::close(out);
    if (err >= 0) ::close(err);
    if (in[0] >= 0) ::close(in[0]);
    in_ = in[1];
    watch_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  }
  ~Child() {
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      if (wait(std::chrono::milliseconds(10'000)) < 0) {
        ::kill(pid_, SIGKILL);
        wait(process_patience);
      }
    }
    if (watch_ >= 0) ::close(watch_);
    if (in_ >= 0) ::close(in_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its exit code, 128 and the number of the signal that ended it, or -1 when it still runs.
  int wait(std::chrono::milliseconds patience) {
    if (pid_ <= 0) return code_;
    pollfd ended{watch_, POLLIN, 0};
    if (::poll(&ended, 1, static_cast<int>(patience.count())) <= 0) return -1;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_) return -1;
    pid_ = -1;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return code_;
  }
  void kill(int signal) const {
    if (pid_ > 0) ::kill(pid_, signal);
  }
  void say(const std::string& line) const {
    if (::write(in_, line.data(), line.size()) < 0) ADD_FAILURE() << "the child does not listen";
  }
  bool runs() { return wait(std::chrono::milliseconds(0)) < 0; }

 private:
  static int open_log(const std::string& path) {
    return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }

  pid_t pid_ = -1;
  int watch_ = -1;
  int in_ = -1;
  int code_ = -1;
};

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

inline Ran run(const std::vector<std::string>& command) {
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) return {};
  Child child(command, out[1], err[1]);
  Ran ran;
  pollfd both[2] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}};
  std::string* texts[2] = {&ran.out, &ran.err};
  while (both[0].fd >= 0 || both[1].fd >= 0) {
    if (::poll(both, 2, static_cast<int>(process_patience.count())) <= 0) break;
    for (int i = 0; i < 2; ++i) {
      if (both[i].fd < 0 || both[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t octets = ::read(both[i].fd, buffer, sizeof buffer);
      if (octets > 0)
        texts[i]->append(buffer, static_cast<std::size_t>(octets));
      else
        both[i].fd = -1;
    }
  }
  ran.code = child.wait(process_patience);
  ::close(out[0]);
  ::close(err[0]);
  return ran;
}

inline std::string to_text(const Ran& ran) {
  return "exit code " + std::to_string(ran.code) + "\nout: " + ran.out + "\nerr: " + ran.err;
}

}  // namespace mailrig::cli::testing
