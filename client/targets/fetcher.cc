#include "client/targets/fetcher.h"

#include <algorithm>
#include <utility>

namespace mailrig::client {

Fetcher::Fetcher(MailTarget& target, FetchState& state, FetcherSettings settings)
    : target_(target), state_(state), settings_(settings) {}

std::vector<Pop3Task> Fetcher::plan(std::span<const Pop3Item> listing, const ServerCapabilities& /*offer*/) {
  report_.listed = listing.size();
  const bool any_new = std::any_of(listing.begin(), listing.end(), [this](const Pop3Item& item) {
    return item.uid.empty() || !state_.has_seen(item.uid);
  });
  // A folder may hold very many names: it is looked at only when there is something to look for.
  if (any_new) unsaved_ = target_.unsaved();
  std::vector<Pop3Task> tasks;
  std::vector<std::pair<std::uint64_t, std::size_t>> failed_before;
  auto retrieve = [&](std::size_t i) {
    const std::uint64_t failures = state_.failures_of(identity_of(listing[i]));
    if (failures == 0)
      tasks.push_back({i, FetchDecision::retrieve});
    else if (!passes_over(listing[i], failures))
      failed_before.emplace_back(failures, i);
  };
  for (std::size_t i = 0; i < listing.size(); ++i) {
    const Pop3Item& item = listing[i];
    if (item.uid.empty()) {
      retrieve(i);
      continue;
    }
    if (!state_.has_seen(item.uid) && was_published(state_.mark_of(item.uid))) state_.add(item.uid);
    if (!state_.has_seen(item.uid)) {
      retrieve(i);
      continue;
    }
    note_known({.number = item.number, .uid = std::string(item.uid), .sum = {}, .mark = state_.mark_of(item.uid)});
    if (settings_.deletes) tasks.push_back({i, FetchDecision::remove});
  }
  std::ranges::sort(failed_before);
  for (const auto& [failures, i] : failed_before) tasks.push_back({i, FetchDecision::retrieve});
  wanted_ = static_cast<std::size_t>(std::ranges::count(tasks, FetchDecision::retrieve, &Pop3Task::want));
  return tasks;
}

/// For a message that the server gives no uid: where it is listed. No uid begins with a blank.
std::string Fetcher::identity_of(const Pop3Item& item) {
  return item.uid.empty() ? " number " + std::to_string(item.number) + " " + std::to_string(item.octets)
                          : std::string(item.uid);
}

/// Counts this run where the message is quarantined.
bool Fetcher::passes_over(const Pop3Item& item, std::uint64_t failures) {
  if (failures < fetch_quarantined) return false;
  const std::uint64_t runs = failures - fetch_quarantined + 1;
  if (runs >= fetch_quarantine_runs) return false;
  set_failures(identity_of(item), failures + 1);
  report_.left.push_back(
      {item.number,
       "its transfer failed again and again, so it is passed over and tried in every tenth run: look for it in the "
       "provider's own web mail"});
  return true;
}

void Fetcher::note_failure(const Pop3Item& item) {
  const std::string identity = identity_of(item);
  const std::uint64_t failures = state_.failures_of(identity);
  const bool to_blame = arrived_ || wanted_ == 1 || failures > 1;
  set_failures(identity, std::min(std::max<std::uint64_t>(failures, 1) + (to_blame ? 1 : 0), fetch_quarantined));
}

void Fetcher::set_failures(const std::string& identity, std::uint64_t count) {
  state_.set_failures(identity, count);
  failures_changed_ = true;
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
  current_ = {.number = item.number, .uid = std::string(item.uid), .identity = identity_of(item), .sum = {}};
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
  arrived_ = true;
  if (state_.failures_of(current_.identity) > 0) set_failures(current_.identity, 0);
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
  // A refusal costs no more than its line, and is the account's trouble as often as the message's.
  const bool refused = why.code == Errc::peer_refused || why.reason == empty_message_reason;
  const bool ours = why.code == Errc::environment || why.code == Errc::cancelled || why.code == Errc::internal;
  if (!refused && !ours) note_failure(item);
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
  const std::optional<StoredCopy> copy = state_.copy_of(safe->second.mark);
  Result<bool> there = target_.holds(safe->second.mark, copy);
  if (!there) {
    static_cast<void>(fail(there.error()).has_value());
    return false;
  }
  if (!*there) ++report_.not_there;
  if (!*there && !copy && !target_.finds_by_mark()) ++report_.not_noted;
  return *there;
}

void Fetcher::deleted(const Pop3Item& item) {
  ++report_.deleted;
  deleted_.push_back({std::string(item.uid), safe_[item.number]});
}

/// The target may have gone since the first DELE: what was deleted so far comes back where the session ends without
/// QUIT.
Status Fetcher::before_quit() {
  if (!report_.storing) return report_.storing;
  for (const Deleted& message : deleted_) {
    Result<bool> there = target_.holds(message.message.mark, state_.copy_of(message.message.mark));
    if (!there) return fail(there.error());
    if (!*there)
      return fail(Error{Errc::environment,
                        "a message that was about to be deleted from the server is not in the target any more: another "
                        "program removed or changed it; nothing is deleted from the server"});
  }
  return {};
}

/// Only a confirmed QUIT removes messages: then their uids may come again for others, and are forgotten. After a lost
/// answer the next listing tells.
void Fetcher::quit(bool confirmed) {
  if (std::exchange(failures_changed_, false))
    if (Status saved = state_.save(); !saved) static_cast<void>(fail(saved));
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
