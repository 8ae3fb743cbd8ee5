#pragma once
/// One poll of one account: which messages are new, oldest first and in batches; which are stored already, however
/// their uids changed; what is filed where; what may be deleted; what cannot be had.
///
///   Pop3Sync retrieval(settings, record, known, store, world);
///   Pop3Session session(..., retrieval);
///   Status how = co_await drive(session, *stream, world, {});
///
/// What has changed in `record` and `known` when the session is over is for the caller to make durable.
///
/// A message is known by its uid. The uid is doubted, and the header looked at (TOP n 0, which marks nothing as read),
/// where it came back after it was gone or its size changed (docs/providers/misbehaviours.md#m15); a new uid is doubted
/// where old ones vanished with messages of its size (docs/providers/misbehaviours.md#m16). A message without usable
/// uid (#m9, #m11, #m12) is known by its header if that holds a Message-ID, else by all of its octets. In doubt a
/// message is retrieved: the worst is that it is retrieved twice, it is stored once all the same.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "client/account/account.h"
#include "client/account/account_record.h"
#include "client/account/failed_retrievals.h"
#include "client/pop3/mail_sink.h"
#include "client/store/message_facts.h"
#include "client/store/store.h"
#include "client/store/uid_index.h"
#include "net/world.h"

namespace mailrig::client {

// Messages are kept in memory until they are committed: so many octets, and the message that goes beyond.
inline constexpr std::size_t uncommitted_octets_max = 16 << 20;
// Headers looked at in one session; what is left waits for the next.
inline constexpr std::size_t identifications_max = 1'000;

class Pop3Sync final : public MailSink {
 public:
  /// All of them live as long as this. Begins session record.session + 1.
  Pop3Sync(const AccountSettings& settings, AccountRecord& record, UidIndex& known, MessageStore& store, World& world);

  std::vector<Pop3Task> plan(std::span<const Pop3Item> listing, const ServerCapabilities& offer) override;
  FetchDecision identified(const Pop3Item& item, std::optional<std::string_view> header) override;
  void begin(const Pop3Item& item) override;
  void body(std::string_view piece) override { uncommitted_ += piece; }
  Status end() override;
  void failed(const Pop3Item& item, const Error& why) override;
  bool commit_due() override { return uncommitted_.size() >= uncommitted_octets_max; }
  Status commit() override;
  bool may_delete(const Pop3Item& item) override;
  void deleted(const Pop3Item& item) override;
  void quit(bool confirmed) override;

  /// The mailbox was listed to its end.
  bool listed() const { return listed_; }
  /// Messages were left on the server because the account's storage is used up.
  bool storage_full() const { return storage_full_; }
  std::uint64_t stored() const { return stored_; }
  /// What this session was refused and is no message's fault. Complete after quit().
  std::optional<RefusedRetrievals> refused() const { return failures_.trouble(); }

 private:
  /// What this session makes of one item of the listing.
  struct Progress {
    KnownUid* known = nullptr;
    bool doubted = false;  // known, but is it the same?
    bool durable = false;
    bool keep_on_server = false;  // it is only taken for one that is stored
  };
  struct Pending {
    NewMessage message;    // raw is set when it is committed
    std::size_t from = 0;  // in uncommitted_
    std::size_t octets = 0;
    std::string message_id;
    std::string folder;
    std::string uid;
    std::size_t item = 0;
    bool is_known_by_uid = true;        // false: only by its octets
    std::optional<MessageKey> adopted;  // it is stored already, as this
  };

  KnownUid* failed_before(std::size_t index) const;
  std::string identity_for(std::size_t index) const;
  std::size_t index_of(const Pop3Item& item) const { return static_cast<std::size_t>(&item - items_.data()); }
  /// When a message is asked for, of those that are asked for at all.
  enum class Turn : std::uint8_t { first, after_refusal, after_failure, from_quarantine };
  FetchDecision want(std::size_t index, Turn& turn);
  Turn turn_of(const UidRecord& fact) const;
  std::vector<Pop3Task> in_turn(std::array<std::vector<Pop3Task>, 4> by_turn);
  FetchDecision want_known(std::size_t index);
  FetchDecision stored_already(std::size_t index);
  FetchDecision admit(std::size_t index);
  void note_vanished();
  bool may_be_renumbered(const Pop3Item& item) const;
  Result<bool> is_same(const Pop3Item& item, const KnownUid& uid, std::string_view header);
  FetchDecision identify_nameless(std::size_t index, std::string_view header);
  FetchDecision identify_doubted(std::size_t index, std::optional<std::string_view> header);
  FetchDecision identify_renumbered(std::size_t index, std::string_view header);
  Result<std::optional<MessageKey>> find_stored(const Pending& pending, const MessageFacts& facts, bool& only_alike);
  bool is_free(const StoredMessage& stored) const { return !claimed_.contains(stored.id); }
  UidRecord fact_of(const Pending& pending) const;
  void on_committed(const std::vector<UidRecord>& facts);
  void forget_pending();
  void count_quarantined();
  KnownUid& add_failing(std::size_t index);
  std::string name_of(const Pop3Item& item) const;

  const AccountSettings& settings_;
  AccountRecord& record_;
  UidIndex& known_;
  MessageStore& store_;
  World& world_;

  std::span<const Pop3Item> items_;
  ServerCapabilities offer_;
  bool listed_ = false;
  std::vector<Progress> progress_;  // one for each item, so it is small; the rarely known rest by item:
  std::unordered_map<std::size_t, KnownUid*> failed_before_;  // those without name that failed under their number
  std::unordered_map<std::size_t, std::string> identities_;   // what they will be known by, where there is no uid
  std::uint64_t previous_listing_ = 0;
  std::uint64_t previous_harvest_ = 0;
  bool lists_last_harvest_ = false;
  std::size_t not_stored_before_ = 0;

  bool tries_quarantined_ = false;
  std::size_t planned_ = 0;
  std::uint64_t planned_octets_ = 0;
  bool storage_full_ = false;
  std::size_t identifications_ = 0;

  std::unordered_map<std::uint64_t, std::vector<KnownUid*>> vanished_by_size_;
  std::unordered_set<MessageKey> claimed_;  // stored messages that an item of this listing is

  std::string uncommitted_;  // the messages, one after the other
  bool in_progress_ = false;
  std::size_t current_from_ = 0;
  std::size_t current_item_ = 0;
  std::vector<Pending> pending_;

  std::uint64_t stored_ = 0;
  std::vector<std::optional<Instant>> harvest_dates_;
  std::size_t newly_listed_ = 0;
  std::vector<KnownUid*> retrieved_, deleted_;
  FailedRetrievals failures_;
};

}  // namespace mailrig::client
