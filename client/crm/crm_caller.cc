#include "client/crm/crm_caller.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "client/crm/secrets.h"

namespace mailrig::client {
namespace {

constexpr std::string_view clear_scheme = "http://";
constexpr std::string_view tls_scheme = "https://";

// A token is not used in its last minute: the call may take that long to arrive.
constexpr Duration token_margin = 1min;

/// "https://www.zohoapis.eu", with or without a port; a bare name too. Nothing where it names no host.
std::optional<Endpoint> parse_api_domain(std::string_view text) {
  const bool clear = text.starts_with(clear_scheme);
  if (clear) text.remove_prefix(clear_scheme.size());
  if (text.starts_with(tls_scheme)) text.remove_prefix(tls_scheme.size());
  text = text.substr(0, text.find('/'));
  const bool named = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == ':' || c == '[' || c == ']';
  });
  if (!named) return std::nullopt;
  const bool has_port = text.find(':') != std::string_view::npos && !text.ends_with(']');
  if (!has_port) {
    if (text.starts_with('[') && text.size() > 2) text = text.substr(1, text.size() - 2);
    return Endpoint(std::string(text), clear ? 80 : 443);
  }
  Result<Endpoint> endpoint = parse_endpoint(text);
  return endpoint ? std::optional<Endpoint>(*std::move(endpoint)) : std::nullopt;
}

}  // namespace

CrmCaller::CrmCaller(CrmCredentials credentials, CrmAccess& access, const Calendar& calendar,
                     std::function<CrmTask*()> next_task, std::function<Status(CrmTask&)> finished)
    : credentials_(std::move(credentials)),
      access_(access),
      calendar_(calendar),
      next_task_(std::move(next_task)),
      finished_(std::move(finished)) {}

bool CrmCaller::wants_call() {
  if (!prepared_) prepared_ = prepare();
  return prepared_.has_value();
}

std::optional<CrmCall> CrmCaller::next_call() {
  if (!wants_call()) return std::nullopt;
  asking_for_token_ = !prepared_->authorised;
  if (asking_for_token_)
    access_.refreshes.push_back(calendar_.now());
  else
    current_ = std::exchange(repeated_, std::nullopt);
  return std::exchange(prepared_, std::nullopt);
}

Endpoint CrmCaller::destination() {
  if (!wants_call() || !prepared_->authorised) return credentials_.server;
  return access_.api.value_or(credentials_.server);
}

std::optional<CrmCall> CrmCaller::prepare() {
  while (!stop_) {
    if (!repeated_) {
      if (task_ == nullptr) task_ = next_task_();
      if (task_ == nullptr) return std::nullopt;
      repeated_ = task_->next();
      if (!repeated_) {
        Status kept = finished_(*std::exchange(task_, nullptr));
        if (!kept) stop_ = CrmFailure{CrmFailure::Why::store, kept.error().message};
        continue;
      }
    }
    const bool has_token = !access_.token.empty() && calendar_.now() + token_margin < access_.good_until;
    return has_token ? repeated_ : token_call_if_allowed();
  }
  return std::nullopt;
}

std::optional<CrmCall> CrmCaller::token_call_if_allowed() {
  const Instant now = calendar_.now();
  while (!access_.refreshes.empty() && access_.refreshes.front() + crm_refresh_window <= now)
    access_.refreshes.pop_front();
  if (access_.refreshes.size() >= crm_refreshes_max) {
    stopped_in_task_ = false;
    stop_ = CrmFailure{CrmFailure::Why::throttled,
                       "the CRM grants ten access tokens in ten minutes: waiting before asking again",
                       access_.refreshes.front() + crm_refresh_window - now};
    return std::nullopt;
  }
  access_.token.clear();
  return token_call(credentials_);
}

void CrmCaller::on_grant(const HttpResponse& response) {
  CrmGrant grant = read_grant(response, calendar_.now());
  switch (grant.kind) {
    case CrmGrant::Kind::granted: {
      std::optional<Endpoint> api = grant.api_domain.empty() ? std::nullopt : parse_api_domain(grant.api_domain);
      if (!grant.api_domain.empty() && (!api || (credentials_.tls && grant.api_domain.starts_with(clear_scheme)))) {
        stop_ =
            CrmFailure{CrmFailure::Why::down, fmt::format("the CRM's token server names an API address that cannot be "
                                                          "used: \"{}\"",
                                                          printable(masked(grant.api_domain), 80))};
        return;
      }
      access_.token = std::move(grant.access_token);
      access_.api = std::move(api);
      // A lifetime within the margin would have us ask for ever.
      access_.good_until = calendar_.now() + std::max<Duration>(grant.lifetime, 2 * token_margin);
      return;
    }
    case CrmGrant::Kind::dead: stop_ = CrmFailure{CrmFailure::Why::reconnect, std::move(grant.message)}; return;
    case CrmGrant::Kind::throttled:
      stop_ = CrmFailure{CrmFailure::Why::throttled, std::move(grant.message),
                         std::max<Duration>(crm_refresh_window, grant.retry_after.value_or(Duration::zero()))};
      return;
    case CrmGrant::Kind::down:
      stop_ = CrmFailure{CrmFailure::Why::down, std::move(grant.message), grant.retry_after};
      return;
  }
}

std::string CrmCaller::masked(std::string text) const {
  CrmSecrets secrets;
  secrets.add(access_.token, "access token");
  secrets.add(credentials_.refresh_token, "refresh token");
  secrets.add(credentials_.client_secret, "client secret");
  return secrets.mask(std::move(text));
}

void CrmCaller::on_response(HttpResponse response) {
  stopped_in_task_ = false;
  if (std::exchange(asking_for_token_, false)) return on_grant(response);
  stopped_in_task_ = true;  // if it stops at all
  const CrmQuestion question = current_ ? current_->question : CrmQuestion::list;
  // Before anything of it is quoted: a text that is cut afterwards could keep a part of a token.
  response.body = masked(std::move(response.body));
  const CrmAnswer answer = read_answer(response, question, calendar_.now());
  switch (answer.verdict) {
    case CrmVerdict::token_refused:
      access_.token.clear();
      if (std::exchange(token_was_refused_, true)) {
        stop_ = CrmFailure{
            CrmFailure::Why::action,
            answer.message + ": a fresh token is refused too; is the account connected with another data centre?"};
        return;
      }
      repeated_ = current_;
      return;
    case CrmVerdict::busy: stop_ = CrmFailure{CrmFailure::Why::busy, answer.message, answer.retry_after}; return;
    case CrmVerdict::full:
      stop_ = CrmFailure{CrmFailure::Why::full,
                         answer.message + ": the CRM takes nothing more; free storage there, or renew its licence",
                         answer.retry_after};
      return;
    case CrmVerdict::down:
    case CrmVerdict::unclear:
      token_was_refused_ = false;
      task_->on_answer(answer, response);
      return note_failure(answer.message, answer.retry_after);
    default: break;
  }
  token_was_refused_ = false;
  failures_in_a_row_ = 0;
  ++answers_;
  task_->on_answer(answer, response);
}

void CrmCaller::halt() {
  if (!stop_) stop_ = CrmFailure{CrmFailure::Why::down, "the client was taken down"};
  prepared_.reset();
}

/// `wait`: the server says when it will be back, so that this is not about one call.
void CrmCaller::note_failure(std::string why, std::optional<Duration> wait) {
  failure_ = why;
  if (++failures_in_a_row_ >= crm_failures_max || wait) stop_ = CrmFailure{CrmFailure::Why::down, std::move(why), wait};
}

void CrmCaller::on_lost(std::string why, Loss loss) {
  why = masked(std::move(why));
  stopped_in_task_ = false;
  const bool of_token = std::exchange(asking_for_token_, false);
  const std::optional<CrmCall> call = of_token ? std::nullopt : std::exchange(current_, std::nullopt);
  if (loss == Loss::unsent || (of_token && loss != Loss::stale) || (!of_token && (!call || task_ == nullptr))) {
    if (!stop_) stop_ = CrmFailure{CrmFailure::Why::down, std::move(why)};
    return;
  }
  const bool writes = call && call->question == CrmQuestion::write;
  if (writes) task_->on_lost();
  if (loss == Loss::stale) {
    // A question is asked again at once on a new connection; a write later, after a look whether it was carried out.
    keeps_connections_ = false;
    if (call) repeated_ = call;
    if (!writes) return;
    repeated_.reset();
  }
  stopped_in_task_ = true;
  task_->on_failed(why);
  note_failure(std::move(why), std::nullopt);
}

}  // namespace mailrig::client
