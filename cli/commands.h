#pragma once
/// All subcommands; a new one is a line here, a line in commands.cc and a file of its own.

#include "cli/program.h"

namespace mailrig::cli {

void add_capabilities(CLI::App& app, Program& program);
void add_check(CLI::App& app, Program& program);
void add_explain(CLI::App& app, Program& program);
void add_fetch(CLI::App& app, Program& program);
void add_list(CLI::App& app, Program& program);
void add_mail(CLI::App& app, Program& program);
void add_manual(CLI::App& app, Program& program);
void add_new(CLI::App& app, Program& program);
void add_report(CLI::App& app, Program& program);
void add_run(CLI::App& app, Program& program);
void add_send(CLI::App& app, Program& program);
void add_serve(CLI::App& app, Program& program);
void add_suite(CLI::App& app, Program& program);
void add_version(CLI::App& app, Program& program);

/// In the order in which --help lists them.
void add_commands(CLI::App& app, Program& program);

}  // namespace mailrig::cli
