#pragma once
/// What `mailrig fetch` has seen: the file .mailrig-state beside the target, for each target, server and user.
///
///   Result<FetchState> state = FetchState::open("/mail/anna", "maildir:anna", "pop.isp.test:995", "anna");
///   state->has_seen(uid);  state->add(uid);
///   Status durable = state->save();           // after the messages are
///
/// The file is replaced as a whole, so it is the old one or the new one, whatever happens. While the object lives
/// nobody else can open it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "client/targets/files.h"
#include "client/targets/mail_target.h"

namespace mailrig::client {

class FetchState {
 public:
  static constexpr std::string_view file_name = ".mailrig-state";

  /// `folder` holds the file; `target` names the target within it. Errors: environment where the file is damaged,
  /// cannot be read, or is in use.
  static Result<FetchState> open(const std::string& folder, std::string_view target, std::string_view server,
                                 std::string_view user);
  FetchState(FetchState&& other) noexcept;
  FetchState& operator=(FetchState&&) = delete;
  ~FetchState();

  bool has_seen(std::string_view uid) const { return here_.seen.contains(std::string(uid)); }
  void add(std::string_view uid);
  void forget(std::string_view uid);
  /// Of messages without a uid: how many of this content there are.
  std::uint64_t copies_of(std::string_view sum) const;
  void add_copy(std::string_view sum) { ++here_.copies[std::string(sum)]; }
  void remove_copy(std::string_view sum);

  /// Of a message whose transfer did not come to its end: what Fetcher counts of it, 0 for any other.
  std::uint64_t failures_of(std::string_view identity) const;
  void set_failures(std::string_view identity, std::uint64_t count);

  /// How a message was put into the target, by its mark (mark_of); nothing where that is not known.
  std::optional<StoredCopy> copy_of(const std::string& mark) const;
  void add_stored(const std::string& mark, StoredCopy copy) { here_.stored[mark] = std::move(copy); }
  void forget_stored(const std::string& mark) { here_.stored.erase(mark); }

  /// The target's own numbers (MailTargetOpening).
  bool known() const { return known_; }
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;

  Status save();

  /// 16 hexadecimal digits that stand for server and user.
  const std::string& account_mark() const { return account_mark_; }
  /// The same for a message of theirs.
  std::string mark_of(std::string_view identity) const;

 private:
  struct Section {
    std::vector<std::string>
        order;  // as they were added: the file can be read by people, and differs little from run to run
    std::unordered_set<std::string> seen;
    std::map<std::string, std::uint64_t> copies;
    std::map<std::string, std::uint64_t> failures;
    std::map<std::string, StoredCopy> stored;
    std::uint64_t octets = 0;
    std::uint64_t messages = 0;
  };

  FetchState() = default;
  Status read(const std::string& text);
  static std::string write_section(const std::string& title, const Section& section);

  std::string path_;
  int lock_ = -1;  // a descriptor of the folder
  std::string account_mark_;
  std::string title_;                        // of the section of this run
  std::map<std::string, Section> sections_;  // the others
  Section here_;
  bool known_ = false;
};

}  // namespace mailrig::client
