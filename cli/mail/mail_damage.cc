#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/text.h"
#include "cli/direct_connection.h"
#include "cli/mail/mail.h"
#include "cli/mail/mail_files.h"
#include "cli/mail/mail_output.h"
#include "mime/damage/damage.h"

namespace mailrig::cli {
namespace {

struct DamageOptions {
  std::vector<std::string> words;  // operators, and the file last
  std::string to;
  std::uint64_t seed = 1;
  bool list = false;
};

void list_operators(Program& program) {
  for (const mime::DamageOperator& row : mime::damage_operators()) {
    const mime::DefectKind& kind = mime::kind_of(row.code);
    fmt::print(program.out, "{:34} {} ({}, {})", row.name, kind.meaning, mime::to_string(kind.severity), kind.clause);
    for (mime::DefectCode also : row.also) fmt::print(program.out, "; brings {} along", mime::kind_of(also).name);
    fmt::print(program.out, "\n");
  }
}

Result<std::vector<const mime::DamageOperator*>> operators_of(std::span<const std::string> names) {
  std::vector<const mime::DamageOperator*> operators;
  for (const std::string& name : names) {
    const mime::DamageOperator* found = mime::find_damage(name);
    if (found == nullptr) {
      const std::string_view meant = nearest(name, mime::damage_names());
      return Error{Errc::bad_input,
                   fmt::format("nothing is known that does \"{}\"{}; `mailrig mail damage --list` says "
                               "what is",
                               printable(name), meant.empty() ? "" : fmt::format(", did you mean {}?", meant))};
    }
    operators.push_back(found);
  }
  return operators;
}

Status damage_file(const DamageOptions& options, Program& program) {
  if (options.words.size() < 2)
    return Error{Errc::bad_input,
                 "it takes one operator or more, and a file: mailrig mail damage no-final-boundary x.eml"};
  const auto operators = operators_of(std::span(options.words).first(options.words.size() - 1));
  if (!operators) return operators.error();
  Result<std::string> text = read_mail(options.words.back());
  if (!text) return text.error();
  const mime::Damaged damaged = mime::damage(as_sent(std::move(*text)), *operators, options.seed);
  for (const mime::DamageDone& done : damaged.report)
    fmt::print(program.err, "{}", escape_controls(mime::to_string(done), "\n\t"));
  MailOutput output(program, options.to);
  if (Status written = output.write(damaged.message); !written) return written;
  return output.finish();
}

ExitCode damage(const DamageOptions& options, Program& program) {
  if (options.list) {
    list_operators(program);
    return ExitCode::done;
  }
  const Status done = damage_file(options, program);
  if (done) return ExitCode::done;
  tell(program, "mail damage", done.error());
  return exit_code_of(done.error());
}

}  // namespace

void add_mail_damage(CLI::App& mail, Program& program) {
  auto options = std::make_shared<DamageOptions>();
  CLI::App* command = mail.add_subcommand("damage", "Break a message in ways that have names");
  command->add_option("OP... FILE", options->words,
                      "what to do to it, in this order, and the message; - is standard input");
  command->add_flag("--list", options->list, "Say what can be done to a message");
  command->add_option("--to", options->to, "Write it into this file")->type_name("FILE");
  command->add_option("--seed", options->seed, "Where it is done is drawn: same seed, same place")
      ->capture_default_str();
  command->callback([options, &program] { program.run = [options, &program] { return damage(*options, program); }; });
}

}  // namespace mailrig::cli
