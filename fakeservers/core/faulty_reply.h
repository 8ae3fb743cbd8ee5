#pragma once
/// How a reply goes out: its bytes and what a fault does to them, turned into actions of a session.
///
///   plan.begin(rule, "+OK message follows\r\n", std::move(body), Step::retrieve);
///   while (std::optional<Action> action = plan.next()) ...        // Wait, Send, Send, Wait, Send ...
///   switch (plan.after()) { ... }                                 // go on, close, or keep silent
///
/// Nothing is collected: a body of any size, even one without end, passes through one buffer of 64 KiB.

#include <memory>
#include <optional>
#include <string>

#include "fakeservers/core/fault_rule.h"
#include "net/session.h"

namespace mailrig::fakeservers {

/// The bytes of a long reply, made in pieces as they are sent.
class ReplySource {
 public:
  virtual ~ReplySource() = default;
  /// A caller offers at least this much room, so that a row of a listing need not be cut.
  static constexpr std::size_t room_min = 1024;
  /// Appends at most `room` octets. False: nothing is left and nothing was appended.
  virtual bool append(std::string& out, std::size_t room) = 0;
};

class FaultyReply {
 public:
  enum class After : std::uint8_t { go_on, close, hang };

  /// `rule` may be null: then the bytes go out as they are. It must outlive the plan. A rule's own reply is not looked
  /// at here: whoever calls gives the bytes that are to be sent.
  void begin(const FaultRule* rule, std::string head, std::unique_ptr<ReplySource> body, Step step);

  bool active() const { return active_; }
  /// What to do next; nothing once the reply is out or has been cut off. A Send's view lives until the next call.
  std::optional<Action> next();

  /// Once the reply is out: what the rule wants of the connection.
  After after() const { return after_; }
  Ending ending() const { return ending_; }

 private:
  bool refill();
  std::optional<Action> finish();

  const FaultRule* rule_ = nullptr;
  std::string buffer_;
  std::size_t offset_ = 0;       // of buffer_ that is sent
  std::uint64_t buffer_at_ = 0;  // where in the reply buffer_ begins
  std::unique_ptr<ReplySource> body_;
  Step step_ = Step::none;
  bool active_ = false;
  bool delayed_ = false;  // the delay is over
  bool pause_due_ = false;
  After after_ = After::go_on;
  Ending ending_ = Ending::orderly;
};

}  // namespace mailrig::fakeservers
