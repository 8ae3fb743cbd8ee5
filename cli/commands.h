#pragma once
/// All subcommands; a new one is a line here, a line in commands.cc and a file of its own.

#include "cli/program.h"

namespace mailrig::cli {

void add_fetch(CLI::App& app, Program& program);
void add_send(CLI::App& app, Program& program);
void add_version(CLI::App& app, Program& program);

/// In the order in which --help lists them.
void add_commands(CLI::App& app, Program& program);

}  // namespace mailrig::cli
