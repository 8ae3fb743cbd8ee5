#include "cli/reports.h"

#include <fmt/ostream.h>

#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"

namespace mailrig::cli {
namespace {

bool write(Program& program, std::string_view command, const std::string& path, const std::string& text) {
  std::error_code ignored;  // the stream says what is wrong
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) return true;
  fmt::print(program.err, "mailrig {}: cannot write {}: is its folder there, and writable?\n", command,
             printable(path));
  return false;
}

}  // namespace

bool write_reports(Program& program, std::string_view command, const ReportPaths& paths, const RunOutcome& outcome) {
  bool written = true;
  if (!paths.json.empty()) written = write(program, command, paths.json, reports::to_json(outcome)) && written;
  if (!paths.junit.empty()) written = write(program, command, paths.junit, reports::to_junit(outcome)) && written;
  if (!paths.html.empty()) written = write(program, command, paths.html, reports::to_html(outcome)) && written;
  return written;
}

}  // namespace mailrig::cli
