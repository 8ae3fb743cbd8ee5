#include "fakeservers/pop3/mailbox.h"

#include <algorithm>
#include <set>

#include "base/prng.h"
#include "fakeservers/pop3/uids.h"

namespace mailrig::fakeservers::pop3 {
namespace {

// Conversations that scenarios name are numbered from here, above those that are counted off.
constexpr std::uint32_t first_named_conversation = 0x8000'0000;

/// The size of the item in the store, as Exchange tells it (docs/providers/exchange.md#sizes: it differs in either
/// direction).
std::uint64_t item_octets(Place place, std::uint64_t octets) {
  return place % 2 == 0 ? octets + octets / 4 + 512 : octets - octets / 5 + (octets < 5 ? 1 : 0);
}

}  // namespace

Mailbox::Mailbox(std::string name, UserSettings user, Instant now)
    : name_(std::move(name)), user_(std::move(user)), salt_(hash_seed(0, name_)), lock_(user_.lock) {
  if (user_.pop == Pop::from_now_on) horizon_ = now;
}

void Mailbox::add(Content content, const NewMessage& message, const Settings& settings) {
  StoredMessage& stored = messages_.emplace_back();
  auto place = static_cast<Place>(messages_.size() - 1);
  stored.content = std::move(content);
  stored.arrived = message.arrived;
  stored.shape = message.shape;
  stored.read = message.read;
  stored.popped = message.popped;
  stored.outside = message.outside;
  stored.corrupted = message.corrupted;
  if (!message.uid.empty()) {
    stored.own_uid = true;
    own_uids_.emplace(place, message.uid);
  }
  stored.conversation = static_cast<std::uint32_t>(place / settings.conversation_size);
  if (!message.conversation.empty()) {
    auto number = first_named_conversation + static_cast<std::uint32_t>(conversations_.size());
    stored.conversation = conversations_.emplace(message.conversation, number).first->second;
  }
  if (stored.queued()) ++queue_size_;
}

void Mailbox::append_uid(std::string& out, Place place, const Settings& settings) const {
  const StoredMessage& message = messages_[place];
  if (message.own_uid) {
    out += own_uids_.at(place);
    return;
  }
  pop3::append_uid(out, message.shape,
                   {.number = place + 1,
                    .arrived = message.arrived,
                    .salt = salt_,
                    .first = settings.uid_first,
                    .validity = settings.uid_validity});
}

const Sha256::Digest& Mailbox::sum(Place place) {
  StoredMessage& message = messages_[place];
  if (message.sum == nullptr) {
    Sha256 sum;
    sum.update(*message.content.load());
    message.sum = std::make_unique<Sha256::Digest>(sum.finish());
  }
  return *message.sum;
}

std::uint64_t Mailbox::shown_octets(Place place, const Settings& settings) const {
  const StoredMessage& message = messages_[place];
  bool item = settings.size_drift ? message.retrieved == 0 : !settings.exact_sizes;
  return item ? item_octets(place, message.content.octets) : message.content.octets;
}

template <class Change>
void Mailbox::change(Place place, Change change) {
  StoredMessage& message = messages_[place];
  queue_size_ -= message.queued() ? 1 : 0;
  change(message);
  queue_size_ += message.queued() ? 1 : 0;
}

void Mailbox::mark_read(Place place) { messages_[place].read = true; }
void Mailbox::mark_popped(Place place) {
  change(place, [](StoredMessage& message) { message.popped = true; });
}
void Mailbox::dequeue(Place place) {
  change(place, [](StoredMessage& message) { message.dequeued = true; });
}
void Mailbox::expunge(Place place) {
  change(place, [](StoredMessage& message) { message.expunged = true; });
}
void Mailbox::trash(Place place) {
  change(place, [](StoredMessage& message) { message.trashed = true; });
}

std::vector<Place> Mailbox::listing(const Settings& settings, Instant now, bool recent) const {
  if (!recent) return normal_listing(settings);
  std::vector<Place> list;
  for (Place place = advanced(gone_before_, [](const StoredMessage& m) { return m.gone(); }); place < messages_.size();
       ++place) {
    const StoredMessage& message = messages_[place];
    if (!message.gone() && !message.hidden && message.arrived >= now - settings.recent_span) list.push_back(place);
  }
  return list;
}

/// At the cap it is the queue again, or nothing; below it, the oldest new messages, as many as there is room for.
std::vector<Place> Mailbox::normal_listing(const Settings& settings) const {
  if (settings.queue_cap == 0) return oldest(settings, messages_.size());
  if (queue_size_ < settings.queue_cap) return oldest(settings, settings.queue_cap - queue_size_);
  return settings.at_cap == AtCap::relist ? queue() : std::vector<Place>{};
}

bool Mailbox::may_list(const StoredMessage& message, const Settings& settings) const {
  return !message.gone() && !message.hidden && !message.dequeued && !(settings.hide_popped && message.popped) &&
         message.arrived >= horizon_;
}

std::vector<Place> Mailbox::oldest(const Settings& settings, std::size_t messages_max) const {
  std::vector<Place> list;
  std::uint64_t conversations = 0;
  std::uint32_t last = 0;
  std::set<std::uint32_t> window;  // kept only where messages of a conversation need not follow each other
  const bool mixed = settings.window > 0 && !conversations_.empty();
  Place place = advanced(unlisted_before_, [&](const StoredMessage& m) { return !may_list(m, settings); });
  for (; place < messages_.size() && list.size() < messages_max; ++place) {
    const StoredMessage& message = messages_[place];
    if (!may_list(message, settings)) continue;
    if (mixed) {
      if (!window.contains(message.conversation)) {
        if (window.size() == settings.window) continue;
        window.insert(message.conversation);
      }
    } else if (settings.window > 0 && (list.empty() || message.conversation != last)) {
      if (conversations == settings.window) break;
      ++conversations;
      last = message.conversation;
    }
    list.push_back(place);
  }
  return list;
}

std::vector<Place> Mailbox::queue() const {
  std::vector<Place> list;
  list.reserve(queue_size_);
  Place place = advanced(dequeued_before_, [](const StoredMessage& m) { return m.gone() || m.dequeued; });
  for (; list.size() < queue_size_; ++place)
    if (messages_[place].queued()) list.push_back(place);
  return list;
}

template <class Out>
Place Mailbox::advanced(Place& front, Out out) const {
  while (front < messages_.size() && out(messages_[front])) ++front;
  return front;
}

void Mailbox::enable(Pop pop, Instant now) {
  user_.pop = pop;
  if (pop == Pop::from_now_on) horizon_ = now;
  if (pop == Pop::all) {
    horizon_ = Instant::min();
    for (StoredMessage& message : messages_) message.popped = message.dequeued = message.outside = false;
    queue_size_ = 0;
  }
  forget_fronts();
}

void Mailbox::lock(LockKind kind, Instant until) {
  lock_ = kind;
  lock_until_ = until;
  open_until_ = Instant::min();
}

void Mailbox::unlock(Instant now, Duration window) {
  if (window == Duration::zero())
    lock_.reset();
  else
    open_until_ = now + window;
}

std::optional<LockKind> Mailbox::locked(Instant now) const {
  bool open = !lock_ || now >= lock_until_ || now < open_until_;
  return open ? std::nullopt : lock_;
}

void Mailbox::on_login(Instant now) {
  last_login_ = now;
  if (now < open_until_) lock_.reset();  // the login that the window was opened for
}

std::uint64_t Mailbox::octets_today(Instant now) const {
  return day_octets_ > 0 && now < day_began_ + 24h ? day_octets_ : 0;
}

void Mailbox::charge(std::uint64_t octets, Instant now) {
  if (octets_today(now) == 0) {
    day_began_ = now;
    day_octets_ = 0;
  }
  day_octets_ += octets;
}

Mailbox::Counts Mailbox::counts() const {
  Counts counts;
  for (const StoredMessage& message : messages_) {
    counts.kept += message.gone() ? 0 : 1;
    counts.popped += message.popped ? 1 : 0;
    counts.read += message.read ? 1 : 0;
    counts.deleted += message.expunged || message.dequeued ? 1 : 0;
    counts.trashed += message.trashed ? 1 : 0;
    counts.retrieved += message.retrieved;
  }
  return counts;
}

}  // namespace mailrig::fakeservers::pop3
