#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/direct_connection.h"
#include "cli/mail/mail.h"
#include "cli/mail/mail_draft.h"
#include "cli/mail/mail_files.h"
#include "cli/mail/mail_output.h"

namespace mailrig::cli {
namespace {

struct ComposeOptions {
  std::string file;
  std::string to;
  std::optional<std::uint64_t> seed;
};

ExitCode compose(const ComposeOptions& options, Program& program) {
  const Result<std::string> contents = read_mail(options.file);
  if (!contents) {
    tell(program, "mail compose", contents.error());
    return exit_code_of(contents.error());
  }
  DraftFile file = read_draft(options.file, *contents);
  for (const scenarios::Diagnostic& diagnostic : file.diagnostics) fmt::print(program.err, "{}\n", to_text(diagnostic));
  if (!file.draft) return ExitCode::invalid_scenario;
  // What the file leaves open comes from the system: the date, and chance.
  DirectConnection online(program);
  if (!file.dated) file.draft->date = online.world().calendar.now();
  const std::optional<std::uint64_t> seed = options.seed ? options.seed : file.seed;
  Prng prng = seed ? Prng(*seed) : online.world().prng.fork("mail compose");
  MailOutput output(program, options.to);
  const auto composed =
      mime::compose(*file.draft, file.transport, prng, [&](std::string_view octets) { return output.write(octets); });
  const Status finished = composed ? output.finish() : composed.error();
  if (finished) return ExitCode::done;
  tell(program, "mail compose", finished.error());
  return finished.error().code == Errc::bad_input ? ExitCode::invalid_scenario : exit_code_of(finished.error());
}

}  // namespace

void add_mail_compose(CLI::App& mail, Program& program) {
  auto options = std::make_shared<ComposeOptions>();
  CLI::App* command = mail.add_subcommand("compose", "Write a message from its description in JSON (docs/mail.md)");
  command->add_option("SPEC.json", options->file, "what the message says; - is standard input")->required();
  command->add_option("--to", options->to, "Write it into this file")->type_name("FILE");
  command->add_option("--seed", options->seed, "Of boundaries and Message-ID: same seed and date, same bytes");
  command->callback([options, &program] { program.run = [options, &program] { return compose(*options, program); }; });
}

}  // namespace mailrig::cli
