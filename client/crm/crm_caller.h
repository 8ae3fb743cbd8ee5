#pragma once
/// Works through tasks one call at a time, with an access token that is asked for when it is needed and renewed once
/// when it is refused. Knows no bytes: CrmSession carries its calls.
///
///   CrmCaller desk(credentials, access, calendar, next_task, finished);
///   while (std::optional<CrmCall> call = desk.next_call()) desk.on_response(response of the call);
///   desk.stop();            // why it ended before its time, if it did
///
/// A call that gets no useful answer is the trouble of its task, and the next task goes on; several of them one after
/// the other are the CRM's, and so are answers that say so (429, a full account, a dead token): these stop the work.

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "client/crm/tasks.h"
#include "net/clock.h"

namespace mailrig::client {

/// The access token and how it was come by; outlives a desk, since the CRM counts tokens over ten minutes.
struct CrmAccess {
  std::string token;            // empty: none
  std::optional<Endpoint> api;  // where it is good, if that was told
  Instant good_until{};
  std::deque<Instant> refreshes;  // of the last ten minutes
};

// The CRM grants 10 tokens in 10 minutes for one refresh token, and other programs may share it.
inline constexpr std::size_t crm_refreshes_max = 5;
inline constexpr Duration crm_refresh_window = 10min;
// So many calls in a row without a useful answer are not the fault of what they are about.
inline constexpr unsigned crm_failures_max = 3;

struct CrmFailure {
  enum class Why : std::uint8_t {
    busy,       // too many calls
    throttled,  // too many tokens
    down,       // no answers, or none of use
    full,       // storage or licence are used up
    reconnect,  // the refresh token is dead: only the user can help
    action,     // something else that only the user can mend
    store,      // our own store failed
  };
  Why why = Why::down;
  std::string message;                // a sentence
  std::optional<Duration> wait = {};  // at least so long, where that is known
};

class CrmCaller {
 public:
  /// `next_task` gives the next task, null when there is none; `finished` is told of each that has come to its end, and
  /// an error of it stops the work. A task in hand when the desk stops is not finished.
  CrmCaller(CrmCredentials credentials, CrmAccess& access, const Calendar& calendar,
            std::function<CrmTask*()> next_task, std::function<Status(CrmTask&)> finished);

  /// Is there anything to ask? A connection is worth making only then.
  bool wants_call();
  std::optional<CrmCall> next_call();
  /// Where the next call goes.
  Endpoint destination();
  void on_response(HttpResponse response);

  enum class Loss : std::uint8_t {
    unsent,  // there was no connection
    stale,   // a connection that had been kept open turned out to be closed, before any octet of an answer: no failure,
             // and the call is asked again, unless it writes
    answer,  // the call went out, and its answer did not come, or not whole
  };
  void on_lost(std::string why, Loss loss);

  /// The client is being taken down: no further call is made.
  void halt();

  /// False once a kept connection turned out to be closed: this server closes them without saying so.
  bool keeps_connections() const { return keeps_connections_; }
  /// Without the secrets that are known here.
  std::string masked(std::string text) const;

  const std::optional<CrmFailure>& stop() const { return stop_; }
  /// Useful answers so far, those to token calls not counted.
  std::uint64_t answers() const { return answers_; }
  /// The work stopped at a call of the task in hand, not at one for a token.
  bool stopped_in_task() const { return stop_ && stopped_in_task_; }
  /// The last call without a useful answer, as a sentence; empty where each had one.
  const std::string& failure() const { return failure_; }
  const CrmAccess& access() const { return access_; }

 private:
  std::optional<CrmCall> prepare();
  std::optional<CrmCall> token_call_if_allowed();
  void on_grant(const HttpResponse& response);
  void note_failure(std::string why, std::optional<Duration> wait);

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
  std::optional<CrmFailure> stop_;
  bool keeps_connections_ = true;
  bool stopped_in_task_ = false;
  unsigned failures_in_a_row_ = 0;
  std::string failure_;
  std::uint64_t answers_ = 0;
};

}  // namespace mailrig::client
