#include "client/pop3/pop3_sync.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "client/connect.h"

namespace mailrig::client {

Pop3Sync::Pop3Sync(const AccountSettings& settings, AccountRecord& record, UidIndex& known, MessageStore& store,
                   World& world)
    : settings_(settings),
      record_(record),
      known_(known),
      store_(store),
      world_(world),
      previous_listing_(record.last_listing),
      previous_harvest_(record.last_harvest),
      failures_(record, known, world.calendar.now()) {
  ++record_.session;
}

// What to do with each message.

std::vector<Pop3Task> Pop3Sync::plan(std::span<const Pop3Item> listing, const ServerCapabilities& offer) {
  listed_ = true;
  items_ = listing;
  offer_ = offer;
  progress_.assign(items_.size(), {});
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].uid.empty()) continue;
    progress_[i].known = known_.find(items_[i].uid);
    if (progress_[i].known != nullptr) progress_[i].known->listed_in = record_.session;
  }
  note_vanished();
  tries_quarantined_ = record_.quarantine_due && world_.calendar.now() >= *record_.quarantine_due;

  std::array<std::vector<Pop3Task>, 4> by_turn;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    Turn turn = Turn::first;
    FetchDecision wanted = want(i, turn);
    if (wanted != FetchDecision::leave) by_turn[static_cast<std::size_t>(turn)].push_back({i, wanted});
  }
  return in_turn(std::move(by_turn));
}

/// What failed before comes only as far as there is room, and the longest untried first. What was refused comes before
/// the last of the other messages, because its arrival shows whose fault another refusal is; what stalled comes after
/// all others, since it may end the session.
std::vector<Pop3Task> Pop3Sync::in_turn(std::array<std::vector<Pop3Task>, 4> by_turn) {
  std::vector<Pop3Task> tasks = std::move(by_turn[static_cast<std::size_t>(Turn::first)]);
  const bool has_probe = !tasks.empty() && tasks.back().want == FetchDecision::retrieve;
  for (Turn turn : {Turn::after_refusal, Turn::after_failure, Turn::from_quarantine}) {
    std::vector<Pop3Task>& group = by_turn[static_cast<std::size_t>(turn)];
    std::ranges::stable_sort(group, {}, [this](const Pop3Task& task) {
      const KnownUid* known = progress_[task.item].known;
      return known != nullptr ? known->fact.session : failed_before(task.item)->fact.session;
    });
    std::erase_if(group, [this](Pop3Task& task) { return (task.want = admit(task.item)) == FetchDecision::leave; });
    const bool before_probe = turn == Turn::after_refusal && has_probe;
    tasks.insert(before_probe ? tasks.end() - 1 : tasks.end(), group.begin(), group.end());
  }
  return tasks;
}

Pop3Sync::Turn Pop3Sync::turn_of(const UidRecord& fact) const {
  if ((fact.flags & UidRecord::set_aside) != 0) return Turn::from_quarantine;
  return (fact.flags & UidRecord::refused) != 0 ? Turn::after_refusal : Turn::after_failure;
}

/// Takes what the listing shows no more off the list of those present.
void Pop3Sync::note_vanished() {
  std::vector<KnownUid*> still_present;
  for (KnownUid* uid : known_.present()) {
    if (uid->listed_in == record_.session) continue;
    uid->fact.flags |= UidRecord::gone;
    known_.change(*uid);
    if (is_lost(uid->fact)) {
      ++record_.lost;
      note_action(world_, settings_.name,
                  fmt::format("message {} failed and is no longer listed: it is lost", printable(uid->fact.uid)));
    }
    // It had been listed again after it was retrieved: this server keeps messages, so its uid may have changed.
    bool was_kept =
        uid->fact.message && uid->fact.session < previous_listing_ && (uid->fact.flags & UidRecord::deleted) == 0;
    if (was_kept && !offer_.expires_at_once) vanished_by_size_[uid->fact.octets].push_back(uid);
  }
  for (const Progress& progress : progress_)
    if (progress.known != nullptr) still_present.push_back(progress.known);
  known_.present() = std::move(still_present);
}

FetchDecision Pop3Sync::want(std::size_t index, Turn& turn) {
  const Pop3Item& item = items_[index];
  Progress& progress = progress_[index];
  if (progress.known != nullptr) {
    const UidRecord& fact = progress.known->fact;
    if ((fact.flags & UidRecord::set_aside) != 0 && !tries_quarantined_) {
      if (fact.message) claimed_.insert(*fact.message);
      return FetchDecision::leave;
    }
    if (fact.message) {
      lists_last_harvest_ = lists_last_harvest_ || (fact.session == previous_harvest_ && previous_harvest_ != 0 &&
                                                    (fact.flags & UidRecord::unsettled) == 0);
      return want_known(index);
    }
    ++not_stored_before_;
    turn = turn_of(fact);
    return FetchDecision::retrieve;
  }
  if (item.uid.empty()) {
    KnownUid* failed = known_.find(name_of(item));
    if (failed != nullptr && has_failed(failed->fact)) {
      failed->listed_in = record_.session;
      known_.present().push_back(failed);
      failed_before_[index] = failed;
      if ((failed->fact.flags & UidRecord::set_aside) != 0 && !tries_quarantined_) return FetchDecision::leave;
      ++not_stored_before_;
      turn = turn_of(failed->fact);
      return FetchDecision::retrieve;
    }
  }
  ++not_stored_before_;
  if (item.uid.empty()) {
    if (!offer_.top || identifications_ == identifications_max) return admit(index);
    ++identifications_;
    return FetchDecision::identify;
  }
  if (offer_.top && may_be_renumbered(item) && identifications_ < identifications_max) {
    ++identifications_;
    return FetchDecision::identify;
  }
  return admit(index);
}

FetchDecision Pop3Sync::want_known(std::size_t index) {
  const Pop3Item& item = items_[index];
  KnownUid& uid = *progress_[index].known;
  bool came_back = (uid.fact.flags & UidRecord::gone) != 0;
  bool changed_size = uid.fact.octets != 0 && item.octets != 0 && uid.fact.octets != item.octets;
  if (!came_back && !changed_size) return stored_already(index);
  progress_[index].doubted = true;
  if (!offer_.top) return identify_doubted(index, std::nullopt);
  if (identifications_ == identifications_max) {
    claimed_.insert(*uid.fact.message);
    return FetchDecision::leave;
  }
  ++identifications_;
  return FetchDecision::identify;
}

/// It is stored: delete it where the user wants that, else leave it alone.
FetchDecision Pop3Sync::stored_already(std::size_t index) {
  Progress& progress = progress_[index];
  UidRecord& fact = progress.known->fact;
  claimed_.insert(*fact.message);
  progress.durable = true;
  bool settle =
      (fact.flags & UidRecord::gone) != 0 || (items_[index].octets != 0 && fact.octets != items_[index].octets);
  if (settle) {
    fact.flags &= static_cast<std::uint8_t>(~UidRecord::gone);
    if (items_[index].octets != 0) fact.octets = items_[index].octets;
    known_.change(*progress.known);
  }
  const bool alike = (fact.flags & UidRecord::alike) != 0;
  return settings_.deletes() && !alike ? FetchDecision::remove : FetchDecision::leave;
}

/// Is there room for one more in this cycle, and in the account's storage?
FetchDecision Pop3Sync::admit(std::size_t index) {
  const std::uint64_t octets = items_[index].octets;
  if (planned_ == settings_.batch || storage_full_) return FetchDecision::leave;
  if (known_.totals.octets + planned_octets_ + octets > settings_.storage) {
    storage_full_ = true;
    return FetchDecision::leave;
  }
  ++planned_;
  planned_octets_ += octets;
  return FetchDecision::retrieve;
}

bool Pop3Sync::may_be_renumbered(const Pop3Item& item) const {
  if (vanished_by_size_.empty()) return false;
  return item.octets == 0 || vanished_by_size_.contains(item.octets) || vanished_by_size_.contains(0);
}

// Messages.

void Pop3Sync::begin(const Pop3Item& item) {
  current_item_ = index_of(item);
  current_from_ = uncommitted_.size();
  in_progress_ = true;
}

Status Pop3Sync::end() {
  const Pop3Item& item = items_[current_item_];
  std::string_view raw = std::string_view(uncommitted_).substr(current_from_);
  in_progress_ = false;
  failures_.on_success();
  Pending pending;
  pending.item = current_item_;
  pending.from = current_from_;
  pending.octets = raw.size();
  Sha256 sum;
  sum.update(raw);
  pending.message.sha256 = sum.finish();
  MessageFacts facts = read_facts(raw);
  pending.message_id = facts.message_id;
  pending.uid = !item.uid.empty() ? std::string(item.uid) : identity_for(current_item_);
  if (pending.uid.empty()) {
    pending.is_known_by_uid = false;
    pending.uid = " octets " + to_hex(pending.message.sha256);
  }
  bool only_alike = false;
  Result<std::optional<MessageKey>> stored = find_stored(pending, facts, only_alike);
  if (!stored) {
    uncommitted_.resize(current_from_);
    return stored.error();
  }
  pending.adopted = *stored;
  if (pending.adopted) {
    claimed_.insert(*pending.adopted);
    progress_[current_item_].keep_on_server = only_alike;
    uncommitted_.resize(current_from_);
  } else {
    pending.folder = folder_for(facts, settings_.filters);
    pending.message.stored_at = world_.calendar.now();
    bool associated = pending.folder == inbox_folder || pending.folder == sent_folder;
    pending.message.for_crm = settings_.crm.has_value() && associated;
  }
  harvest_dates_.push_back(facts.date);
  if (!known_.was_left_behind(pending.uid)) ++newly_listed_;
  pending_.push_back(std::move(pending));
  return {};
}

/// The stored message that this one is, though it came under a name that was not known. A stored message that another
/// item of this listing is, is not meant.
Result<std::optional<MessageKey>> Pop3Sync::find_stored(const Pending& pending, const MessageFacts& facts,
                                                        bool& only_alike) {
  Result<std::vector<StoredMessage>> same = store_.with_digest(settings_.name, pending.message.sha256);
  if (!same) return same.error();
  for (const StoredMessage& stored : *same)
    if (is_free(stored)) return std::optional(stored.id);
  if (facts.message_id.empty()) return std::optional<MessageKey>{};
  Result<std::vector<StoredMessage>> alike = store_.with_message_id(settings_.name, facts.message_id);
  if (!alike) return alike.error();
  // Gmail's recent mode lists what the user sent as well as what came back; it is stored once.
  bool sent_again = settings_.is_recent_mode() && is_from(facts, settings_.own_address());
  for (const StoredMessage& stored : *alike) {
    bool rendered_anew = false;
    if (is_free(stored) && !stored.uid.empty() && stored.octets == pending.octets) {
      Result<std::string> raw = store_.raw(stored.id);
      if (!raw) return raw.error();
      rendered_anew = read_facts(*raw).date == facts.date;
    }
    if (!sent_again && !rendered_anew) continue;
    only_alike = true;
    return std::optional(stored.id);
  }
  return std::optional<MessageKey>{};
}

void Pop3Sync::failed(const Pop3Item& item, const Error& why) {
  std::size_t index = index_of(item);
  if (why.code != Errc::environment && why.code != Errc::cancelled && why.code != Errc::internal) {
    KnownUid* known = progress_[index].known != nullptr ? progress_[index].known : failed_before(index);
    const bool not_had_before = known != nullptr && !known->fact.message;
    KnownUid& uid = known != nullptr ? *known : add_failing(index);
    uid.fact.session = uid.fact.message ? uid.fact.session : record_.session;
    const bool refused = why.code == Errc::peer_refused || why.reason == empty_message_reason;
    // A message that is gone is no longer listed the next time. If it is, the server cannot hand it out.
    const bool gone = why.reason == "message-gone" && !not_had_before;
    if (!gone) uid.fact.flags |= UidRecord::failing;
    if (refused) {
      uid.fact.flags |= UidRecord::refused;
      failures_.refused(uid, why.message, !gone);
    } else {
      uid.fact.flags &= static_cast<std::uint8_t>(~UidRecord::refused);
      bool cut = why.code == Errc::reset || why.code == Errc::end_of_stream || why.code == Errc::truncated;
      failures_.broken(uid, cut ? cut_points : refusal_points, planned_ == 1);
    }
    known_.change(uid);
    note_action(world_, settings_.name,
                fmt::format("message {} is not retrieved ({})", item.number, to_string(why.code)));
  }
  if (in_progress_ && current_item_ == index) {
    uncommitted_.resize(current_from_);
    in_progress_ = false;
  }
}

KnownUid& Pop3Sync::add_failing(std::size_t index) {
  const Pop3Item& item = items_[index];
  std::string name = !item.uid.empty() ? std::string(item.uid) : identity_for(index);
  if (name.empty()) name = name_of(item);
  KnownUid* known = known_.find(name);
  KnownUid& uid = known != nullptr ? *known : known_.add({.uid = std::move(name), .octets = item.octets});
  uid.listed_in = record_.session;
  return uid;
}

KnownUid* Pop3Sync::failed_before(std::size_t index) const {
  auto found = failed_before_.find(index);
  return found == failed_before_.end() ? nullptr : found->second;
}

std::string Pop3Sync::identity_for(std::size_t index) const {
  auto found = identities_.find(index);
  return found == identities_.end() ? std::string() : found->second;
}

/// For a message that has neither a uid nor a header that was seen: where it stands.
std::string Pop3Sync::name_of(const Pop3Item& item) const {
  return fmt::format(" number {} {}", item.number, item.octets);
}

// Commits.

UidRecord Pop3Sync::fact_of(const Pending& pending) const {
  const KnownUid* known = progress_[pending.item].known;
  UidRecord fact = known != nullptr ? known->fact : UidRecord{.uid = pending.uid};
  fact.octets = items_[pending.item].octets;
  fact.flags = progress_[pending.item].keep_on_server ? UidRecord::alike : 0;
  fact.attempts = 0;
  fact.session = record_.session;
  return fact;
}

Status Pop3Sync::commit() {
  if (pending_.empty()) return {};
  MailBatch batch{.account = settings_.name};
  std::vector<UidRecord> facts;
  facts.reserve(pending_.size());  // pointers to them are handed on
  batch.messages.reserve(pending_.size());
  batch.uids = known_.changed();
  for (Pending& pending : pending_) {
    std::optional<MessageKey> key = pending.adopted;
    if (!key) {
      key = in_this_batch(batch.messages.size());
      pending.message.raw = std::string_view(uncommitted_).substr(pending.from, pending.octets);
      pending.message.uid = pending.uid;
      pending.message.message_id = pending.message_id;
      pending.message.folder = pending.folder;
      batch.messages.push_back(pending.message);
    }
    UidRecord fact = fact_of(pending);
    fact.message = key;
    facts.push_back(std::move(fact));
    if (pending.is_known_by_uid) batch.uids.push_back(&facts.back());
  }
  AccountRecord after = record_;
  after.open_session = record_.session;
  after.retrieved += pending_.size();
  batch.account_facts = to_facts(after);
  Status stored = store_.commit(batch);
  if (!stored) {
    note_action(world_, settings_.name, fmt::format("{} messages could not be committed", pending_.size()));
    forget_pending();
    return stored;
  }
  record_ = std::move(after);
  note_action(world_, settings_.name, fmt::format("{} messages committed", batch.messages.size()));
  stored_ += batch.messages.size();
  known_.totals.messages += batch.messages.size();
  for (const NewMessage& message : batch.messages) known_.totals.octets += message.raw.size();
  known_.on_committed();
  on_committed(facts);
  return {};
}

void Pop3Sync::on_committed(const std::vector<UidRecord>& facts) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    Progress& progress = progress_[pending_[i].item];
    progress.durable = true;
    if (KnownUid* failed = failed_before(pending_[i].item); failed != nullptr) {
      failed->fact.attempts = 0;
      failed->fact.flags = 0;
      known_.change(*failed);
    }
    if (!pending_[i].is_known_by_uid) continue;
    if (facts[i].message) claimed_.insert(*facts[i].message);
    if (progress.known == nullptr) {
      progress.known = &known_.add(facts[i]);
      progress.known->listed_in = record_.session;
    } else {
      progress.known->fact = facts[i];
    }
    retrieved_.push_back(progress.known);
  }
  forget_pending();
}

/// The next message may have begun to arrive already.
void Pop3Sync::forget_pending() {
  pending_.clear();
  uncommitted_.erase(0, in_progress_ ? current_from_ : uncommitted_.size());
  current_from_ = 0;
}

// The end of the session.

bool Pop3Sync::may_delete(const Pop3Item& item) {
  const Progress& progress = progress_[index_of(item)];
  return settings_.deletes() && progress.durable && !progress.keep_on_server;
}

void Pop3Sync::deleted(const Pop3Item& item) { deleted_.push_back(progress_[index_of(item)].known); }

/// Of what this session listed.
void Pop3Sync::count_quarantined() {
  if (!listed_) return;
  record_.quarantined = 0;
  for (const KnownUid* uid : known_.present())
    if ((uid->fact.flags & UidRecord::set_aside) != 0 && uid->listed_in == record_.session) ++record_.quarantined;
  if (record_.quarantined == 0)
    record_.quarantine_due.reset();
  else if (tries_quarantined_)
    record_.quarantine_due = world_.calendar.now() + quarantine_pause;
}

void Pop3Sync::quit(bool confirmed) {
  failures_.conclude();
  count_quarantined();
  if (confirmed) {
    record_.deleted += deleted_.size();
    for (KnownUid* uid : deleted_) {
      if (uid == nullptr) continue;
      uid->fact.flags |= UidRecord::deleted;
      known_.change(*uid);
    }
    if (!harvest_dates_.empty()) {
      record_.last_harvest = record_.session;
      record_.queue.on_harvest(world_.calendar.now(), harvest_dates_, newly_listed_);
    }
  } else {
    for (KnownUid* uid : retrieved_) {
      uid->fact.flags |= UidRecord::unsettled;
      known_.change(*uid);
    }
  }
  record_.open_session = 0;
  if (!listed_) return;
  record_.last_listing = record_.session;
  if (confirmed)
    record_.queue.on_listing({.at = world_.calendar.now(),
                              .expires_at_once = offer_.expires_at_once,
                              .leaves_mail = !settings_.deletes() && !settings_.is_recent_mode(),
                              .listed = items_.size(),
                              .new_ones = not_stored_before_,
                              .last_harvest = lists_last_harvest_});
  std::vector<std::string_view> left;
  // Only where retrieved messages are not kept it matters.
  for (std::size_t i = 0; offer_.expires_at_once && i < items_.size(); ++i)
    if (progress_[i].known == nullptr && !items_[i].uid.empty()) left.push_back(items_[i].uid);
  known_.leave_behind(left);
}

}  // namespace mailrig::client
