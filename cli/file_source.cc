#include "cli/file_source.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "base/text.h"
#include "mime/message/ascii.h"

namespace mailrig::cli {
namespace {

constexpr std::size_t piece_octets = 64 * 1024;

struct PieceReader {
  explicit PieceReader(const std::string& path) : name(path), piece(piece_octets, '\0') {
    std::error_code missing;
    if (std::filesystem::is_regular_file(path, missing))
      file.open(path, std::ios::binary);  // a FIFO would be waited for
  }

  Result<std::string_view> next() {
    if (!file.is_open() || file.bad())
      return Error{Errc::environment,
                   fmt::format("the file {} cannot be read: name a regular file that is there", printable(name))};
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    return std::string_view(piece.data(), static_cast<std::size_t>(file.gcount()));
  }

  std::string name;
  std::ifstream file;
  std::string piece;
};

struct Ending {
  std::string_view ending;
  std::string_view type;
};

// What is sent by mail every day; IANA has the rest.
constexpr Ending endings[] = {{".pdf", "application/pdf"},
                              {".png", "image/png"},
                              {".jpg", "image/jpeg"},
                              {".jpeg", "image/jpeg"},
                              {".gif", "image/gif"},
                              {".svg", "image/svg+xml"},
                              {".webp", "image/webp"},
                              {".txt", "text/plain"},
                              {".csv", "text/csv"},
                              {".html", "text/html"},
                              {".ics", "text/calendar"},
                              {".vcf", "text/vcard"},
                              {".json", "application/json"},
                              {".xml", "application/xml"},
                              {".zip", "application/zip"},
                              {".eml", "message/rfc822"},
                              {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
                              {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
                              {".mp3", "audio/mpeg"},
                              {".mp4", "video/mp4"}};

}  // namespace

mime::Source file_source(std::string path) {
  return mime::Source([path = std::move(path)]() -> mime::Source::Pieces {
    return [reader = std::make_shared<PieceReader>(path)] { return reader->next(); };
  });
}

std::string_view media_type_of(std::string_view file_name) {
  const std::string lower = mime::lower_case(file_name);
  for (const Ending& known : endings)
    if (lower.ends_with(known.ending)) return known.type;
  return "application/octet-stream";
}

}  // namespace mailrig::cli
