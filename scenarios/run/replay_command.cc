#include "scenarios/run/replay_command.h"

#include <fmt/format.h>

namespace mailrig::scenarios {

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string word = "'";
  for (char c : text) {
    if (c == '\'')
      word += "'\\''";
    else
      word += c;
  }
  return word + "'";
}

std::string file_word(std::string_view file) {
  return shell_word(file.starts_with('-') ? fmt::format("./{}", file) : std::string(file));
}

std::string replay_command(const RunOptions& options, const Outcome& outcome) {
  std::string command = fmt::format("{} {} --filter {} --world {} --seed {}", options.program, file_word(outcome.file),
                                    shell_word(outcome.id), to_string(outcome.world), options.seed);
  // The repeat number is part of the scenario's seed: to come to the third, three are run.
  if (outcome.repeat > 0) command += fmt::format(" --repeat {}", outcome.repeat + 1);
  return command + options.more_options;
}

}  // namespace mailrig::scenarios
