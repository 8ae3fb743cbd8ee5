#include "cli/program.h"

#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/version.h"

namespace mailrig::cli {
namespace {

/// The innermost subcommand that the command line named.
const CLI::App& chosen(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().back();
  return *at;
}

/// "mailrig fetch"
std::string full_name(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : full_name(*app.get_parent()) + " " + app.get_name();
}

std::vector<std::string> all_option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (std::string& name : option_names(*option)) names.push_back(std::move(name));
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : subcommands(app)) names.push_back(command->get_name());
  return names;
}

/// The word that the command line should not hold, and what was probably meant by it; empty when all words are known.
std::string misspelt(const CLI::App& app) {
  const CLI::App& command = chosen(app);
  const std::vector<std::string> words = app.remaining(true);
  if (words.empty()) return {};
  // A misspelt option leaves its value over as well: the option is the word to talk about.
  std::string word = words.front();
  for (const std::string& other : words)
    if (other.starts_with('-')) {
      word = other.substr(0, other.find('='));
      break;
    }
  const bool is_option = word.starts_with('-');
  const bool is_command = !is_option && !subcommands(command).empty();
  const std::vector<std::string> known = is_option ? all_option_names(command) : command_names(command);
  std::string text = is_option    ? fmt::format("there is no option {}", printable(word))
                     : is_command ? fmt::format("there is no command \"{}\"", printable(word))
                                  : fmt::format("\"{}\" is one argument too many", printable(word));
  std::string_view meant = nearest(word, std::span<const std::string>(known));
  if (!meant.empty()) text += fmt::format("; did you mean {}?", meant);
  return text;
}

ExitCode wrong_usage(const CLI::App& app, std::string_view what, Program& program) {
  const std::string name = full_name(chosen(app));
  fmt::print(program.err, "{}: {}\n`{} --help` lists what it takes.\n", name, what, name);
  return ExitCode::usage;
}

/// What CLI11 found wrong, in a sentence.
std::string in_words(const CLI::ParseError& error) {
  std::string text = error.what();
  // Of "A requires B", "A excludes B", "A: 1 required FILE missing".
  auto around = [&text](std::string_view words) {
    const std::size_t at = text.find(words);
    if (at == std::string::npos) return std::pair<std::string, std::string>();
    return std::pair(text.substr(0, at), text.substr(at + words.size()));
  };
  if (text == "A subcommand is required") return "a command is missing";
  if (const auto [option, rest] = around(" is required"); !option.empty() && rest.empty())
    return option + " is missing";
  if (const auto [option, other] = around(" requires "); !option.empty())
    return fmt::format("{} is of use only together with {}", option, other);
  if (const auto [option, other] = around(" excludes "); !option.empty())
    return fmt::format("{} and {} exclude each other", option, other);
  if (const auto [before, value] = around(" = "); before.starts_with("Could not convert: "))
    return fmt::format("{}: \"{}\" is not a number that it takes", before.substr(19), value);
  if (const auto [option, type] = around(": 1 required "); !option.empty() && type.ends_with(" missing"))
    return fmt::format("{} needs a value: {}", option, type.substr(0, type.size() - 8));
  if (const auto [option, rest] = around(": At least "); !option.empty())
    return fmt::format("{} needs at least {} value{}", option, rest.substr(0, rest.find(' ')),
                       rest.starts_with("1 ") ? "" : "s");
  if (const auto [option, rest] = around(": At Most "); !option.empty())
    return fmt::format("{} is given more than once; it takes one value", option);
  if (const auto [before, set] = around(" not in {"); !before.empty())
    return fmt::format("{} is not one of {}", before, set.substr(0, set.find('}')));
  return text;
}

/// Reads the command line, and does what it says.
ExitCode parse_and_run(int argc, const char* const* argv, Program& program) {
  CLI::App app(
      "A test rig for mail retrieval: fake POP3, SMTP and CRM servers act out scenarios against a mail client.",
      "mailrig");
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("mailrig {}", version()), "Say which mailrig this is");
  app.footer(
      "Exit codes: 0 all passed, all fetched or sent; 1 something failed, was refused or was left behind; 2 wrong "
      "usage;\n"
      "3 an invalid scenario file; 4 a port, file or peer was not there; 5 a --threshold broke; 70 a fault of "
      "mailrig;\n"
      "130 and 143 ended by SIGINT or SIGTERM: what was done until then is reported and kept.");
  add_commands(app, program);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const CLI::App& command = chosen(app);
    fmt::print(program.out, "{}", command.help(command.get_parent() ? full_name(*command.get_parent()) : ""));
    return ExitCode::done;
  } catch (const CLI::CallForAllHelp&) {
    fmt::print(program.out, "{}", app.help("", CLI::AppFormatMode::All));
    return ExitCode::done;
  } catch (const CLI::CallForVersion& asked) {
    fmt::print(program.out, "{}\n", asked.what());
    return ExitCode::done;
  } catch (const CLI::ParseError& error) {
    if (argc < 2) {
      fmt::print(program.err, "{}", app.help());
      return ExitCode::usage;
    }
    const std::string word = misspelt(app);
    return wrong_usage(app, word.empty() ? escape_controls(in_words(error), "\n\t") : word, program);
  }
  return program.run();
}

}  // namespace

ExitCode run_program(int argc, const char* const* argv, Program& program) {
  const ExitCode code = parse_and_run(argc, argv, program);
  program.out.flush();
  if (program.out) return code;
  // Whoever reads half a result must be able to know that it is half.
  fmt::print(program.err,
             "mailrig: standard output could not be written to its end (a full disk, or a closed pipe): "
             "what was printed is not all\n");
  return worse(code, ExitCode::environment);
}

}  // namespace mailrig::cli
