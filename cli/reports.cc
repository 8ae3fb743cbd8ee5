#include "cli/reports.h"

#include <fmt/ostream.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/text.h"
#include "cli/files.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"

namespace mailrig::cli {
namespace {

bool write(Program& program, std::string_view command, const std::string& path, const std::string& text) {
  std::error_code ignored;  // the stream says what is wrong
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  // A device such as /dev/stdout cannot be replaced; a file is, so that the old report or the new one is there, whole.
  std::error_code missing;
  const std::filesystem::file_status before = std::filesystem::status(path, missing);
  const bool in_place = std::filesystem::exists(before) && !std::filesystem::is_regular_file(before);
  const std::string partial = in_place ? path : path + ".partial";
  const Result<OutputHold> hold = hold_output(path);
  if (!hold) {
    fmt::print(program.err, "mailrig {}: {}\n", command, hold.error().message);
    return false;
  }
  std::ofstream file(partial, std::ios::binary);
  file << text;
  file.close();
  std::error_code failure;
  if (file && !in_place) std::filesystem::rename(partial, path, failure);
  if (file && !failure) return true;
  const int number = failure ? failure.value() : errno;
  if (!in_place) std::filesystem::remove(partial, ignored);
  fmt::print(program.err, "mailrig {}: cannot write {}: {}; is its folder there and writable, and is there space?\n",
             command, printable(path), std::generic_category().message(number));
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
