#include "client/targets/mail_target.h"

#include <fmt/format.h>

#include "base/text.h"
#include "client/targets/eml_folder.h"
#include "client/targets/maildir.h"
#include "client/targets/mbox.h"

namespace mailrig::client {
namespace {

constexpr std::string_view kinds[] = {"maildir", "eml", "mbox"};

template <class Target>
Result<std::unique_ptr<MailTarget>> opened(std::unique_ptr<Target> target) {
  if (Status open = target->open(); !open) return open.error();
  return std::unique_ptr<MailTarget>(std::move(target));
}

}  // namespace

Result<MailTargetPlace> MailTargetPlace::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  for (std::size_t i = 0; i < std::size(kinds); ++i) {
    if (kind != kinds[i] || colon == std::string_view::npos) continue;
    std::string path(text.substr(colon + 1));
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    if (path.empty())
      return Error{Errc::bad_input, fmt::format("\"{}\" names no {}", printable(text), i == 2 ? "file" : "folder")};
    return MailTargetPlace{static_cast<MailTargetKind>(i), std::move(path)};
  }
  const std::string_view meant = nearest(kind, std::span<const std::string_view>(kinds));
  return Error{Errc::bad_input, fmt::format("\"{}\" is none of maildir:DIR, eml:DIR and mbox:FILE{}", printable(text),
                                            meant.empty() ? "" : fmt::format("; did you mean {}:?", meant))};
}

std::string MailTargetPlace::text() const { return fmt::format("{}:{}", kinds[static_cast<std::size_t>(kind)], path); }

Result<std::unique_ptr<MailTarget>> open_mail_target(const MailTargetPlace& place, const MailTargetOpening& opening) {
  switch (place.kind) {
    case MailTargetKind::maildir: return opened(std::make_unique<Maildir>(place.path, opening));
    case MailTargetKind::eml: return opened(std::make_unique<EmlFolder>(place.path, opening));
    case MailTargetKind::mbox: return opened(std::make_unique<Mbox>(place.path, opening));
  }
  return Error{Errc::internal, "no such kind of target"};
}

}  // namespace mailrig::client
