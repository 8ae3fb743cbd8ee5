#include "net/testing/player.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::testing {
namespace {

// What a session may still do after a failure: commit, close, done, with room to spare. drive() leaves it after as
// many.
constexpr std::size_t last_actions_max = 8;

enum class Failure : std::uint8_t { reset, end_of_stream, truncated, timed_out, cancelled, tls, commit, time_is_up };

Error error_of(Failure failure) {
  switch (failure) {
    case Failure::reset: return {Errc::reset, "the connection was reset by the peer"};
    case Failure::end_of_stream: return {Errc::end_of_stream, "the peer closed the connection"};
    case Failure::truncated: return {Errc::truncated, "TLS ended without close_notify"};
    case Failure::timed_out: return {Errc::timed_out, "nothing arrived in time"};
    case Failure::cancelled: return {Errc::cancelled, "the connection is being taken down"};
    case Failure::tls: return {Errc::certificate_refused, "the certificate has expired", Step::tls, "expired"};
    case Failure::commit: return {Errc::environment, "the disk is full", Step::store};
    case Failure::time_is_up: return {Errc::timed_out, "the session took longer than its budget"};
  }
  return {};
}

std::vector<Failure> failures_of(const Action& action) {
  using enum Failure;
  if (std::holds_alternative<Send>(action)) return {reset, timed_out, cancelled, time_is_up};
  if (std::holds_alternative<Receive>(action))
    return {reset, end_of_stream, truncated, timed_out, cancelled, time_is_up};
  if (std::holds_alternative<StartTls>(action))
    return {reset, end_of_stream, timed_out, cancelled, Failure::tls, time_is_up};
  if (std::holds_alternative<Commit>(action)) return {commit, time_is_up};
  if (std::holds_alternative<Done>(action)) return {};
  return {time_is_up};
}

Step step_of(const Action& action) {
  if (const auto* send = std::get_if<Send>(&action)) return send->step;
  if (const auto* receive = std::get_if<Receive>(&action)) return receive->step;
  if (const auto* wait = std::get_if<Wait>(&action)) return wait->step;
  if (const auto* commit = std::get_if<Commit>(&action)) return commit->step;
  return std::holds_alternative<StartTls>(action) ? Step::tls : Step::none;
}

bool needs_peer(const Action& action) {
  return std::holds_alternative<Send>(action) || std::holds_alternative<Receive>(action) ||
         std::holds_alternative<StartTls>(action);
}

std::string_view name_of(Ending ending) {
  switch (ending) {
    case Ending::orderly: return "orderly";
    case Ending::no_close_notify: return "without close_notify";
    case Ending::reset: return "by a reset";
  }
  return "orderly";
}

std::string describe(const Status& status) {
  if (status) return "in good order";
  const Error& error = status.error();
  return fmt::format("with {}{} ({})", to_string(error.code), error.reason.empty() ? "" : ' ' + error.reason,
                     to_string(error));
}

std::string describe(const Action& action) {
  if (const auto* send = std::get_if<Send>(&action))
    return fmt::format("sends \"{}\" ({})", printable(send->bytes), to_string(send->step));
  if (const auto* receive = std::get_if<Receive>(&action))
    return fmt::format("waits {} for the peer ({})", format_duration(receive->patience), to_string(receive->step));
  if (const auto* wait = std::get_if<Wait>(&action)) return fmt::format("pauses for {}", format_duration(wait->span));
  if (std::holds_alternative<Commit>(action)) return "commits";
  if (std::holds_alternative<StartTls>(action)) return "starts TLS";
  if (const auto* close = std::get_if<Close>(&action)) return fmt::format("closes, {}", name_of(close->ending));
  return "ends " + describe(std::get<Done>(action).status);
}

}  // namespace

std::string Player::wanted() const {
  if (at_ >= items_.size()) return "nothing more (the script does not say how it ends: then_done, then_fails)";
  const ScriptItem& item = items_[at_];
  switch (item.kind) {
    case Kind::say: return fmt::format("it to send \"{}\"", printable(item.bytes));
    case Kind::hear: return fmt::format("it to wait for \"{}\"", printable(item.bytes));
    case Kind::fail: return fmt::format("an action that fails {}", describe(item.status));
    case Kind::wait: return fmt::format("a pause of {}", format_duration(item.span));
    case Kind::commit: return "a commit";
    case Kind::tls: return "it to start TLS";
    case Kind::close: return fmt::format("it to close, {}", name_of(item.ending));
    case Kind::done: return "it to end " + describe(item.status);
  }
  return {};
}

bool Player::unexpected(const Action& action) {
  return differs(fmt::format("the session {}; the script wants {}", describe(action), wanted()));
}

bool Player::one_action() {
  Action action = session_.next();
  if (ScriptItem* item = front(Kind::fail); item != nullptr && needs_peer(action)) {
    ++at_;
    log(fmt::format("*: it {}, which fails {}", describe(action), describe(item->status)));
    session_.on_error(Error(item->status.error()).at(step_of(action)));
    return false;
  }
  if (const auto* send = std::get_if<Send>(&action)) return on_send(*send);
  if (const auto* receive = std::get_if<Receive>(&action)) return on_receive(*receive);
  if (const auto* done = std::get_if<Done>(&action)) return on_done(*done);
  if (const auto* wait = std::get_if<Wait>(&action)) {
    ScriptItem* item = front(Kind::wait);
    if (item == nullptr || item->span != wait->span) return unexpected(action);
  } else if (const auto* close = std::get_if<Close>(&action)) {
    ScriptItem* item = front(Kind::close);
    if (item == nullptr && close->ending == Ending::orderly && front(Kind::done) != nullptr) return false;
    if (item == nullptr || item->ending != close->ending) return unexpected(action);
  } else if (std::holds_alternative<Commit>(action)) {
    ScriptItem* item = front(Kind::commit);
    if (item == nullptr) return unexpected(action);
    session_.on_committed(item->status);
  } else {
    if (front(Kind::tls) == nullptr) return unexpected(action);
    session_.on_tls();
  }
  log("*: it " + describe(action));
  ++at_;
  return false;
}

bool Player::on_send(const Send& send) {
  if (send.bytes.size() > send_octets_max)
    return differs(
        fmt::format("the session sends {} octets at once; {} is the most", send.bytes.size(), send_octets_max));
  std::string_view bytes = send.bytes;
  while (!bytes.empty()) {
    std::size_t index = at_;
    while (index < items_.size() && items_[index].kind == Kind::hear && items_[index].answerable) ++index;
    if (index >= items_.size() || items_[index].kind != Kind::say) return unexpected(Send{send.step, bytes});
    ScriptItem& item = items_[index];
    std::size_t length = std::min(bytes.size(), item.bytes.size());
    if (bytes.substr(0, length) != std::string_view(item.bytes).substr(0, length)) {
      at_ = index;
      return unexpected(Send{send.step, bytes});
    }
    if (item.step != Step::none && item.step != send.step)
      return differs(fmt::format("\"{}\" is sent at step {}; the script wants {}", printable(bytes),
                                 to_string(send.step), to_string(item.step)));
    log(fmt::format("{}: {}", letter(true), printable(bytes.substr(0, length))));
    bytes.remove_prefix(length);
    item.bytes.erase(0, length);
    if (item.bytes.empty()) items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  return false;
}

bool Player::on_receive(const Receive& receive) {
  ScriptItem* item = front(Kind::hear);
  if (item == nullptr) return unexpected(receive);
  if (item->step != Step::none && item->step != receive.step)
    return differs(fmt::format("\"{}\" is awaited at step {}; the script wants {}", printable(item->bytes),
                               to_string(receive.step), to_string(item->step)));
  if (item->span != Duration::zero() && item->span != receive.patience)
    return differs(fmt::format("\"{}\" is awaited for {}; the script wants {}", printable(item->bytes),
                               format_duration(receive.patience), format_duration(item->span)));
  log(fmt::format("{}: {}", letter(false), printable(item->bytes)));
  std::string chunk = std::move(item->bytes);  // gone after the call, so that a kept view is found by the sanitizer
  ++at_;
  session_.on_bytes(chunk);
  return false;
}

bool Player::on_done(const Done& done) {
  ScriptItem* item = front(Kind::done);
  if (item == nullptr || item->status.has_value() != done.status.has_value()) return unexpected(done);
  if (!done.status &&
      (done.status.error().code != item->status.error().code ||
       (!item->status.error().reason.empty() && done.status.error().reason != item->status.error().reason)))
    return unexpected(done);
  ++at_;
  if (at_ < items_.size()) return differs("the script goes on after the end of the session: it wants " + wanted());
  return true;
}

bool Player::fail_next(std::size_t nth) {
  Action action = session_.next();
  std::vector<Failure> ways = failures_of(action);
  if (nth >= ways.size()) return false;
  Failure failure = ways[nth];
  const bool closing = std::holds_alternative<Close>(action);
  log(fmt::format("*: it {}, which fails {}", describe(action), describe(error_of(failure))));
  if (failure == Failure::commit)
    session_.on_committed(error_of(failure));
  else
    session_.on_error(error_of(failure).at(step_of(action)));
  bool peer_is_there = failure == Failure::commit;  // until the session next asks something of it
  for (std::size_t i = 0; i < last_actions_max; ++i) {
    action = session_.next();
    if (const auto* done = std::get_if<Done>(&action)) {
      if (done->status && !closing) differs("the session ends in good order after a failure");
      return true;
    }
    if (failure == Failure::time_is_up) {
      session_.on_error(error_of(failure).at(step_of(action)));
    } else if (std::holds_alternative<Commit>(action)) {
      session_.on_committed({});
    } else if (peer_is_there && needs_peer(action)) {
      peer_is_there = false;
      session_.on_error(error_of(Failure::reset).at(step_of(action)));
    } else if (!std::holds_alternative<Close>(action)) {
      differs(fmt::format("after the failure the session still {}", describe(action)));
      return true;
    }
  }
  differs(fmt::format("the session has not ended {} actions after the failure", last_actions_max));
  return true;
}

}  // namespace mailrig::testing
