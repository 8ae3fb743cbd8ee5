#pragma once
/// How a client can be broken in what it says and in what it takes the answers for: each in one way.
///
///   client.network.bend = [](const Endpoint&) { return std::make_unique<RetrievesTwice>(); };

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/testing/bent_pop3.h"

namespace mailrig::scenarios::testing {

// Clients that say the wrong thing to a POP3 server.

/// Leaves in its own way, where a good client says QUIT.
class LeavesWith : public BentPop3 {
 public:
  explicit LeavesWith(std::vector<std::string> commands) : commands_(std::move(commands)) {}

 protected:
  void say(const std::string& command) override {
    if (command == "QUIT")
      for (const std::string& own : commands_) send_unheard(own);
    send(command);
  }

 private:
  std::vector<std::string> commands_;
};

class LogsInBeforeStls : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    if (command == "STLS")
      for (const char* own : {"USER anna", "PASS s3cret"}) send_unheard(own);
    send(command);
  }
};

class DeletesAtOnce : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    send(command);
    if (command.starts_with("RETR ")) send_unheard("DELE " + command.substr(5));
  }
};

class DeletesTheNextOne : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    if (command.starts_with("DELE "))
      send(fmt::format("DELE {}", std::stoi(command.substr(5)) + 1));
    else
      send(command);
  }
};

class RetrievesTwice : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    if (command.starts_with("RETR ")) send_unheard(command);
    send(command);
  }
};

class NeverQuits : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    if (command == "QUIT")
      answer("+OK bye\r\n");
    else
      send(command);
  }
};

class TriesThePasswordTwice : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    if (command.starts_with("USER ")) user_ = command;
    if (command.starts_with("PASS ")) {
      send_unheard(command);
      send_unheard(user_);
    }
    send(command);
  }

 private:
  std::string user_;
};

// Clients that take what a POP3 server says for something else.

/// `heard` in place of a reply to `command` (the beginning of it; "" is the greeting) that begins with `reply`.
class Mishears : public BentPop3 {
 public:
  Mishears(std::string command, std::string reply, std::string heard)
      : command_(std::move(command)), reply_(std::move(reply)), heard_(std::move(heard)) {}

 protected:
  std::string hear(const std::string& command, std::string reply) override {
    const bool meant = command_.empty() ? command.empty() : command.starts_with(command_);
    return meant && reply.starts_with(reply_) ? heard_ : reply;
  }

 private:
  std::string command_, reply_, heard_;
};

/// Believes that every server can be sent several commands at once.
class OffersPipelining : public BentPop3 {
 protected:
  std::string hear(const std::string& command, std::string reply) override {
    if (command == "CAPA" && reply.ends_with("\r\n.\r\n")) reply.insert(reply.size() - 3, "PIPELINING\r\n");
    return reply;
  }
};

class MisreadsMessages : public BentPop3 {
 public:
  explicit MisreadsMessages(std::function<void(std::string& reply)> misread) : misread_(std::move(misread)) {}

 protected:
  std::string hear(const std::string& command, std::string reply) override {
    if (command.starts_with("RETR ")) misread_(reply);
    return reply;
  }

 private:
  std::function<void(std::string& reply)> misread_;
};

inline void lose_eighth_bit(std::string& reply) {
  for (char& octet : reply) octet = static_cast<char>(octet & 0x7F);
}

/// Lines of dots alone are left, or the reply would end there.
inline void unstuff(std::string& reply) {
  for (std::size_t at = reply.find("\r\n.."); at != std::string::npos; at = reply.find("\r\n..", at + 2))
    if (reply[at + 4] != '\r') reply.erase(at + 2, 1);
}

/// The connection was cut in a message, and the client takes what came for the whole.
class TakesThePartForTheWhole : public BentPop3 {
 protected:
  std::string cut_off(std::string reply) override { return reply.empty() ? reply : reply + "\r\n.\r\n"; }
};

class QuotesWithoutEscaping : public Bend {
 public:
  std::string heard(std::string_view) override { return {}; }
  Moment patience(Moment) override { return Moment{}; }
  Error lost(Error why) override {
    why.message = "the server said \x1b[2J";
    return why;
  }
};

/// To any server: believes that it has been greeted as soon as it is connected.
class DoesNotWaitForTheGreeting : public Bend {
 public:
  explicit DoesNotWaitForTheGreeting(std::string greeting) : greeting_(std::move(greeting)) {}
  std::string made_up() override { return std::exchange(greeting_, {}); }
  /// The real one is not heard.
  std::string heard(std::string_view bytes) override {
    if (greeted_) return std::string(bytes);
    const std::size_t end = bytes.find('\n');
    greeted_ = end != std::string_view::npos;
    return greeted_ ? std::string(bytes.substr(end + 1)) : std::string();
  }

 private:
  std::string greeting_;
  bool greeted_ = false;
};

/// Answers RETR by itself, and believes that the server did.
class MakesMessagesUp : public BentPop3 {
 protected:
  void say(const std::string& command) override {
    if (command.starts_with("RETR "))
      answer("+OK\r\nSubject: made up\r\n\r\nThe server has never sent this.\r\n.\r\n");
    else
      send(command);
  }
};

/// To any server: `words` before the client's last.
class SaysBeforeQuit : public Bend {
 public:
  explicit SaysBeforeQuit(std::string words) : words_(std::move(words)) {}
  std::string said(std::string_view bytes) override {
    return bytes == "QUIT\r\n" ? words_ + std::string(bytes) : std::string(bytes);
  }

 private:
  std::string words_;
};

}  // namespace mailrig::scenarios::testing
