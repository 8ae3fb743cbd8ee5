#pragma once
/// The file that `mailrig mail compose` takes (docs/mail.md) as a draft, or what is wrong with it: where, and what was
/// probably meant.
///
///   DraftFile file = read_draft("hello.json", contents);
///   for (const scenarios::Diagnostic& diagnostic : file.diagnostics) print(to_text(diagnostic));
///   if (file.draft) compose(*file.draft, file.transport, prng, sink);

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/compose/compose.h"
#include "scenarios/language/load.h"

namespace mailrig::cli {

struct DraftFile {
  std::optional<mime::Draft> draft;  // nothing where there was an error
  bool dated = false;                // the file says when
  std::optional<std::uint64_t> seed;
  mime::Transport transport;
  std::vector<scenarios::Diagnostic> diagnostics;
};

DraftFile read_draft(const std::string& path, std::string_view contents);

}  // namespace mailrig::cli
