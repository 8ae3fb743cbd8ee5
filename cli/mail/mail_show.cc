#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "base/text.h"
#include "cli/direct_connection.h"
#include "cli/mail/mail.h"
#include "cli/mail/mail_files.h"
#include "mime/message/body.h"
#include "mime/message/facts/readable.h"
#include "mime/message/fields/encoded_word.h"

namespace mailrig::cli {
namespace {

struct ShowOptions {
  std::string file;
  std::string part;
  bool decode = false;
  bool text = false;
  bool header = false;
};

/// "1, 2.1 and 2.2"
std::string paths_of(const mime::Message& message) {
  std::vector<std::string_view> paths;
  for (const mime::Part& part : message.parts())
    if (part.kind != mime::Part::Kind::multipart) paths.push_back(part.path);
  return join_words(paths);
}

/// A line a field: its name, and what it says in UTF-8.
std::string decoded_header(const mime::Header& header) {
  std::string lines;
  for (std::size_t i = 0; i < header.size(); ++i)
    lines += fmt::format("{}: {}\n", header[i].name, mime::text_value(header[i].body));
  return lines;
}

ExitCode show(const ShowOptions& options, Program& program) {
  Result<std::string> read = read_mail(options.file);
  if (!read) {
    tell(program, "mail show", read.error());
    return exit_code_of(read.error());
  }
  const std::string source = as_sent(*std::move(read));
  const mime::Message message = mime::parse(source);
  const mime::Part* part = options.part.empty() ? &message.root() : message.find(options.part);
  if (part == nullptr) {
    fmt::print(program.err, "mailrig mail show: {} has no part {}; it has {}\n", mail_name(options.file),
               printable(options.part), paths_of(message));
    return ExitCode::usage;
  }
  auto write = [&program](std::string_view octets) {
    program.out.write(octets.data(), static_cast<std::streamsize>(octets.size()));
  };
  if (options.header) {
    const mime::Header header = message.header(*part);
    write(options.text || options.decode ? decoded_header(header) : std::string(header.text()));
  } else if (options.text && options.part.empty()) {
    write(mime::readable_text(message).content);
  } else if (options.text) {
    if (!part->is_leaf() || part->content_type.type != "text") {
      fmt::print(program.err,
                 "mailrig mail show: part {} is {}/{}, and --text needs a text; --decode writes its octets\n",
                 printable(options.part), printable(part->content_type.type), printable(part->content_type.subtype));
      return ExitCode::usage;
    }
    write(mime::text_of(message, *part).content);
  } else if (options.decode) {
    mime::decode_body(message, *part, write);
  } else {
    write(message.whole(*part));
  }
  return ExitCode::done;
}

}  // namespace

void add_mail_show(CLI::App& mail, Program& program) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = mail.add_subcommand("show", "Write one part of a message, byte for byte");
  command->add_option("FILE", options->file, "a message; - is standard input")->required();
  command->add_option("--part", options->part,
                      "its number, as `mailrig mail parse` tells it: 1, 2.1 ...; without it the message");
  command->add_flag("--decode", options->decode, "its body alone, out of base64 or quoted-printable");
  command->add_flag("--text", options->text, "its text alone, as UTF-8; of the message what a person reads first");
  command->add_flag("--header", options->header, "its header alone; with --text a line a field, decoded");
  command->callback([options, &program] { program.run = [options, &program] { return show(*options, program); }; });
}

}  // namespace mailrig::cli
