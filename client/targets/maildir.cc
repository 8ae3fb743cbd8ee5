#include "client/targets/maildir.h"

#include <fmt/format.h>

namespace mailrig::client {
namespace {

constexpr std::size_t mark_digits = 16;

}  // namespace

Maildir::Maildir(std::string path, const MailTargetOpening& opening)
    : path_(std::move(path)), now_(opening.now), files_(path_ + "/tmp", "mailrig-" + opening.account + ".") {}

Status Maildir::open() {
  for (const char* folder : {"/tmp", "/new", "/cur"})
    if (Status made = make_folder(path_ + folder); !made) return made;
  return files_.clear_away();
}

Status Maildir::finish(std::string_view mark) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now_.time_since_epoch());
  const auto microseconds = std::chrono::floor<std::chrono::microseconds>(now_.time_since_epoch() - seconds);
  return files_.finish(
      fmt::format("{}/new/{}.M{}Q{}_{}.mailrig", path_, seconds.count(), microseconds.count(), ++number_, mark));
}

std::set<std::string> Maildir::marks() const {
  std::set<std::string> marks;
  for (const char* folder : {"/new", "/cur"})
    for (const std::string& name : names_in(path_ + folder)) {
      // A reader adds flags behind a colon: "...mailrig:2,S".
      const std::size_t end = name.find(".mailrig");
      if (end != std::string::npos && end > mark_digits && name[end - mark_digits - 1] == '_')
        marks.insert(name.substr(end - mark_digits, mark_digits));
    }
  return marks;
}

}  // namespace mailrig::client
