#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/direct_connection.h"
#include "cli/mail/mail.h"
#include "cli/mail/mail_files.h"
#include "json/json_writer.h"
#include "mime/message/facts/message_json.h"
#include "mime/message/facts/outline.h"

namespace mailrig::cli {
namespace {

struct ParseOptions {
  std::vector<std::string> files;
  bool json = false;
  bool text = false;
};

void print_json(const std::string& file, std::string_view text, const ParseOptions& options, Program& program) {
  const bool one_of_several = options.files.size() > 1;
  const Value read = mime::to_value(text, {}, options.text);
  Value reading = Value::map();
  if (one_of_several) reading.set("file", file);
  for (const auto& [key, value] : read.entries()) reading.set(key, value);
  fmt::print(program.out, "{}", one_of_several ? scenarios::write_json_line(reading) : scenarios::write_json(reading));
}

ExitCode parse(const ParseOptions& options, Program& program) {
  ExitCode code = ExitCode::done;
  for (const std::string& file : options.files) {
    Result<std::string> text = read_mail(file);
    if (!text) {
      tell(program, "mail parse", text.error());
      code = worse(code, exit_code_of(text.error()));
      continue;
    }
    const std::string sent = as_sent(*std::move(text));
    if (options.json)
      print_json(file, sent, options, program);
    else
      fmt::print(program.out, "{}{}:\n{}", &file == options.files.data() ? "" : "\n", mail_name(file),
                 mime::outline_of(sent));
  }
  return code;
}

}  // namespace

void add_mail_parse(CLI::App& mail, Program& program) {
  auto options = std::make_shared<ParseOptions>();
  CLI::App* command = mail.add_subcommand("parse", "Show what a message is made of");
  command->add_option("FILE", options->files, "messages; - is standard input")->required();
  command->add_flag("--json", options->json, "JSON for programs; of several files one object a line");
  command->add_flag("--text", options->text, "with --json: the text of every text part too, as UTF-8");
  command->callback([options, &program] { program.run = [options, &program] { return parse(*options, program); }; });
}

}  // namespace mailrig::cli
