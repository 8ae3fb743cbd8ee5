#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/mail.h"
#include "cli/mail_files.h"
#include "cli/online.h"
#include "mime/body.h"

namespace mailrig::cli {
namespace {

struct ShowOptions {
  std::string file;
  std::string part;
  bool decode = false;
};

/// "1, 2.1 and 2.2"
std::string paths_of(const mime::Message& message) {
  std::vector<std::string_view> paths;
  for (const mime::Part& part : message.parts())
    if (part.kind != mime::Part::Kind::multipart) paths.push_back(part.path);
  return join_words(paths);
}

ExitCode show(const ShowOptions& options, Program& program) {
  Result<std::string> text = read_mail(options.file);
  if (!text) {
    tell(program, "mail show", text.error());
    return exit_code_of(text.error());
  }
  const mime::Message message = mime::parse(*text);
  const mime::Part* part = message.find(options.part);
  if (part == nullptr) {
    fmt::print(program.err, "mailrig mail show: {} has no part {}; it has {}\n", mail_name(options.file),
               printable(options.part), paths_of(message));
    return ExitCode::usage;
  }
  auto write = [&program](std::string_view octets) {
    program.out.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  };
  if (options.decode)
    mime::decode_body(message, *part, write);
  else
    write(message.whole(*part));
  return ExitCode::done;
}

}  // namespace

void add_mail_show(CLI::App& mail, Program& program) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = mail.add_subcommand("show", "Write one part of a message, byte for byte");
  command->add_option("FILE", options->file, "a message; - is standard input")->required();
  command->add_option("--part", options->part, "its number, as `mailrig mail parse` tells it: 1, 2.1 ...")->required();
  command->add_flag("--decode", options->decode, "its body alone, out of base64 or quoted-printable");
  command->callback([options, &program] { program.run = [options, &program] { return show(*options, program); }; });
}

}  // namespace mailrig::cli
