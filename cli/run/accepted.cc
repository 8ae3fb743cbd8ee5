#include "cli/run/accepted.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "base/sha256.h"
#include "base/text.h"

namespace mailrig::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view sums_name = "SHA256SUMS";
// 255 octets is what file systems take; ".eml" and the like have to fit too.
constexpr std::size_t name_octets_max = 200;

Error cannot(std::string_view do_what, const fs::path& path, std::string_view why) {
  return {Errc::environment, fmt::format("--accepted: cannot {} {}: {}", do_what, printable(path.string()), why)};
}

Status make_folder(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed) return cannot("make the folder", path, failed.message());
  return {};
}

/// A new file with these octets, whole or not at all.
Status write_new(const fs::path& path, std::string_view octets) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file < 0) {
    if (errno == EEXIST)
      return cannot(
          "write", path,
          "a file is there that mailrig did not make, or that was changed since; move it, or name another folder");
    return cannot("write", path, std::strerror(errno));
  }
  int failure = 0;
  while (!octets.empty() && failure == 0) {
    const ssize_t written = ::write(file, octets.data(), octets.size());
    if (written >= 0)
      octets.remove_prefix(static_cast<std::size_t>(written));
    else if (errno != EINTR)
      failure = errno;
  }
  if (::close(file) != 0 && failure == 0) failure = errno;
  if (failure == 0) return {};
  ::unlink(path.c_str());
  return cannot("write", path, std::strerror(failure));
}

/// Nothing where there is no such regular file, or it cannot be read.
std::optional<std::string> sum_of(const fs::path& path) {
  std::error_code missing;
  if (fs::symlink_status(path, missing).type() != fs::file_type::regular) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  Sha256 sum;
  std::string piece(64 * 1024, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    sum.update(std::string_view(piece).substr(0, static_cast<std::size_t>(file.gcount())));
  if (!file.eof()) return std::nullopt;
  return sum.hex();
}

/// The folder of one server.
class ServerFolder {
 public:
  explicit ServerFolder(fs::path path) : path_(std::move(path)) {}

  /// Removes what an earlier run made and nothing has changed since.
  Status clear() const {
    const fs::path sums = path_ / sums_name;
    if (!fs::exists(fs::symlink_status(sums))) return {};
    std::ifstream file(sums, std::ios::binary);
    for (std::string line; std::getline(file, line);) {
      // "SUM  1.eml": names of ours are digits.
      const std::size_t blanks = line.find("  ");
      if (blanks == std::string::npos) return foreign(sums);
      const std::string name = line.substr(blanks + 2);
      if (!name.ends_with(".eml") || name.find_first_not_of("0123456789") != name.size() - 4) return foreign(sums);
      const std::optional<std::string> sum = sum_of(path_ / name);
      if (sum && *sum == line.substr(0, blanks)) ::unlink((path_ / name).c_str());
    }
    if (::unlink(sums.c_str()) != 0) return cannot("replace", sums, std::strerror(errno));
    return {};
  }

  Status add(std::size_t number, const std::string& octets) {
    if (sums_.empty())
      if (Status made = make_folder(path_); !made) return made;
    const std::string name = fmt::format("{}.eml", number);
    if (Status written = write_new(path_ / name, octets); !written) return written;
    sums_ += fmt::format("{}  {}\n", Sha256::hex_of(octets), name);
    return {};
  }

  /// To be called after an error too: what was written has to be known as ours.
  Status finish() const { return sums_.empty() ? Status() : write_new(path_ / sums_name, sums_); }

 private:
  static Status foreign(const fs::path& sums) {
    return cannot("replace", sums, "mailrig did not make it; move it, or name another folder");
  }

  fs::path path_;
  std::string sums_;
};

}  // namespace

std::string safe_name(std::string_view name) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-[]";
  std::string safe;
  for (char c : name) {
    if (plain.find(c) == std::string_view::npos || (c == '.' && safe.empty()))
      safe += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      safe += c;
  }
  if (safe.empty()) return "%";
  if (safe.size() > name_octets_max)
    safe = fmt::format("{}-{}", safe.substr(0, name_octets_max), Sha256::hex_of(name).substr(0, 16));
  return safe;
}

Status AcceptedFolder::prepare() const {
  if (Status made = make_folder(path_); !made) return made;
  if (::access(path_.c_str(), W_OK | X_OK) != 0) return cannot("write to", path_, std::strerror(errno));
  return {};
}

Status AcceptedFolder::keep(std::string_view id, const scenarios::ServerSet& servers) const {
  fs::path of_scenario = path_;
  while (!id.empty()) {
    const std::string_view part = id.substr(0, id.find('/'));
    id.remove_prefix(std::min(id.size(), part.size() + 1));
    of_scenario /= safe_name(part);
  }
  std::map<std::string, ServerFolder> folders;
  for (const std::string& server : servers.accepting_servers()) {
    ServerFolder folder(of_scenario / safe_name(server));
    if (Status cleared = folder.clear(); !cleared) return cleared;
    folders.emplace(server, std::move(folder));
  }
  Status kept = servers.each_accepted([&](const std::string& server, std::size_t number, const std::string& octets) {
    return folders.at(server).add(number, octets);
  });
  for (const auto& [server, folder] : folders)
    if (Status finished = folder.finish(); !finished && kept) kept = finished;
  return kept;
}

}  // namespace mailrig::cli
