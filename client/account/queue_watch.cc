#include "client/account/queue_watch.h"

#include <algorithm>

namespace mailrig::client {
namespace {

// Mail with an old Date arrives now and then; that many at once have been there before.
constexpr std::size_t portion_messages_min = 10;

}  // namespace

void QueueWatch::on_seen(Instant at) {
  if (first_listing_ == Instant{}) first_listing_ = at;
}

void QueueWatch::on_listing(const Listing& listing) {
  on_seen(listing.at);
  bool at_the_cap = listing.listed > 0 ? listing.last_harvest : ended_too_early();
  if (listing.expires_at_once && listing.leaves_mail && listing.new_ones == 0 && at_the_cap)
    full_listings_ = std::min(full_listings_ + 1, full_listings_min);
  else
    full_listings_ = 0;
  last_listing_ = listing.at;
}

void QueueWatch::on_harvest(Instant at, const std::vector<std::optional<Instant>>& dates, std::size_t newly_listed) {
  on_seen(at);
  std::vector<Instant> dated;
  std::size_t old_news = 0;
  for (std::size_t i = 0; i < dates.size(); ++i) {
    if (!dates[i]) continue;
    dated.push_back(*dates[i]);
    bool was_there = last_listing_ > Instant{} && *dates[i] + silence_min < last_listing_;
    if (i + newly_listed >= dates.size() && was_there) ++old_news;
  }
  portions_ = portions_ || old_news >= portion_messages_min;
  locked_since_harvest_ = false;
  newest_ = {};
  beat_ = {};
  if (dated.size() < rhythm_messages_min) return;
  auto [oldest, newest] = std::ranges::minmax(dated);
  newest_ = newest;
  beat_ = (newest - oldest) / static_cast<Duration::rep>(dated.size() - 1);
}

/// Messages came in a rhythm, the last of them was old already when the account was first looked into, and then there
/// was silence: where the server is known to hand out only part of what it has, or was locked meanwhile, there is more.
/// Mail of after that look proves that the backlog is through, and silence since is no more than silence.
bool QueueWatch::ended_too_early() const {
  if (!portions_ && !locked_since_harvest_) return false;
  if (newest_ == Instant{}) return false;
  return first_listing_ - newest_ >= std::max(silence_min, silence_beats_min * beat_);
}

QueueWatch::Facts QueueWatch::facts() const {
  auto count = [](Instant at) { return at.time_since_epoch().count(); };
  return {portions_,      locked_since_harvest_, full_listings_, count(first_listing_), count(last_listing_),
          count(newest_), beat_.count()};
}

QueueWatch QueueWatch::from(const Facts& facts) {
  auto instant = [](std::int64_t count) { return Instant{Duration{count}}; };
  QueueWatch watch;
  watch.portions_ = facts.portions;
  watch.locked_since_harvest_ = facts.locked;
  watch.full_listings_ = static_cast<unsigned>(std::min<std::uint64_t>(facts.full_listings, full_listings_min));
  watch.first_listing_ = instant(facts.first_listing);
  watch.last_listing_ = instant(facts.last_listing);
  watch.newest_ = instant(facts.newest);
  watch.beat_ = Duration{facts.beat};
  return watch;
}

}  // namespace mailrig::client
