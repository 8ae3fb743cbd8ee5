#include "client/account/failed_retrievals.h"

#include <algorithm>
#include <utility>

namespace mailrig::client {
namespace {

/// Without what differs from message to message: its number, uid or size.
std::string wording_of(std::string_view why) {
  std::string wording;
  for (char c : why)
    if (c < '0' || c > '9') wording += c;
  return wording;
}

}  // namespace

void FailedRetrievals::refused(KnownUid& uid, std::string_view why, bool blame) {
  open_.push_back({&uid, std::string(why), blame});
}

void FailedRetrievals::broken(KnownUid& uid, unsigned points, bool alone) {
  if (succeeded_ || alone || uid.fact.attempts > 0 || lasted_too_long()) blame(uid, points);
}

void FailedRetrievals::on_success() {
  for (const Refusal& refusal : std::exchange(open_, {})) {
    if (!refusal.blame) continue;
    blame(*refusal.uid, refusal_points);
    record_.message_refusal = wording_of(refusal.why);
  }
  succeeded_ = true;
  record_.refused_since.reset();
}

void FailedRetrievals::conclude() {
  for (const Refusal& refusal : std::exchange(open_, {})) {
    if (!refusal.blame) continue;
    if (is_about_message(refusal)) {
      blame(*refusal.uid, refusal_points);
      continue;
    }
    if (!trouble_) trouble_ = RefusedRetrievals{.messages = 0, .why = refusal.why};
    ++trouble_->messages;
  }
  if (trouble_ && !record_.refused_since) record_.refused_since = now_;
}

bool FailedRetrievals::is_about_message(const Refusal& refusal) const {
  return refusal.uid->fact.attempts > 0 || lasted_too_long() || wording_of(refusal.why) == record_.message_refusal;
}

void FailedRetrievals::blame(KnownUid& uid, unsigned points) {
  uid.fact.attempts = static_cast<std::uint8_t>(std::min(uid.fact.attempts + points, failure_points_max));
  if (uid.fact.attempts == failure_points_max && (uid.fact.flags & UidRecord::set_aside) == 0) {
    uid.fact.flags |= UidRecord::set_aside;
    if (!record_.quarantine_due) record_.quarantine_due = now_ + quarantine_pause;
  }
  known_.change(uid);
}

}  // namespace mailrig::client
