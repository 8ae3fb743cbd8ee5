#include "client/retrieval.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "client/connect.h"

namespace mailrig::client {

Retrieval::Retrieval(const AccountSettings& settings, AccountRecord& record, KnownMail& known, MessageStore& store,
                     World& world)
    : settings_(settings),
      record_(record),
      known_(known),
      store_(store),
      world_(world),
      previous_listing_(record.last_listing),
      previous_harvest_(record.last_harvest) {
  ++record_.session;
}

// What to do with each message.

std::vector<Pop3Task> Retrieval::plan(std::span<const Pop3Item> listing, const Pop3Offer& offer) {
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

  std::vector<Pop3Task> tasks, suspects;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    bool suspect = false;
    Pop3Want wanted = want(i, suspect);
    if (wanted != Pop3Want::leave) (suspect ? suspects : tasks).push_back({i, wanted});
  }
  // Those that failed before come last, and only as far as there is room, so that they hinder nobody.
  for (Pop3Task& task : suspects) {
    task.want = admit(task.item);
    if (task.want != Pop3Want::leave) tasks.push_back(task);
  }
  return tasks;
}

/// Takes what the listing shows no more off the list of those present.
void Retrieval::note_vanished() {
  std::vector<KnownUid*> still_present;
  for (KnownUid* uid : known_.present()) {
    if (uid->listed_in == record_.session) continue;
    uid->fact.flags |= UidFact::gone;
    known_.change(*uid);
    if (is_lost(uid->fact)) {
      ++record_.lost;
      note_action(world_, settings_.name,
                  fmt::format("message {} failed and is no longer listed: it is lost", printable(uid->fact.uid)));
    }
    // It had been listed again after it was retrieved: this server keeps messages, so its uid may have changed.
    bool was_kept =
        uid->fact.message && uid->fact.session < previous_listing_ && (uid->fact.flags & UidFact::deleted) == 0;
    if (was_kept && !offer_.expires_at_once) vanished_by_size_[uid->fact.octets].push_back(uid);
  }
  for (const Progress& progress : progress_)
    if (progress.known != nullptr) still_present.push_back(progress.known);
  known_.present() = std::move(still_present);
}

Pop3Want Retrieval::want(std::size_t index, bool& suspect) {
  const Pop3Item& item = items_[index];
  Progress& progress = progress_[index];
  if (progress.known != nullptr) {
    const UidFact& fact = progress.known->fact;
    if ((fact.flags & UidFact::set_aside) != 0) {
      if (fact.message) claimed_.insert(*fact.message);
      return Pop3Want::leave;
    }
    if (fact.message) {
      lists_last_harvest_ = lists_last_harvest_ || (fact.session == previous_harvest_ && previous_harvest_ != 0 &&
                                                    (fact.flags & UidFact::unsettled) == 0);
      return want_known(index);
    }
    ++not_stored_before_;
    suspect = true;
    return Pop3Want::retrieve;
  }
  if (item.uid.empty()) {
    KnownUid* failed_before = known_.find(name_of(item));
    if (failed_before != nullptr && failed_before->fact.attempts > 0) {
      failed_before->listed_in = record_.session;
      known_.present().push_back(failed_before);
      if ((failed_before->fact.flags & UidFact::set_aside) != 0) return Pop3Want::leave;
      progress.failed_before = failed_before;
      ++not_stored_before_;
      suspect = true;
      return Pop3Want::retrieve;
    }
  }
  ++not_stored_before_;
  if (item.uid.empty()) {
    if (!offer_.top || identifications_ == identifications_max) return admit(index);
    ++identifications_;
    return Pop3Want::identify;
  }
  if (offer_.top && may_be_renumbered(item) && identifications_ < identifications_max) {
    ++identifications_;
    return Pop3Want::identify;
  }
  return admit(index);
}

Pop3Want Retrieval::want_known(std::size_t index) {
  const Pop3Item& item = items_[index];
  KnownUid& uid = *progress_[index].known;
  bool came_back = (uid.fact.flags & UidFact::gone) != 0;
  bool changed_size = uid.fact.octets != 0 && item.octets != 0 && uid.fact.octets != item.octets;
  if (!came_back && !changed_size) return stored_already(index);
  progress_[index].doubted = true;
  if (!offer_.top) return identify_doubted(index, std::nullopt);
  if (identifications_ == identifications_max) {
    claimed_.insert(*uid.fact.message);
    return Pop3Want::leave;
  }
  ++identifications_;
  return Pop3Want::identify;
}

/// It is stored: delete it where the user wants that, else leave it alone.
Pop3Want Retrieval::stored_already(std::size_t index) {
  Progress& progress = progress_[index];
  UidFact& fact = progress.known->fact;
  claimed_.insert(*fact.message);
  progress.durable = true;
  bool settle = (fact.flags & UidFact::gone) != 0 || (items_[index].octets != 0 && fact.octets != items_[index].octets);
  if (settle) {
    fact.flags &= static_cast<std::uint8_t>(~UidFact::gone);
    if (items_[index].octets != 0) fact.octets = items_[index].octets;
    known_.change(*progress.known);
  }
  return settings_.deletes() ? Pop3Want::remove : Pop3Want::leave;
}

/// Is there room for one more in this cycle, and in the account's storage?
Pop3Want Retrieval::admit(std::size_t index) {
  const std::uint64_t octets = items_[index].octets;
  if (planned_ == settings_.batch || storage_full_) return Pop3Want::leave;
  if (known_.totals.octets + planned_octets_ + octets > settings_.storage) {
    storage_full_ = true;
    return Pop3Want::leave;
  }
  ++planned_;
  planned_octets_ += octets;
  return Pop3Want::retrieve;
}

bool Retrieval::may_be_renumbered(const Pop3Item& item) const {
  if (vanished_by_size_.empty()) return false;
  return item.octets == 0 || vanished_by_size_.contains(item.octets) || vanished_by_size_.contains(0);
}

// What a header tells.

Pop3Want Retrieval::identified(const Pop3Item& item, std::optional<std::string_view> header) {
  std::size_t index = index_of(item);
  if (progress_[index].doubted) return identify_doubted(index, header);
  if (!header) return admit(index);
  return item.uid.empty() ? identify_nameless(index, *header) : identify_renumbered(index, *header);
}

Pop3Want Retrieval::identify_nameless(std::size_t index, std::string_view header) {
  if (read_facts(header).message_id.empty()) return admit(index);
  std::string identity = identity_of(header, items_[index].octets);
  KnownUid* known = known_.find(identity);
  if (known == nullptr) {
    progress_[index].identity = std::move(identity);
    return admit(index);
  }
  // A second message with the very same header in one listing is one of its own: only its octets can tell.
  if (known->listed_in == record_.session) return admit(index);
  known->listed_in = record_.session;
  known_.present().push_back(known);
  progress_[index].known = known;
  if (known->fact.message) {
    --not_stored_before_;
    return stored_already(index);
  }
  return (known->fact.flags & UidFact::set_aside) != 0 ? Pop3Want::leave : admit(index);
}

Pop3Want Retrieval::identify_doubted(std::size_t index, std::optional<std::string_view> header) {
  const Pop3Item& item = items_[index];
  KnownUid& uid = *progress_[index].known;
  // Without a header, the size decides; in doubt it is another message, which its octets will show.
  bool same = item.octets == 0 || uid.fact.octets == 0 || item.octets == uid.fact.octets;
  if (header) {
    Result<bool> compared = is_same(item, uid, *header);
    if (!compared) return Pop3Want::leave;  // a store that cannot be read is no ground for retrieving or deleting
    same = *compared;
  }
  if (same) return stored_already(index);
  ++not_stored_before_;
  return admit(index);
}

/// By Message-ID where both have one: Exchange renders a message anew at every retrieval, so its other octets may
/// change.
Result<bool> Retrieval::is_same(const Pop3Item& item, const KnownUid& uid, std::string_view header) {
  Result<std::string> raw = store_.raw(*uid.fact.message);
  if (!raw) return raw.error();
  MessageFacts stored = read_facts(*raw);
  MessageFacts listed = read_facts(header);
  if (!stored.message_id.empty() || !listed.message_id.empty()) return stored.message_id == listed.message_id;
  return header_text(*raw) == header_text(header) && (item.octets == 0 || item.octets == uid.fact.octets);
}

Pop3Want Retrieval::identify_renumbered(std::size_t index, std::string_view header) {
  const Pop3Item& item = items_[index];
  MessageFacts facts = read_facts(header);
  if (facts.message_id.empty()) return admit(index);
  Result<std::vector<StoredMessage>> alike = store_.with_message_id(settings_.name, facts.message_id);
  if (!alike) return admit(index);
  for (std::uint64_t size : {item.octets, std::uint64_t{0}}) {
    auto vanished = vanished_by_size_.find(size);
    if (vanished == vanished_by_size_.end()) continue;
    for (KnownUid* old : vanished->second) {
      auto is_it = [&](const StoredMessage& stored) { return stored.id == *old->fact.message; };
      if (claimed_.contains(*old->fact.message) || std::ranges::none_of(*alike, is_it)) continue;
      Result<std::string> raw = store_.raw(*old->fact.message);
      if (!raw || read_facts(*raw).date != facts.date) continue;
      KnownUid& uid = known_.add({.uid = std::string(item.uid),
                                  .message = old->fact.message,
                                  .octets = item.octets,
                                  .session = old->fact.session});
      uid.listed_in = record_.session;
      known_.change(uid);
      progress_[index].known = &uid;
      --not_stored_before_;
      return stored_already(index);
    }
  }
  return admit(index);
}

// Messages.

void Retrieval::begin(const Pop3Item& item) {
  current_item_ = index_of(item);
  current_from_ = uncommitted_.size();
  in_progress_ = true;
}

Status Retrieval::end() {
  const Pop3Item& item = items_[current_item_];
  const Progress& progress = progress_[current_item_];
  std::string_view raw = std::string_view(uncommitted_).substr(current_from_);
  in_progress_ = false;
  Pending pending;
  pending.item = current_item_;
  pending.from = current_from_;
  pending.octets = raw.size();
  Sha256 sum;
  sum.update(raw);
  pending.message.sha256 = sum.finish();
  MessageFacts facts = read_facts(raw);
  pending.message_id = facts.message_id;
  pending.uid = !item.uid.empty() ? std::string(item.uid) : progress.identity;
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
  if (!known_.left_behind().contains(pending.uid)) ++newly_listed_;
  pending_.push_back(std::move(pending));
  return {};
}

/// The stored message that this one is, though it came under a name that was not known. A stored message that another
/// item of this listing is, is not meant.
Result<std::optional<MessageKey>> Retrieval::find_stored(const Pending& pending, const MessageFacts& facts,
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

void Retrieval::failed(const Pop3Item& item, const Error& why) {
  std::size_t index = index_of(item);
  if (why.reason != "message-gone" && why.code != Errc::environment && why.code != Errc::cancelled &&
      why.code != Errc::internal) {
    bool cut = why.code == Errc::reset || why.code == Errc::end_of_stream || why.code == Errc::truncated;
    KnownUid* uid = progress_[index].known != nullptr ? progress_[index].known : progress_[index].failed_before;
    if (uid == nullptr) {
      std::string name = !item.uid.empty() ? std::string(item.uid) : progress_[index].identity;
      if (name.empty()) name = name_of(item);
      uid = known_.find(name);
      if (uid == nullptr) uid = &known_.add({.uid = std::move(name), .octets = item.octets});
      uid->listed_in = record_.session;
    }
    uid->fact.attempts = static_cast<std::uint8_t>(std::min(uid->fact.attempts + (cut ? 1U : 2U), failure_points_max));
    if (uid->fact.attempts == failure_points_max) uid->fact.flags |= UidFact::set_aside;
    known_.change(*uid);
    note_action(world_, settings_.name,
                fmt::format("message {} is not retrieved ({}){}", item.number, to_string(why.code),
                            (uid->fact.flags & UidFact::set_aside) != 0 ? ", and set aside" : ""));
  }
  if (in_progress_ && current_item_ == index) {
    uncommitted_.resize(current_from_);
    in_progress_ = false;
  }
}

/// For a message that has neither a uid nor a header that was seen: where it stands.
std::string Retrieval::name_of(const Pop3Item& item) const {
  return fmt::format(" number {} {}", item.number, item.octets);
}

// Commits.

UidFact Retrieval::fact_of(const Pending& pending) const {
  const KnownUid* known = progress_[pending.item].known;
  UidFact fact = known != nullptr ? known->fact : UidFact{.uid = pending.uid};
  fact.octets = items_[pending.item].octets;
  fact.flags = 0;
  fact.attempts = 0;
  fact.session = record_.session;
  return fact;
}

Status Retrieval::commit() {
  if (pending_.empty()) return {};
  MailBatch batch{.account = settings_.name};
  std::vector<UidFact> facts;
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
    UidFact fact = fact_of(pending);
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

void Retrieval::on_committed(const std::vector<UidFact>& facts) {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    Progress& progress = progress_[pending_[i].item];
    progress.durable = true;
    if (progress.failed_before != nullptr) {
      progress.failed_before->fact.attempts = 0;
      known_.change(*progress.failed_before);
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
void Retrieval::forget_pending() {
  pending_.clear();
  uncommitted_.erase(0, in_progress_ ? current_from_ : uncommitted_.size());
  current_from_ = 0;
}

// The end of the session.

bool Retrieval::may_delete(const Pop3Item& item) {
  const Progress& progress = progress_[index_of(item)];
  return settings_.deletes() && progress.durable && !progress.keep_on_server;
}

void Retrieval::deleted(const Pop3Item& item) { deleted_.push_back(progress_[index_of(item)].known); }

void Retrieval::quit(bool confirmed) {
  if (confirmed) {
    record_.deleted += deleted_.size();
    for (KnownUid* uid : deleted_) {
      if (uid == nullptr) continue;
      uid->fact.flags |= UidFact::deleted;
      known_.change(*uid);
    }
    if (!harvest_dates_.empty()) {
      record_.last_harvest = record_.session;
      record_.queue.on_harvest(world_.calendar.now(), harvest_dates_, newly_listed_);
    }
  } else {
    for (KnownUid* uid : retrieved_) {
      uid->fact.flags |= UidFact::unsettled;
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
  known_.left_behind().clear();
  if (!offer_.expires_at_once) return;  // only there it matters
  for (std::size_t i = 0; i < items_.size(); ++i)
    if (progress_[i].known == nullptr && !items_[i].uid.empty()) known_.left_behind().emplace(items_[i].uid);
}

}  // namespace mailrig::client
