#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/mail.h"
#include "cli/mail_files.h"
#include "cli/online.h"
#include "mime/examine.h"

namespace mailrig::cli {
namespace {

/// file:line:column: SEVERITY code: what it is; what was made of it (clause)
void print_defect(const std::string& name, Place place, const mime::Defect& defect, Program& program) {
  const mime::DefectKind& kind = mime::kind_of(defect.code);
  fmt::print(program.out, "{}:{}:{}: {} {}: {}; {} ({})\n", name, place.line, place.column,
             mime::to_string(kind.severity), kind.name, kind.meaning, defect.done, kind.clause);
}

/// `failed` when the sender broke a MUST.
ExitCode lint_file(const std::string& file, Program& program) {
  Result<std::string> read = read_mail(file);
  if (!read) {
    tell(program, "mail lint", read.error());
    return exit_code_of(read.error());
  }
  const std::string text = as_sent(std::move(*read));
  const mime::Message message = mime::parse(text);
  const mime::Defects defects = mime::examine(message);
  Places places(text);
  for (const mime::Defect& defect : defects.list())
    print_defect(mail_name(file), places.at(defect.offset), defect, program);
  if (defects.left_out() > 0)
    fmt::print(program.out, "{}: {} more are left out\n", mail_name(file), defects.left_out());
  for (const mime::DefectKind& kind : mime::defect_kinds())
    if (kind.severity == mime::Severity::must && defects.has(kind.code)) return ExitCode::failed;
  return ExitCode::done;
}

}  // namespace

void add_mail_lint(CLI::App& mail, Program& program) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command = mail.add_subcommand("lint", "Say where messages break the standards; exits with 1 on a MUST");
  command->add_option("FILE", *files, "messages; - is standard input")->required();
  command->callback([files, &program] {
    program.run = [files, &program] {
      ExitCode code = ExitCode::done;
      for (const std::string& file : *files) code = worse(code, lint_file(file, program));
      return code;
    };
  });
}

}  // namespace mailrig::cli
