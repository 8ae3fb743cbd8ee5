#include "cli/mail/mail.h"

#include <CLI/CLI.hpp>

#include "cli/commands.h"

namespace mailrig::cli {

void add_mail(CLI::App& app, Program& program) {
  CLI::App* mail = app.add_subcommand("mail", "Read, check and make messages in files");
  mail->require_subcommand(1);
  add_mail_commands(*mail, program);
}

void add_mail_commands(CLI::App& mail, Program& program) {
  add_mail_parse(mail, program);
  add_mail_show(mail, program);
  add_mail_lint(mail, program);
  add_mail_compose(mail, program);
  add_mail_generate(mail, program);
  add_mail_damage(mail, program);
}

}  // namespace mailrig::cli
