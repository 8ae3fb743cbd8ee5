#pragma once
/// What an account knows of the uids on its server, in memory: kept between polls, loaded once from the store.
///
///   UidIndex known;
///   Status loaded = known.load(store, "work", record);
///   if (KnownUid* uid = known.find("4711"); uid != nullptr && uid->fact.message) ...     // stored already

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/account/account_record.h"
#include "client/store/store.h"

namespace mailrig::client {

struct KnownUid {
  UidRecord fact;
  std::uint64_t listed_in = 0;  // the session that saw it in its listing, of those since the start of the client
  bool changed = false;         // not in the store yet
};

/// A retrieval of it failed, and none has succeeded since.
inline bool has_failed(const UidRecord& fact) { return fact.attempts > 0 || (fact.flags & UidRecord::failing) != 0; }

/// It failed, and is no longer listed: no client can retrieve it now (docs/providers/situations.md#popped-at-retr).
/// Names that the client made up itself begin with a blank; they change with the listing and prove nothing.
inline bool is_lost(const UidRecord& fact) {
  return (fact.flags & UidRecord::gone) != 0 && !fact.message && has_failed(fact) && !fact.uid.starts_with(' ');
}

class UidIndex {
 public:
  Status load(MessageStore& store, std::string_view account, const AccountRecord& record);
  bool is_loaded() const { return loaded_; }

  KnownUid* find(std::string_view uid);
  /// A uid that is not known yet. It is present.
  KnownUid& add(UidRecord fact);
  void change(KnownUid& uid) {
    if (!std::exchange(uid.changed, true)) changed_.push_back(&uid);
  }

  /// Those that the last complete listing showed, or that were retrieved since.
  std::vector<KnownUid*>& present() { return present_; }
  /// For the next commit.
  std::vector<UidRecord*> changed() const;
  void on_committed();

  /// Uids that the last session listed and left to a later one, in this run of the client. They are kept as hashes,
  /// since there may be a million: two uids of the same hash cost one message in a statistic.
  void leave_behind(const std::vector<std::string_view>& uids);
  bool was_left_behind(std::string_view uid) const;

  StoreTotals totals = {};
  /// All that is known, in the order of becoming known.
  const std::deque<KnownUid>& all() const { return uids_; }

 private:
  bool loaded_ = false;
  std::deque<KnownUid> uids_;  // never moved
  std::unordered_map<std::string_view, KnownUid*> by_uid_;
  std::vector<KnownUid*> present_;
  std::vector<KnownUid*> changed_;
  std::vector<std::size_t> left_behind_;  // in order
};

}  // namespace mailrig::client
