#include "client/targets/fetch_state.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>

#include "base/sha256.h"
#include "base/text.h"

namespace mailrig::client {
namespace {

// The file, line by line. Words are apart by one blank; in a word %XX stands for an octet that is no visible ASCII, or
// '%'.
//   mailrig-state 2                                1 where no line says "stored"
//   account maildir:anna pop.isp.test:995 anna     one section for each
//   octets 1234                                    of the mbox as it was saved
//   messages 17                                    put there so far
//   seen 000000014f5c8a01
//   copies 2 ba7816bf...                           content without a uid, how often
//   failed 2 000000024f5c8a01                      transfers that stalled, what Fetcher counts of them
//   stored 1234 5678 ba78...15ad 3f2a...           how a message is in the target: StoredCopy, then its mark
//   end
constexpr std::string_view first_line = "mailrig-state 2";
// A million messages take 150 MB; more is another file.
constexpr std::uint64_t state_octets_max = 1ULL << 30;
constexpr std::string_view first_line_before = "mailrig-state 1";

std::string to_word(std::string_view octets) {
  std::string word;
  for (char c : octets) {
    if (c > 0x20 && c < 0x7f && c != '%')
      word += c;
    else
      word += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return word;
}

std::optional<std::string> from_word(std::string_view word) {
  std::string octets;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      octets += word[i];
      continue;
    }
    unsigned value = 0;
    if (i + 2 >= word.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(word.data() + i + 1, word.data() + i + 3, value, 16);
    if (error != std::errc() || end != word.data() + i + 3) return std::nullopt;
    octets += static_cast<char>(value);
    i += 2;
  }
  return octets;
}

std::string_view take_word(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::string mark(std::string_view text) { return Sha256::hex_of(text).substr(0, 16); }

}  // namespace

Result<FetchState> FetchState::open(const std::string& folder, std::string_view target, std::string_view server,
                                    std::string_view user) {
  FetchState state;
  if (Status made = make_folder(folder); !made) return made.error();
  state.path_ = folder + "/" + std::string(file_name);
  state.account_mark_ = mark(to_word(server) + " " + to_word(user));
  state.title_ = fmt::format("{} {} {}", to_word(target), to_word(server), to_word(user));
  state.lock_ = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (state.lock_ < 0) return file_error("use the folder", folder, errno);
  if (::flock(state.lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return file_error("lock the folder", folder, errno);
    return Error{
        Errc::environment,
        fmt::format("another mailrig fetch is at work in {}: run this one when it has ended", printable(folder, 400)),
        Step::store};
  }
  if (!exists(state.path_)) return state;
  Result<std::string> text = read_whole_file(state.path_, state_octets_max);
  if (!text && text.error().code == Errc::limit_exceeded)
    return Error{Errc::environment,
                 fmt::format("{} is larger than {} octets, more than a state file of mailrig can be: another file has "
                             "its name. Restore it, or move it away: then everything that the server has is fetched "
                             "again",
                             printable(state.path_, 400), state_octets_max),
                 Step::store};
  if (!text) return text.error();
  if (text->empty())
    return Error{Errc::environment,
                 fmt::format("{} is empty: mailrig never leaves it so. Restore it, or remove it: then everything that "
                             "the server has is fetched again",
                             printable(state.path_, 400)),
                 Step::store};
  if (Status read = state.read(*text); !read) return read.error();
  return state;
}

FetchState::FetchState(FetchState&& other) noexcept
    : octets(other.octets),
      messages(other.messages),
      path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      account_mark_(std::move(other.account_mark_)),
      title_(std::move(other.title_)),
      sections_(std::move(other.sections_)),
      here_(std::move(other.here_)),
      known_(other.known_) {}

FetchState::~FetchState() {
  if (lock_ >= 0) ::close(lock_);
}

Status FetchState::read(const std::string& text) {
  std::string_view rest = text;
  std::size_t line_number = 0;
  Section* section = nullptr;
  bool ended = false;
  auto damaged = [&] {
    return Error{
        Errc::environment,
        fmt::format("{} cannot be understood at line {}: it is damaged or of a newer mailrig. Restore it, or remove "
                    "it: then everything that the server has is fetched again",
                    printable(path_, 400), line_number),
        Step::store};
  };
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (++line_number == 1) {
      if (line != first_line && line != first_line_before) return damaged();
      continue;
    }
    if (ended) return damaged();
    const std::string_view key = take_word(line);
    if (key == "account") {
      section = &sections_[std::string(line)];
      continue;
    }
    if (key == "end") {
      ended = true;
      continue;
    }
    if (section == nullptr) return damaged();
    if (key == "seen") {
      std::optional<std::string> uid = from_word(line);
      if (!uid) return damaged();
      if (section->seen.insert(*uid).second) section->order.push_back(*std::move(uid));
      continue;
    }
    const std::optional<std::uint64_t> value = number(take_word(line));
    if (!value) return damaged();
    if (key == "octets") {
      section->octets = *value;
    } else if (key == "messages") {
      section->messages = *value;
    } else if (key == "copies") {
      section->copies[std::string(line)] = *value;
    } else if (key == "stored") {
      const std::optional<std::uint64_t> stored_octets = number(take_word(line));
      std::string sum(take_word(line));
      if (!stored_octets || sum.size() != stored_sum_digits || line.empty()) return damaged();
      section->stored[std::string(line)] = {.at = *value, .octets = *stored_octets, .sum = std::move(sum)};
    } else if (std::optional<std::string> identity = from_word(line); key == "failed" && identity) {
      section->failures[*std::move(identity)] = *value;
    } else {
      return damaged();
    }
  }
  if (!ended) return damaged();
  const auto mine = sections_.find(title_);
  known_ = mine != sections_.end();
  if (!known_) return {};
  here_ = std::move(mine->second);
  sections_.erase(mine);
  octets = here_.octets;
  messages = here_.messages;
  return {};
}

void FetchState::add(std::string_view uid) {
  if (here_.seen.insert(std::string(uid)).second) here_.order.emplace_back(uid);
}

void FetchState::forget(std::string_view uid) { here_.seen.erase(std::string(uid)); }

std::uint64_t FetchState::copies_of(std::string_view sum) const {
  const auto found = here_.copies.find(std::string(sum));
  return found == here_.copies.end() ? 0 : found->second;
}

std::optional<StoredCopy> FetchState::copy_of(const std::string& mark) const {
  const auto found = here_.stored.find(mark);
  return found == here_.stored.end() ? std::nullopt : std::optional(found->second);
}

void FetchState::remove_copy(std::string_view sum) {
  const auto found = here_.copies.find(std::string(sum));
  if (found != here_.copies.end() && --found->second == 0) here_.copies.erase(found);
}

std::uint64_t FetchState::failures_of(std::string_view identity) const {
  const auto found = here_.failures.find(std::string(identity));
  return found == here_.failures.end() ? 0 : found->second;
}

void FetchState::set_failures(std::string_view identity, std::uint64_t count) {
  if (count == 0)
    here_.failures.erase(std::string(identity));
  else
    here_.failures[std::string(identity)] = count;
}

std::string FetchState::mark_of(std::string_view identity) const {
  return mark(account_mark_ + " " + std::string(identity));
}

std::string FetchState::write_section(const std::string& title, const Section& section) {
  std::string text = "account " + title + "\n";
  text += fmt::format("octets {}\nmessages {}\n", section.octets, section.messages);
  std::unordered_set<std::string_view> written;  // what was forgotten and added again stands twice in the order
  for (const std::string& uid : section.order)
    if (section.seen.contains(uid) && written.insert(uid).second) text += "seen " + to_word(uid) + "\n";
  for (const auto& [sum, count] : section.copies) text += fmt::format("copies {} {}\n", count, sum);
  for (const auto& [identity, count] : section.failures)
    text += fmt::format("failed {} {}\n", count, to_word(identity));
  for (const auto& [mark, copy] : section.stored)
    text += fmt::format("stored {} {} {} {}\n", copy.at, copy.octets, copy.sum, mark);
  return text;
}

Status FetchState::save() {
  here_.octets = octets;
  here_.messages = messages;
  std::string text = std::string(first_line) + "\n";
  for (const auto& [title, section] : sections_) text += write_section(title, section);
  text += write_section(title_, here_) + "end\n";
  const std::string fresh = path_ + ".new";
  if (Status gone = remove_file(fresh); !gone) return gone;  // a run that was interrupted left it
  Result<OutputFile> file = OutputFile::create(fresh);
  if (!file) return file.error();
  Status durable = file->write(text);
  if (durable) durable = file->sync();
  if (durable) durable = file->close();
  if (durable) durable = rename_file(fresh, path_);
  if (!durable) {
    // Half of it takes room on a full disk, and is of no use to anybody.
    static_cast<void>(remove_file(fresh).has_value());
    return durable;
  }
  known_ = true;
  return sync_folder(folder_of(path_));
}

}  // namespace mailrig::client
