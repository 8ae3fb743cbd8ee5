#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/version.h"

// The man page and the completions of shells, from the tables that --help is made of.
namespace mailrig::cli {
namespace {

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// --- man(7)

std::string as_roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

void write_options(const CLI::App& app, std::ostream& out) {
  for (const CLI::Option* option : app.get_options()) {
    std::string head;
    for (const std::string& name : option_names(*option))
      head += fmt::format("{}\\fB{}\\fR", head.empty() ? "" : ", ", as_roff(name));
    if (head.empty()) head = fmt::format("\\fI{}\\fR", as_roff(option->get_name()));
    if (takes_value(*option) && !option_names(*option).empty())
      head += fmt::format(" \\fI{}\\fR", as_roff(option->get_type_name()));
    fmt::print(out, ".TP\n{}\n{}\n", head, as_roff(option->get_description()));
  }
}

void write_command(const CLI::App& command, const std::string& name, std::ostream& out) {
  fmt::print(out, ".SS {}\n{}\n", as_roff(name), as_roff(command.get_description()));
  write_options(command, out);
  for (const CLI::App* inner : subcommands(command)) write_command(*inner, name + " " + inner->get_name(), out);
}

void write_manual(const CLI::App& app, std::ostream& out) {
  fmt::print(out, ".TH MAILRIG 1 \"\" \"mailrig {}\" \"User Commands\"\n", as_roff(version()));
  fmt::print(out, ".ad l\n.SH NAME\nmailrig \\- a test harness for mail retrieval\n");
  fmt::print(out, ".SH SYNOPSIS\n.B mailrig\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n");
  fmt::print(out, ".SH DESCRIPTION\n{}\n", as_roff(app.get_description()));
  fmt::print(out, ".SH OPTIONS\n");
  write_options(app, out);
  fmt::print(out, ".SH COMMANDS\n");
  for (const CLI::App* command : subcommands(app)) write_command(*command, command->get_name(), out);
  fmt::print(out, ".SH EXIT STATUS\n{}\n", as_roff(app.get_footer()));
}

// --- Completions

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* command : subcommands(app)) words.push_back(command->get_name());
  for (const CLI::Option* option : app.get_options())
    for (std::string& name : option_names(*option)) words.push_back(std::move(name));
  return words;
}

/// Calls `visit(path, app)` for the program and each command: "", "run", "mail lint".
template <class Visit>
void for_each_command(const CLI::App& app, const std::string& path, Visit visit) {
  visit(path, app);
  for (const CLI::App* command : subcommands(app))
    for_each_command(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), visit);
}

void write_bash(const CLI::App& app, std::ostream& out) {
  fmt::print(out, R"(# bash completion for mailrig
_mailrig() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} path= words i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$path ${{COMP_WORDS[i]}}" in
)");
  for_each_command(app, "", [&out](const std::string& path, const CLI::App&) {
    if (!path.empty()) fmt::print(out, "      ' {}') path=' {}' ;;\n", path, path);
  });
  fmt::print(out, "    esac\n  done\n  case \"$path\" in\n");
  for_each_command(app, "", [&out](const std::string& path, const CLI::App& command) {
    fmt::print(out, "    '{}') words='{}' ;;\n", path.empty() ? "" : " " + path, joined(words_of(command)));
  });
  fmt::print(out, R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ ${{#COMPREPLY[@]}} -eq 0 ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$word"); fi
}}
complete -o filenames -F _mailrig mailrig
)");
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// A description within an argument of zsh's _arguments and _describe.
std::string for_zsh(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, text.find('\n'))) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

void write_zsh(const CLI::App& app, std::ostream& out) {
  fmt::print(out, "#compdef mailrig\n");
  for_each_command(app, "", [&out](const std::string& path, const CLI::App& command) {
    std::string name = "_mailrig";
    for (const char c : path.empty() ? path : "_" + path) name += c == ' ' || c == '-' ? '_' : c;
    const std::vector<const CLI::App*> inner = subcommands(command);
    fmt::print(out, "{}() {{\n", name);
    if (!inner.empty()) {
      fmt::print(out, "  local context state line\n  local -a commands\n  commands=(");
      for (const CLI::App* one : inner)
        fmt::print(out, " {}", single_quoted(one->get_name() + ":" + for_zsh(one->get_description())));
      fmt::print(out, " )\n");
    }
    fmt::print(out, "  _arguments -C");
    for (const CLI::Option* option : command.get_options())
      for (const std::string& one : option_names(*option))
        fmt::print(out, " \\\n    {}",
                   single_quoted(fmt::format("{}[{}]{}", one, for_zsh(option->get_description()),
                                             takes_value(*option) ? ":value:_files" : "")));
    if (inner.empty()) {
      fmt::print(out, " \\\n    '*:file:_files'\n}}\n");
      return;
    }
    fmt::print(out,
               " \\\n    '1:command:->command' '*::argument:->argument'\n  case $state in\n"
               "    command) _describe command commands ;;\n"
               "    argument) (( $+functions[{}_${{line[1]//-/_}}] )) && {}_${{line[1]//-/_}} ;;\n  esac\n}}\n",
               name, name);
  });
  fmt::print(out, "_mailrig \"$@\"\n");
}

void write_fish(const CLI::App& app, std::ostream& out) {
  fmt::print(out, "# fish completion for mailrig\n");
  for_each_command(app, "", [&out](const std::string& path, const CLI::App& command) {
    std::string when;
    if (path.empty()) {
      when = "__fish_use_subcommand";
    } else {
      for (std::size_t at = 0; at != std::string::npos;) {
        const std::size_t end = path.find(' ', at);
        when += fmt::format("{}__fish_seen_subcommand_from {}", when.empty() ? "" : "; and ",
                            path.substr(at, end == std::string::npos ? end : end - at));
        at = end == std::string::npos ? end : end + 1;
      }
    }
    for (const CLI::App* inner : subcommands(command))
      fmt::print(out, "complete -c mailrig -n {} -f -a {} -d {}\n", single_quoted(when), inner->get_name(),
                 single_quoted(inner->get_description()));
    for (const CLI::Option* option : command.get_options()) {
      std::string names;
      for (const std::string& name : option->get_snames()) names += " -s " + name;
      for (const std::string& name : option->get_lnames()) names += " -l " + name;
      if (!names.empty())
        fmt::print(out, "complete -c mailrig -n {}{}{} -d {}\n", single_quoted(when), names,
                   takes_value(*option) ? " -r" : "", single_quoted(option->get_description()));
    }
  });
}

}  // namespace

void add_manual(CLI::App& app, Program& program) {
  app.add_subcommand("manual", "Print the man page, for `man -l` or an installation")->callback([&app, &program] {
    program.run = [&app, &program] {
      write_manual(app, program.out);
      return ExitCode::done;
    };
  });
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Print the completion of a shell, to be sourced or installed");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>{"bash", "zsh", "fish"}));
  command->callback([shell, &app, &program] {
    program.run = [shell, &app, &program] {
      if (*shell == "bash")
        write_bash(app, program.out);
      else if (*shell == "zsh")
        write_zsh(app, program.out);
      else
        write_fish(app, program.out);
      return ExitCode::done;
    };
  });
}

}  // namespace mailrig::cli
