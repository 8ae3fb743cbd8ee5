#pragma once
/// Writes the messages that SMTP servers accepted: `--accepted DIR` of `run` and `serve`.
///
///   AcceptedFolder folder("out");                     // nothing is written yet
///   Status ready = folder.prepare();                  // out/ is there and can be written to
///   Status kept = folder.keep(scenario.id, servers);  // out/smtp/sent/isp/1.eml ... and out/smtp/sent/isp/SHA256SUMS
///
/// A folder for each server of each scenario. Files have exactly the octets that were accepted. SHA256SUMS (for
/// `sha256sum -c`) says which files were made here: a later run removes or replaces those that it lists and that are as
/// it left them. Anything else in the way is an error, and nothing is overwritten.

#include <string>
#include <string_view>

#include "base/result.h"
#include "scenarios/run/server_set.h"

namespace mailrig::cli {

class AcceptedFolder {
 public:
  explicit AcceptedFolder(std::string path) : path_(std::move(path)) {}

  /// Error environment: the folder cannot be made or written to.
  Status prepare() const;
  /// `id` as "smtp/sent[starttls]": its parts are folders. Errors: environment, with the file and what to do.
  Status keep(std::string_view id, const scenarios::ServerSet& servers) const;

 private:
  std::string path_;
};

/// A name as one part of a path on any file system: what is not a letter, digit, `.`, `_`, `-`, `[` or `]` is
/// percent-encoded, and a dot at the front too.
std::string safe_name(std::string_view name);

}  // namespace mailrig::cli
