#include <fmt/ostream.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/settings.h"
#include "cli/direct_connection.h"
#include "cli/mail/mail.h"
#include "cli/mail/mail_output.h"
#include "mime/generate/generate.h"

namespace mailrig::cli {
namespace {

// A typing error of three digits is meant to be caught.
constexpr std::uint64_t count_max = 10'000'000;
constexpr std::uint64_t generated_octets_max = 1ULL << 30;
// Where nobody says when: one clock for all examples, and no two runs that differ.
constexpr std::string_view default_first = "2014-06-02T09:00:00Z";

struct GenerateOptions {
  std::string profile = "plain";
  std::string like;
  std::uint64_t count = 1;
  std::uint64_t seed = 1;
  std::string size;
  std::string first = std::string(default_first);
  std::string every = "10m";
  std::string from;
  std::string recipient = "user@generated.test";
  std::string folder;
};

/// "10kB" or "2KiB..64KiB".
Status read_size(const std::string& text, mime::Generator::Settings& settings) {
  if (text.empty()) return {};
  const std::size_t dots = text.find("..");
  const Result<std::uint64_t> low = parse_octets(text.substr(0, dots));
  const Result<std::uint64_t> high = dots == std::string::npos ? low : parse_octets(text.substr(dots + 2));
  if (!low || !high || *high < *low || *high > generated_octets_max)
    return Error{Errc::bad_input, fmt::format("--size takes octets such as 10kB, or a range such as 2KiB..64KiB up to "
                                              "1GiB, not {}",
                                              text)};
  settings.octets_min = *low;
  settings.octets_max = *high;
  return {};
}

Result<mime::Generator> generator_of(const GenerateOptions& options) {
  mime::Generator::Settings settings{.profile = options.profile, .like = options.like, .seed = options.seed};
  settings.from = options.from;
  settings.to = options.recipient;
  if (Status read = read_size(options.size, settings); !read) return read.error();
  const Result<Instant> first = parse_instant(options.first);
  if (!first) return Error{Errc::bad_input, fmt::format("--first: {}", first.error().message)};
  const Result<Duration> every = parse_duration(options.every);
  if (!every) return Error{Errc::bad_input, fmt::format("--every: {}", every.error().message)};
  settings.first = *first;
  settings.every = *every;
  return mime::Generator(std::move(settings));
}

Status write_all(const GenerateOptions& options, const mime::Generator& generator, Program& program) {
  std::error_code failure;
  if (!options.folder.empty()) std::filesystem::create_directories(options.folder, failure);
  if (failure) return Error{Errc::environment, fmt::format("the folder {} cannot be made", options.folder)};
  const std::string stem = options.like.empty() ? options.profile : options.profile + '-' + options.like;
  const std::size_t digits = std::to_string(options.count).size();
  for (std::uint64_t index = 0; index < options.count; ++index) {
    const std::string path =
        options.folder.empty() ? "" : fmt::format("{}/{}-{:0{}}.eml", options.folder, stem, index + 1, digits);
    MailOutput output(program, path);
    if (Status written = output.write(generator.message(index)); !written) return written;
    if (Status finished = output.finish(); !finished) return finished;
  }
  return {};
}

ExitCode generate(const GenerateOptions& options, Program& program) {
  Status status = options.count > 1 && options.folder.empty()
                      ? Error{Errc::bad_input, "many messages need a folder: --to DIR"}
                      : Status{};
  if (status) {
    const Result<mime::Generator> generator = generator_of(options);
    status = generator ? write_all(options, *generator, program) : generator.error();
  }
  if (status) return ExitCode::done;
  tell(program, "mail generate", status.error());
  return exit_code_of(status.error());
}

std::vector<std::string> to_strings(std::span<const std::string_view> names) { return {names.begin(), names.end()}; }

}  // namespace

void add_mail_generate(CLI::App& mail, Program& program) {
  auto options = std::make_shared<GenerateOptions>();
  CLI::App* command = mail.add_subcommand("generate", "Make messages that look like real ones");
  command->add_option("--profile", options->profile, "What they are about")
      ->check(CLI::IsMember(to_strings(mime::profile_names())))
      ->capture_default_str();
  command->add_option("--like", options->like, "Which program's header they have")
      ->check(CLI::IsMember(to_strings(mime::habit_names())));
  command->add_option("--count", options->count, "So many")
      ->check(CLI::Range(std::uint64_t{1}, count_max))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "All chance comes from it: same seed, same bytes")
      ->capture_default_str();
  command->add_option("--size", options->size, "Octets of a message, such as 10kB or 2KiB..64KiB; default by profile");
  command->add_option("--first", options->first, "When the first was written")->capture_default_str();
  command->add_option("--every", options->every, "From one to the next")->capture_default_str();
  command->add_option("--from", options->from, "The From field; default: somebody else each time");
  command->add_option("--recipient", options->recipient, "The To field")->capture_default_str();
  command->add_option("--to", options->folder, "Write them into this folder; default: one, to standard output")
      ->type_name("DIR");
  command->callback([options, &program] { program.run = [options, &program] { return generate(*options, program); }; });
}

}  // namespace mailrig::cli
