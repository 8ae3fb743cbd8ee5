#pragma once
/// What a shell learns of a run. Documented for users in README.md and by `mailrig --help`.
///
///   ExitCode worst = worse(ExitCode::failed, ExitCode::environment);   // environment: it ranks higher

#include <cstdint>

namespace mailrig::cli {

enum class ExitCode : std::uint8_t {
  done = 0,              // all passed; all was fetched or sent
  failed = 1,            // something failed or hung; the server or its certificate said no; something was left behind
  usage = 2,             // wrong usage, or nothing was selected
  invalid_scenario = 3,  // a scenario file is invalid (the others still ran)
  environment = 4,       // a port, a file or a peer was not there
  threshold = 5,         // a --threshold broke
  internal = 70,         // a fault of mailrig itself (EX_SOFTWARE of sysexits.h)
  interrupted = 130,     // ended by SIGINT; what was done until then is reported and kept
  terminated = 143,      // the same by SIGTERM
};

/// What a run ends with when both happened: 70, then 130 and 143, then 3, 4, 1, 5. Wrong usage is found before anything
/// runs, so it wins over all but an internal fault and a signal.
constexpr ExitCode worse(ExitCode a, ExitCode b) {
  constexpr ExitCode by_rank[] = {ExitCode::internal, ExitCode::interrupted,      ExitCode::terminated,
                                  ExitCode::usage,    ExitCode::invalid_scenario, ExitCode::environment,
                                  ExitCode::failed,   ExitCode::threshold};
  for (ExitCode code : by_rank)
    if (a == code || b == code) return code;
  return ExitCode::done;
}

}  // namespace mailrig::cli
