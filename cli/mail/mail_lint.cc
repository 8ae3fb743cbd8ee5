#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <map>
#include <memory>

#include "cli/direct_connection.h"
#include "cli/mail/mail.h"
#include "cli/mail/mail_files.h"
#include "json/json_writer.h"
#include "mime/message/lint/examine.h"
#include "mime/message/lint/readers_differ.h"

namespace mailrig::cli {
namespace {

struct LintOptions {
  std::vector<std::string> files;
  bool json = false;
  std::string level = "info";
};

/// One file's findings: the defects of the level that was asked for, and where readers differ, which is information.
struct Findings {
  mime::Defects all;
  std::vector<mime::Defect> defects;
  std::vector<mime::ReaderFinding> readers;
};

Findings find(const mime::Message& message, mime::Severity level) {
  Findings findings{.all = mime::examine(message), .defects = {}, .readers = {}};
  for (const mime::Defect& defect : findings.all.list())
    if (mime::kind_of(defect.code).severity <= level) findings.defects.push_back(defect);
  if (level == mime::Severity::info) findings.readers = mime::reader_findings(message, findings.all);
  return findings;
}

/// file:line:column: SEVERITY code: what it is; what was made of it (clause)
std::string to_line(const std::string& name, Place place, const mime::Defect& defect) {
  const mime::DefectKind& kind = mime::kind_of(defect.code);
  return fmt::format("{}:{}:{}: {} {}: {}{}{}; {} ({})\n", name, place.line, place.column,
                     mime::to_string(kind.severity), kind.name, kind.meaning, defect.field.empty() ? "" : ": ",
                     defect.field, defect.done, kind.clause);
}

void print_lines(const std::string& name, const Findings& findings, Places& places, Program& program) {
  std::multimap<std::uint64_t, std::string> lines;  // in the order of their offsets
  for (const mime::Defect& defect : findings.defects)
    lines.emplace(defect.offset, to_line(name, places.at(defect.offset), defect));
  for (const mime::ReaderFinding& finding : findings.readers) {
    const Place place = places.at(finding.offset);
    lines.emplace(finding.offset, fmt::format("{}:{}:{}: info readers-differ: {}\n", name, place.line, place.column,
                                              mime::to_string(*finding.note)));
  }
  for (const auto& [offset, line] : lines) fmt::print(program.out, "{}", line);
  if (findings.all.left_out() > 0) fmt::print(program.out, "{}: {} more are left out\n", name, findings.all.left_out());
}

Value place_value(Place place) { return Value::map().set("line", place.line).set("column", place.column); }

Value to_value(const mime::Defect& defect, Place place) {
  const mime::DefectKind& kind = mime::kind_of(defect.code);
  return place_value(place)
      .set("offset", defect.offset)
      .set("length", defect.length)
      .set("severity", mime::to_string(kind.severity))
      .set("code", kind.name)
      .set("meaning", kind.meaning)
      .set("field", defect.field.empty() ? Value() : Value(defect.field))
      .set("done", defect.done)
      .set("clause", kind.clause);
}

Value to_value(const mime::ReaderFinding& finding, Place place) {
  Value others = Value::list();
  for (const mime::OtherReading& other : finding.note->others)
    if (!other.readers.empty())
      others.push(
          Value::map().set("readers", mime::readers_with_versions(other.readers)).set("reading", other.reading));
  return place_value(place)
      .set("offset", finding.offset)
      .set("name", finding.note->name)
      .set("construct", finding.note->construct)
      .set("mailrig", finding.note->ours)
      .set("others", std::move(others))
      .set("measured", mime::readers_measured_on);
}

void print_json(const std::string& file, const Findings& findings, Places& places, bool one_of_several,
                Program& program) {
  Value defects = Value::list();
  for (const mime::Defect& defect : findings.defects) defects.push(to_value(defect, places.at(defect.offset)));
  Value readers = Value::list();
  for (const mime::ReaderFinding& finding : findings.readers)
    readers.push(to_value(finding, places.at(finding.offset)));
  const Value all = Value::map()
                        .set("file", file)
                        .set("defects", std::move(defects))
                        .set("readers_differ", std::move(readers))
                        .set("left_out", findings.all.left_out());
  fmt::print(program.out, "{}", one_of_several ? scenarios::write_json_line(all) : scenarios::write_json(all));
}

/// Of the names that the option takes.
mime::Severity severity_of(std::string_view level) {
  return level == "must" ? mime::Severity::must : level == "should" ? mime::Severity::should : mime::Severity::info;
}

/// `failed` when the sender broke a MUST.
ExitCode lint_file(const std::string& file, const LintOptions& options, Program& program) {
  Result<std::string> read = read_mail(file);
  if (!read) {
    tell(program, "mail lint", read.error());
    return exit_code_of(read.error());
  }
  const std::string text = as_sent(*std::move(read));
  const mime::Message message = mime::parse(text);
  const Findings findings = find(message, severity_of(options.level));
  Places places(text);
  if (options.json)
    print_json(file, findings, places, options.files.size() > 1, program);
  else
    print_lines(mail_name(file), findings, places, program);
  for (const mime::DefectKind& kind : mime::defect_kinds())
    if (kind.severity == mime::Severity::must && findings.all.has(kind.code)) return ExitCode::failed;
  return ExitCode::done;
}

}  // namespace

void add_mail_lint(CLI::App& mail, Program& program) {
  auto options = std::make_shared<LintOptions>();
  CLI::App* command = mail.add_subcommand("lint", "Say where messages break the standards; exits with 1 on a MUST");
  command->add_option("FILE", options->files, "messages; - is standard input")->required();
  command->add_flag("--json", options->json, "JSON for programs; of several files one object a line");
  command->add_option("--level", options->level, "must, should or info: what is told; default info, which is all")
      ->transform(CLI::IsMember({"must", "should", "info"}, CLI::ignore_case));
  command->callback([options, &program] {
    program.run = [options, &program] {
      ExitCode code = ExitCode::done;
      for (const std::string& file : options->files) code = worse(code, lint_file(file, *options, program));
      return code;
    };
  });
}

}  // namespace mailrig::cli
