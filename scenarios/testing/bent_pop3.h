#pragma once
/// A Bend that knows where a POP3 command and where its whole reply ends, so that a broken client is told in terms of
/// both. Well-formed replies only; once the client has gone over to TLS nothing is bent any more.
///
///   struct RetrievesTwice : BentPop3 {
///     void say(const std::string& command) override {
///       if (command.starts_with("RETR ")) send_unheard(command);
///       send(command);
///     } };

#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "scenarios/testing/bent_network.h"

namespace mailrig::scenarios::testing {

class BentPop3 : public Bend {
 public:
  std::string said(std::string_view bytes) final {
    if (under_tls_) return std::string(bytes);
    saying_ += bytes;
    for (std::size_t end = saying_.find("\r\n"); end != std::string::npos; end = saying_.find("\r\n")) {
      const std::string command = saying_.substr(0, end);
      saying_.erase(0, end + 2);
      say(command);
    }
    make_up_next();
    return std::exchange(out_, {});
  }

  std::string heard(std::string_view bytes) final {
    if (under_tls_) return std::string(bytes);
    arrived_ += bytes;
    while (!awaited_.empty()) {
      const std::size_t end = end_of_reply(awaited_.front().command);
      if (end == std::string::npos) break;
      const Awaited answered = std::move(awaited_.front());
      awaited_.pop_front();
      std::string reply = arrived_.substr(0, end);
      arrived_.erase(0, end);
      if (answered.command == "STLS" && reply.starts_with("+OK")) under_tls_ = true;
      if (!answered.unheard) in_ += hear(answered.command, std::move(reply));
      make_up_next();
    }
    return made_up();
  }

  std::string made_up() final { return std::exchange(in_, {}); }
  std::string last_words() final { return cut_off(std::exchange(arrived_, {})); }

 protected:
  /// The client says this: it is to be sent, or something in its place.
  virtual void say(const std::string& command) { send(command); }
  /// What the client hears in place of this whole reply to its command ("" stands for the greeting).
  virtual std::string hear(const std::string& /*command*/, std::string reply) { return reply; }
  /// The same for a reply whose end never came.
  virtual std::string cut_off(std::string reply) { return reply; }

  void send(const std::string& command) { put(command, false); }
  /// The client hears nothing of the reply.
  void send_unheard(const std::string& command) { put(command, true); }
  /// Nothing is sent, and the client hears this once it has heard all replies before it.
  void answer(std::string reply) { awaited_.push_back({"", false, std::move(reply)}); }

 private:
  struct Awaited {
    std::string command;
    bool unheard = false;
    std::string made_up = {};
  };

  void put(const std::string& command, bool unheard) {
    out_ += command + "\r\n";
    awaited_.push_back({command, unheard});
  }

  void make_up_next() {
    while (!awaited_.empty() && !awaited_.front().made_up.empty()) {
      in_ += awaited_.front().made_up;
      awaited_.pop_front();
    }
  }

  static bool has_many_lines(std::string_view command) {
    constexpr std::array many{"CAPA", "LIST", "UIDL"};
    for (std::string_view name : many)
      if (command == name) return true;
    return command.starts_with("RETR ") || command.starts_with("TOP ");
  }

  /// npos: there is more to come.
  std::size_t end_of_reply(std::string_view command) const {
    const std::size_t line = arrived_.find("\r\n");
    if (line == std::string::npos) return std::string::npos;
    if (!arrived_.starts_with("+OK") || !has_many_lines(command)) return line + 2;
    const std::size_t dot = arrived_.find("\r\n.\r\n", line);
    return dot == std::string::npos ? dot : dot + 5;
  }

  std::deque<Awaited> awaited_{{""}};  // the greeting
  std::string saying_, out_, arrived_, in_;
  bool under_tls_ = false;
};

}  // namespace mailrig::scenarios::testing
