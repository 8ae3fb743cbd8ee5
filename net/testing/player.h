#pragma once
/// Plays one script against one session; what Script is made with. Example: Player(session, Tests::client,
/// items).play_to_the_end().

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/testing/script.h"

namespace mailrig::testing {

// A session that asks for more than this goes round in circles; the longest scripted dialogue needs some thousands.
inline constexpr std::size_t actions_max = 200'000;

/// One session, one way of playing the script.
class Player {
 public:
  using Kind = ScriptItem::Kind;

  Player(Session& session, Tests tested, std::vector<ScriptItem> items)
      : session_(session), tested_(tested), items_(std::move(items)) {}

  /// Up to `actions` actions of the session; true once it has ended or differed.
  bool play(std::size_t actions) {
    for (std::size_t i = 0; i < actions; ++i)
      if (one_action()) return true;
    return false;
  }
  std::string play_to_the_end() {
    if (!play(actions_max)) differs("the session goes round in circles");
    return verdict_;
  }
  /// Lets the next action fail in the nth way there is and watches the session end. False: there is no nth way.
  bool fail_next(std::size_t nth);

  const std::string& verdict() const { return verdict_; }

 private:
  bool one_action();
  bool on_send(const Send& send);
  bool on_receive(const Receive& receive);
  bool on_done(const Done& done);
  bool unexpected(const Action& action);

  void log(std::string line) {
    log_.push_back(std::move(line));
    if (log_.size() > 12) log_.erase(log_.begin());
  }
  bool differs(std::string what) {
    verdict_ = std::move(what) + "\n";
    for (const std::string& line : log_) verdict_ += "  " + line + "\n";
    return true;
  }
  std::string wanted() const;
  std::string_view letter(bool tested) const { return (tested_ == Tests::client) == tested ? "C" : "S"; }
  ScriptItem* front(Kind kind) { return at_ < items_.size() && items_[at_].kind == kind ? &items_[at_] : nullptr; }

  Session& session_;
  Tests tested_;
  std::vector<ScriptItem> items_;
  std::size_t at_ = 0;
  std::vector<std::string> log_;
  std::string verdict_;
};

}  // namespace mailrig::testing
