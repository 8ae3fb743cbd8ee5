#include "cli/mail.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace mailrig::cli {

void add_mail(CLI::App& app, Program& program) {
  CLI::App* mail = app.add_subcommand("mail", "Read, check and make messages in files");
  mail->require_subcommand(1);
  add_mail_commands(*mail, program);
}

void add_mail_commands([[maybe_unused]] CLI::App& mail, [[maybe_unused]] Program& program) {}

}  // namespace mailrig::cli
