#pragma once
/// The command that repeats a run, ready for a POSIX shell.
///
///   outcome.replay = replay_command(options, outcome);

#include <string>
#include <string_view>

#include "base/outcome.h"
#include "scenarios/run/runner.h"

namespace mailrig::scenarios {

/// The one command that plays this again: "mailrig run 'suite/x.json' --filter 'gmail/locks[captcha]' --world sim
/// --seed 7", then RunOptions::more_options. A POSIX shell takes it as it is.
std::string replay_command(const RunOptions& options, const Outcome& outcome);
/// One word of a POSIX shell, whatever it holds.
std::string shell_word(std::string_view text);
/// The same of a file name, which is not taken for an option.
std::string file_word(std::string_view file);

}  // namespace mailrig::scenarios
