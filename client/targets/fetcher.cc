#include "client/targets/fetcher.h"

#include <algorithm>
#include <utility>

namespace mailrig::client {

Fetcher::Fetcher(MailTarget& target, FetchState& state, FetcherSettings settings)
    : target_(target), state_(state), settings_(settings) {}

std::vector<Pop3Task> Fetcher::plan(std::span<const Pop3Item> listing, const Pop3Offer& /*offer*/) {
  report_.listed = listing.size();
  const bool any_new = std::any_of(listing.begin(), listing.end(), [this](const Pop3Item& item) {
    return item.uid.empty() || !state_.has_seen(item.uid);
  });
  // A folder may hold very many names: it is looked at only when there is something to look for.
  if (any_new) unsaved_ = target_.unsaved();
  std::vector<Pop3Task> tasks;
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const Pop3Item& item = listing[i];
    if (item.uid.empty()) {
      tasks.push_back({i, Pop3Want::retrieve});
      continue;
    }
    if (!state_.has_seen(item.uid) && was_published(state_.mark_of(item.uid))) state_.add(item.uid);
    if (!state_.has_seen(item.uid)) {
      tasks.push_back({i, Pop3Want::retrieve});
      continue;
    }
    note_known({.number = item.number, .uid = std::string(item.uid), .sum = {}, .mark = state_.mark_of(item.uid)});
    if (settings_.deletes) tasks.push_back({i, Pop3Want::remove});
  }
  return tasks;
}

/// By a run that did not live to save its state. Its number is taken.
bool Fetcher::was_published(const std::string& mark) {
  const auto found = unsaved_.find(mark);
  if (found == unsaved_.end()) return false;
  state_.messages = std::max(state_.messages, found->second + 1);
  if (std::optional<StoredCopy> copy = target_.measure(mark)) state_.add_stored(mark, *std::move(copy));
  unsaved_.erase(found);
  state_changed_ = true;
  return true;
}

void Fetcher::note_known(const Message& message) {
  ++report_.known;
  safe_[message.number] = {message.mark, message.sum};
}

void Fetcher::begin(const Pop3Item& item) {
  current_ = {.number = item.number, .uid = std::string(item.uid), .sum = {}};
  begun_ = true;
  writing_ = Status{};
  // What an mbox grows from is known before it grows: that is how the next run finds what this one left half done.
  if (target_.grows() && (state_.octets != target_.octets() || !state_.known())) {
    state_.octets = target_.octets();
    writing_ = state_.save();
  }
  if (writing_) writing_ = target_.begin(state_.messages + finished_.size());
}

void Fetcher::body(std::string_view piece) {
  current_.octets += piece.size();
  if (current_.uid.empty()) sum_.update(piece);
  if (writing_) writing_ = target_.write(piece);
}

Status Fetcher::end() {
  begun_ = false;
  if (!writing_) {
    target_.abandon();
    return fail(writing_);
  }
  std::string mark;
  if (!current_.uid.empty()) {
    mark = state_.mark_of(current_.uid);
  } else {
    current_.sum = sum_.hex();
    const std::uint64_t copy = ++copies_here_[current_.sum];
    mark = state_.mark_of(" " + current_.sum + " " + std::to_string(copy));  // no uid begins with a blank
    const bool interrupted = copy > state_.copies_of(current_.sum) && was_published(mark);
    if (interrupted) state_.add_copy(current_.sum);
    if (interrupted || copy <= state_.copies_of(current_.sum)) {
      target_.abandon();
      current_.mark = std::move(mark);
      note_known(current_);
      return {};
    }
  }
  current_.mark = mark;
  if (Status kept = target_.finish(mark); !kept) {
    target_.abandon();
    return fail(kept);
  }
  current_.copy = target_.last_copy();
  finished_octets_ += current_.octets;
  finished_.push_back(std::move(current_));
  return {};
}

void Fetcher::failed(const Pop3Item& item, const Error& why) {
  if (std::exchange(begun_, false)) {
    target_.abandon();
    static_cast<void>(sum_.finish());  // as new
  }
  report_.left.push_back({item.number, why.message});
}

bool Fetcher::commit_due() {
  return finished_.size() >= settings_.commit_messages || finished_octets_ >= settings_.commit_octets;
}

Status Fetcher::commit() {
  if (finished_.empty() && !state_changed_) return {};
  if (Status published = target_.publish(); !published) {
    finished_.clear();
    return fail(published);
  }
  for (const Message& message : finished_) {
    state_.add_stored(message.mark, message.copy);
    if (message.uid.empty())
      state_.add_copy(message.sum);
    else
      state_.add(message.uid);
  }
  state_.octets = target_.octets();
  state_.messages += finished_.size();
  if (Status saved = state_.save(); !saved) return fail(saved);
  state_changed_ = false;
  for (const Message& message : finished_) {
    ++report_.stored;
    report_.octets += message.octets;
    safe_[message.number] = {message.mark, message.sum};
  }
  finished_.clear();
  finished_octets_ = 0;
  return {};
}

/// The user's copy may have gone since it was stored, in an earlier run or a moment ago: then the server's is the last.
bool Fetcher::may_delete(const Pop3Item& item) {
  const auto safe = safe_.find(item.number);
  if (!settings_.deletes || safe == safe_.end() || !report_.storing) return false;
  Result<bool> there = target_.holds(safe->second.mark, state_.copy_of(safe->second.mark));
  if (!there) {
    static_cast<void>(fail(there.error()).has_value());
    return false;
  }
  if (!*there) ++report_.not_there;
  return *there;
}

void Fetcher::deleted(const Pop3Item& item) {
  ++report_.deleted;
  deleted_.push_back({std::string(item.uid), safe_[item.number]});
}

/// Only a confirmed QUIT removes messages: then their uids may come again for others, and are forgotten. After a lost
/// answer the next listing tells.
void Fetcher::quit(bool confirmed) {
  if (deleted_.empty()) return;
  report_.deletion_confirmed = confirmed;
  if (!confirmed) return;
  for (const Deleted& message : deleted_) {
    state_.forget_stored(message.message.mark);
    if (message.uid.empty())
      state_.remove_copy(message.message.sum);
    else
      state_.forget(message.uid);
  }
  Status saved = state_.save();
  if (!saved) static_cast<void>(fail(saved));
}

Status Fetcher::fail(Status status) {
  if (report_.storing) report_.storing = status;
  return status;
}

}  // namespace mailrig::client
