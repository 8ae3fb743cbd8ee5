#pragma once
/// `mailrig mail ...`: messages in files, by hand. A new subcommand is a line here, a line in mail.cc and a file of its
/// own, cli/mail_NAME.cc.

#include "cli/program.h"

namespace mailrig::cli {

void add_mail_lint(CLI::App& mail, Program& program);
void add_mail_compose(CLI::App& mail, Program& program);
void add_mail_generate(CLI::App& mail, Program& program);
void add_mail_damage(CLI::App& mail, Program& program);
void add_mail_parse(CLI::App& mail, Program& program);
void add_mail_show(CLI::App& mail, Program& program);

/// In the order in which `mailrig mail --help` lists them.
void add_mail_commands(CLI::App& mail, Program& program);

}  // namespace mailrig::cli
