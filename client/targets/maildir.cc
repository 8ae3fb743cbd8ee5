#include "client/targets/maildir.h"

#include <fmt/format.h>

namespace mailrig::client {
namespace {

std::optional<NumberedMark> parse_name(const std::string& name) {
  // A reader adds flags after a colon: "...mailrig:2,S".
  const std::size_t end = name.find(".mailrig");
  const std::size_t number = name.find('Q');
  if (end == std::string::npos || number > end) return std::nullopt;
  return parse_numbered_mark(std::string_view(name).substr(number + 1, end - number - 1), '_');
}

std::optional<std::string> mark_in(const std::string& name) {
  std::optional<NumberedMark> found = parse_name(name);
  return found ? std::optional(std::move(found->mark)) : std::nullopt;
}

}  // namespace

Maildir::Maildir(std::string path, const MailTargetOpening& opening)
    : path_(std::move(path)),
      opening_(opening),
      files_(path_ + "/tmp", "mailrig-" + opening.account + "."),
      there_({path_ + "/new", path_ + "/cur"}, mark_in) {}

Status Maildir::open() {
  for (const char* folder : {"/tmp", "/new", "/cur"})
    if (Status made = make_folder(path_ + folder); !made) return made;
  return files_.clear_away();
}

Status Maildir::finish(std::string_view mark) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(opening_.now.time_since_epoch());
  const auto microseconds = std::chrono::floor<std::chrono::microseconds>(opening_.now.time_since_epoch() - seconds);
  Status finished = files_.finish(
      fmt::format("{}/new/{}.M{}Q{}_{}.mailrig", path_, seconds.count(), microseconds.count(), number_, mark));
  last_copy_ = files_.last_copy();
  return finished;
}

std::map<std::string, std::uint64_t> Maildir::unsaved() const {
  std::map<std::string, std::uint64_t> marks;
  for (const char* folder : {"/new", "/cur"})
    for (const std::string& name : names_in(path_ + folder)) {
      const std::optional<NumberedMark> found = parse_name(name);
      if (found && found->number >= opening_.messages) marks[found->mark] = found->number;
    }
  return marks;
}

}  // namespace mailrig::client
