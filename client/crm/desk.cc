#include "client/crm/desk.h"

#include <utility>

namespace mailrig::client {
namespace {

// A token is not used in its last minute: the call may take that long to arrive.
constexpr Duration token_margin = 1min;

}  // namespace

CrmDesk::CrmDesk(CrmCredentials credentials, CrmAccess& access, const Calendar& calendar,
                 std::function<CrmTask*()> next_task, std::function<Status(CrmTask&)> finished)
    : credentials_(std::move(credentials)),
      access_(access),
      calendar_(calendar),
      next_task_(std::move(next_task)),
      finished_(std::move(finished)) {}

bool CrmDesk::wants_call() {
  if (!prepared_) prepared_ = prepare();
  return prepared_.has_value();
}

std::optional<CrmCall> CrmDesk::next_call() {
  if (!wants_call()) return std::nullopt;
  asking_for_token_ = !prepared_->authorised;
  if (asking_for_token_)
    access_.refreshes.push_back(calendar_.now());
  else
    current_ = std::exchange(repeated_, std::nullopt);
  return std::exchange(prepared_, std::nullopt);
}

std::optional<CrmCall> CrmDesk::prepare() {
  while (!stop_) {
    if (!repeated_) {
      if (task_ == nullptr) task_ = next_task_();
      if (task_ == nullptr) return std::nullopt;
      repeated_ = task_->next();
      if (!repeated_) {
        Status kept = finished_(*std::exchange(task_, nullptr));
        if (!kept) stop_ = CrmStop{CrmStop::Why::store, kept.error().message};
        continue;
      }
    }
    const bool has_token = !access_.token.empty() && calendar_.now() + token_margin < access_.good_until;
    return has_token ? repeated_ : token_call_if_allowed();
  }
  return std::nullopt;
}

std::optional<CrmCall> CrmDesk::token_call_if_allowed() {
  const Instant now = calendar_.now();
  while (!access_.refreshes.empty() && access_.refreshes.front() + crm_refresh_window <= now)
    access_.refreshes.pop_front();
  if (access_.refreshes.size() >= crm_refreshes_max) {
    stop_ =
        CrmStop{CrmStop::Why::throttled, "the CRM grants ten access tokens in ten minutes: waiting before asking again",
                access_.refreshes.front() + crm_refresh_window - now};
    return std::nullopt;
  }
  access_.token.clear();
  return token_call(credentials_);
}

void CrmDesk::on_grant(const HttpResponse& response) {
  CrmGrant grant = read_grant(response);
  switch (grant.kind) {
    case CrmGrant::Kind::granted:
      ++answers_;
      access_.token = std::move(grant.access_token);
      // A lifetime within the margin would have us ask for ever.
      access_.good_until = calendar_.now() + std::max<Duration>(grant.lifetime, 2 * token_margin);
      return;
    case CrmGrant::Kind::dead: stop_ = CrmStop{CrmStop::Why::reconnect, std::move(grant.message)}; return;
    case CrmGrant::Kind::throttled:
      stop_ = CrmStop{CrmStop::Why::throttled, std::move(grant.message), crm_refresh_window};
      return;
    case CrmGrant::Kind::down: stop_ = CrmStop{CrmStop::Why::down, std::move(grant.message)}; return;
  }
}

void CrmDesk::on_response(const HttpResponse& response) {
  if (std::exchange(asking_for_token_, false)) return on_grant(response);
  const CrmAnswer answer = read_answer(response);
  switch (answer.verdict) {
    case CrmVerdict::token_refused:
      access_.token.clear();
      if (std::exchange(token_was_refused_, true)) {
        stop_ = CrmStop{
            CrmStop::Why::action,
            answer.message + ": a fresh token is refused too; is the account connected with another data centre?"};
        return;
      }
      repeated_ = current_;
      return;
    case CrmVerdict::busy: stop_ = CrmStop{CrmStop::Why::busy, answer.message, answer.retry_after}; return;
    case CrmVerdict::down: stop_ = CrmStop{CrmStop::Why::down, answer.message, answer.retry_after}; return;
    default: break;
  }
  token_was_refused_ = false;
  ++answers_;
  task_->on_answer(answer, response);
}

void CrmDesk::on_lost(std::string why, bool sent) {
  if (sent && !asking_for_token_ && task_ != nullptr && current_) task_->on_lost();
  if (!stop_) stop_ = CrmStop{CrmStop::Why::down, std::move(why)};
}

}  // namespace mailrig::client
