#include "cli/commands.h"

namespace mailrig::cli {

void add_commands(CLI::App& app, Program& program) {
  add_fetch(app, program);
  add_send(app, program);
  add_version(app, program);
}

}  // namespace mailrig::cli
