#pragma once
/// SIGINT and SIGTERM as something to ask for, while a command has to write down what it has.
///
///   StopRequest stop;
///   poll(stop.descriptor()) ...          // readable once a signal has come
///   stop.signal()                        // SIGINT, SIGTERM; 0: none so far
///
/// One at a time. The signals end the process again once it is gone.

#include <csignal>

#include "cli/exit_code.h"

namespace mailrig::cli {

class StopRequest {
 public:
  StopRequest();
  ~StopRequest();
  StopRequest(const StopRequest&) = delete;
  StopRequest& operator=(const StopRequest&) = delete;

  int descriptor() const { return ends_[0]; }
  int signal() const;

 private:
  int ends_[2] = {-1, -1};
  struct sigaction before_int_ = {};
  struct sigaction before_term_ = {};
};

/// "SIGINT", "SIGTERM"
const char* signal_name(int signal);
/// 130 for SIGINT, 143 for SIGTERM, as shells count.
ExitCode exit_code_of_signal(int signal);

}  // namespace mailrig::cli
