#include "cli/commands.h"

namespace mailrig::cli {

void add_commands(CLI::App& app, Program& program) {
  add_run(app, program);
  add_check(app, program);
  add_explain(app, program);
  add_list(app, program);
  add_new(app, program);
  add_report(app, program);
  add_serve(app, program);
  add_fetch(app, program);
  add_send(app, program);
  add_mail(app, program);
  add_suite(app, program);
  add_capabilities(app, program);
  add_manual(app, program);
  add_version(app, program);
}

}  // namespace mailrig::cli
