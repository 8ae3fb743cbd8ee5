#pragma once
/// Works through tasks one call at a time, with an access token that is asked for when it is needed and renewed once
/// when it is refused. Knows no bytes: CrmSession carries its calls.
///
///   CrmDesk desk(credentials, access, calendar, next_task);
///   while (std::optional<CrmCall> call = desk.next_call()) desk.on_response(response of the call);
///   desk.stop();            // why it ended before its time, if it did

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "client/crm/tasks.h"
#include "net/clock.h"

namespace mailrig::client {

/// The access token and how it was come by; outlives a desk, since the CRM counts tokens over ten minutes.
struct CrmAccess {
  std::string token;  // empty: none
  Instant good_until{};
  std::deque<Instant> refreshes;  // of the last ten minutes
};

// The CRM grants 10 tokens in 10 minutes for one refresh token, and other programs may share it.
inline constexpr std::size_t crm_refreshes_max = 5;
inline constexpr Duration crm_refresh_window = 10min;

struct CrmStop {
  enum class Why : std::uint8_t {
    busy,       // too many calls
    throttled,  // too many tokens
    down,       // no answer, or none of use
    reconnect,  // the refresh token is dead: only the user can help
    action,     // something else that only the user can mend
    store,      // our own store failed
  };
  Why why = Why::down;
  std::string message;                // a sentence
  std::optional<Duration> wait = {};  // at least so long, where that is known
};

class CrmDesk {
 public:
  /// `next_task` gives the next task, null when there is none; `finished` is told of each that has come to its end, and
  /// an error of it stops the work. A task in hand when the desk stops is not finished.
  CrmDesk(CrmCredentials credentials, CrmAccess& access, const Calendar& calendar, std::function<CrmTask*()> next_task,
          std::function<Status(CrmTask&)> finished);

  /// Is there anything to ask? A connection is worth making only then.
  bool wants_call();
  std::optional<CrmCall> next_call();
  void on_response(const HttpResponse& response);
  /// The connection failed. `sent`: the call had gone out.
  void on_lost(std::string why, bool sent);

  const std::optional<CrmStop>& stop() const { return stop_; }
  /// Useful answers so far.
  std::uint64_t answers() const { return answers_; }
  const CrmAccess& access() const { return access_; }

 private:
  std::optional<CrmCall> prepare();
  std::optional<CrmCall> token_call_if_allowed();
  void on_grant(const HttpResponse& response);

  CrmCredentials credentials_;
  CrmAccess& access_;
  const Calendar& calendar_;
  std::function<CrmTask*()> next_task_;
  std::function<Status(CrmTask&)> finished_;
  CrmTask* task_ = nullptr;
  bool asking_for_token_ = false;
  bool token_was_refused_ = false;   // and none of the answers since was good
  std::optional<CrmCall> repeated_;  // to be asked (again) once there is a token
  std::optional<CrmCall> prepared_;  // what next_call() will give
  std::optional<CrmCall> current_;
  std::optional<CrmStop> stop_;
  std::uint64_t answers_ = 0;
};

}  // namespace mailrig::client
