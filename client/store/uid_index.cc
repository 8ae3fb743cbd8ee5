#include "client/store/uid_index.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace mailrig::client {

Status UidIndex::load(MessageStore& store, std::string_view account, const AccountRecord& record) {
  Result<std::vector<UidRecord>> facts = store.uids(account);
  if (!facts) return facts.error();
  Result<StoreTotals> stored = store.totals(account);
  if (!stored) return stored.error();
  totals = *stored;
  for (UidRecord& fact : *facts) {
    bool gone = (fact.flags & UidRecord::gone) != 0;
    KnownUid& uid = add(std::move(fact));
    if (gone) present_.pop_back();
    // The client died between the commit and the answer to QUIT.
    if (record.open_session != 0 && uid.fact.session == record.open_session) {
      uid.fact.flags |= UidRecord::unsettled;
      change(uid);
    }
  }
  loaded_ = true;
  return {};
}

KnownUid* UidIndex::find(std::string_view uid) {
  auto found = by_uid_.find(uid);
  return found == by_uid_.end() ? nullptr : found->second;
}

KnownUid& UidIndex::add(UidRecord fact) {
  KnownUid& uid = uids_.emplace_back(KnownUid{std::move(fact)});
  by_uid_.emplace(uid.fact.uid, &uid);
  present_.push_back(&uid);
  return uid;
}

void UidIndex::leave_behind(const std::vector<std::string_view>& uids) {
  left_behind_.clear();
  left_behind_.reserve(uids.size());
  for (std::string_view uid : uids) left_behind_.push_back(std::hash<std::string_view>()(uid));
  std::ranges::sort(left_behind_);
}

bool UidIndex::was_left_behind(std::string_view uid) const {
  return std::ranges::binary_search(left_behind_, std::hash<std::string_view>()(uid));
}

std::vector<UidRecord*> UidIndex::changed() const {
  std::vector<UidRecord*> facts;
  facts.reserve(changed_.size());
  for (KnownUid* uid : changed_) facts.push_back(&uid->fact);
  return facts;
}

void UidIndex::on_committed() {
  for (KnownUid* uid : changed_) uid->changed = false;
  changed_.clear();
}

}  // namespace mailrig::client
