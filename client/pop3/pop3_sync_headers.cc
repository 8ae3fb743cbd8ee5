// What the header of a message (TOP n 0) tells of its identity.
#include "client/pop3/pop3_sync.h"

#include <algorithm>

namespace mailrig::client {

FetchDecision Pop3Sync::identified(const Pop3Item& item, std::optional<std::string_view> header) {
  std::size_t index = index_of(item);
  if (progress_[index].doubted) return identify_doubted(index, header);
  if (!header) return admit(index);
  return item.uid.empty() ? identify_nameless(index, *header) : identify_renumbered(index, *header);
}

FetchDecision Pop3Sync::identify_nameless(std::size_t index, std::string_view header) {
  if (read_facts(header).message_id.empty()) return admit(index);
  std::string identity = identity_of(header, items_[index].octets);
  KnownUid* known = known_.find(identity);
  if (known == nullptr) {
    identities_[index] = std::move(identity);
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
  const bool quarantined = (known->fact.flags & UidRecord::set_aside) != 0 && !tries_quarantined_;
  return quarantined ? FetchDecision::leave : admit(index);
}

FetchDecision Pop3Sync::identify_doubted(std::size_t index, std::optional<std::string_view> header) {
  const Pop3Item& item = items_[index];
  KnownUid& uid = *progress_[index].known;
  // Without a header, the size decides; in doubt it is another message, which its octets will show.
  bool same = item.octets == 0 || uid.fact.octets == 0 || item.octets == uid.fact.octets;
  if (header) {
    Result<bool> compared = is_same(item, uid, *header);
    if (!compared) return FetchDecision::leave;  // a store that cannot be read is no ground for retrieving or deleting
    same = *compared;
  }
  if (same) return stored_already(index);
  ++not_stored_before_;
  return admit(index);
}

/// By Message-ID where both have one: Exchange renders a message anew at every retrieval, so its other octets may
/// change.
Result<bool> Pop3Sync::is_same(const Pop3Item& item, const KnownUid& uid, std::string_view header) {
  Result<std::string> raw = store_.raw(*uid.fact.message);
  if (!raw) return raw.error();
  MessageFacts stored = read_facts(*raw);
  MessageFacts listed = read_facts(header);
  if (!stored.message_id.empty() || !listed.message_id.empty()) return stored.message_id == listed.message_id;
  return header_text(*raw) == header_text(header) && (item.octets == 0 || item.octets == uid.fact.octets);
}

FetchDecision Pop3Sync::identify_renumbered(std::size_t index, std::string_view header) {
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

}  // namespace mailrig::client
