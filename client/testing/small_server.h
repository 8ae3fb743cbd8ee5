#pragma once
/// For tests: a POP3 server of a dozen verbs on a simulated port, that does what a test wants of it. It knows nothing
/// of providers.
///
///   SmallServer server(world, "pop.isp.test");
///   server.messages = {{"u1", "Subject: a\r\n\r\none\r\n"}};
///   server.replies["PASS"] = "-ERR [AUTH] no";
///   ...
///   server.commands["RETR"] == 1;

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/drive.h"
#include "net/task.h"
#include "net/world.h"

namespace mailrig::client::testing {

class SmallServer {
 public:
  struct Message {
    std::string uid;
    std::string raw;  // ends in CRLF, no line begins with a dot
    bool deleted = false;
  };

  SmallServer(World& world, std::string host) : world_(world) {
    Result<std::unique_ptr<Listener>> listener = world.network.listen({std::move(host), 110});
    listener_ = *std::move(listener);
    world.loop.spawn(serve(*this));
  }

  std::vector<Message> messages;
  std::string password = "s3cret";
  std::string capabilities = "PIPELINING\r\nTOP\r\nUIDL\r\n";
  std::map<std::string, std::string> replies;  // instead of what the verb would do; "greeting" too
  std::string hangs_up_at;                     // this verb
  std::map<std::string, unsigned> commands;
  unsigned connections = 0;
  unsigned logins = 0;

  void refuse(bool refused) { listener_->refuse(refused); }

 private:
  struct Conversation : Session {
    explicit Conversation(SmallServer& the_server) : server(the_server), listed(server.messages) {
      auto instead = server.replies.find("greeting");
      out = (instead == server.replies.end() ? "+OK ready" : instead->second) + "\r\n";
    }
    Action next() override {
      if (failed) return Done{};
      if (!out.empty()) {
        said = std::exchange(out, {});
        return Send{Step::request, said};
      }
      if (leaving) return std::exchange(leaving, false) ? Action{Close{}} : Action{Done{}};
      if (left) return Done{};
      return Receive{Step::request, 1h};
    }
    void on_bytes(std::string_view bytes) override {
      in += bytes;
      for (std::size_t end = in.find("\r\n"); end != std::string::npos && !left; end = in.find("\r\n")) {
        answer(in.substr(0, end));
        in.erase(0, end + 2);
      }
    }
    void on_committed(Status) override {}
    void on_tls() override {}
    void on_error(Error) override { failed = true; }

    void answer(const std::string& line) {
      std::string verb = line.substr(0, line.find(' '));
      std::string rest = verb.size() == line.size() ? std::string() : line.substr(verb.size() + 1);
      ++server.commands[verb];
      if (verb == server.hangs_up_at) {
        leaving = left = true;
        return;
      }
      auto instead = server.replies.find(verb);
      out += (instead == server.replies.end() ? reply(verb, rest) : instead->second) + "\r\n";
      if (verb == "QUIT") leaving = left = true;
    }
    std::string reply(const std::string& verb, const std::string& rest) {
      if (verb == "CAPA") return "+OK\r\n" + server.capabilities + ".";
      if (verb == "PASS" && rest != server.password) return "-ERR [AUTH] Authentication failed.";
      if (verb == "PASS") ++server.logins;
      if (verb == "STAT") return fmt::format("+OK {} 0", listed.size());
      if (verb == "LIST" || verb == "UIDL") {
        std::string lines = "+OK\r\n";
        for (std::size_t i = 0; i < listed.size(); ++i)
          lines += verb == "LIST" ? fmt::format("{} {}\r\n", i + 1, listed[i].raw.size())
                                  : fmt::format("{} {}\r\n", i + 1, listed[i].uid);
        return lines + ".";
      }
      if (verb == "RETR") return "+OK\r\n" + at(rest).raw + ".";
      if (verb == "TOP") return "+OK\r\n" + at(rest).raw.substr(0, at(rest).raw.find("\r\n\r\n") + 4) + ".";
      if (verb == "DELE") at(rest).deleted = true;
      if (verb == "QUIT")
        for (const Message& one : listed)
          if (one.deleted) std::erase_if(server.messages, [&](const Message& kept) { return kept.uid == one.uid; });
      return "+OK";
    }
    Message& at(const std::string& number) {
      return listed.at(static_cast<std::size_t>(std::atoi(number.c_str()) - 1));
    }

    SmallServer& server;
    std::vector<Message> listed;
    std::string in, out, said;
    bool leaving = false, left = false, failed = false;
  };

  static Task<void> serve(SmallServer& self) {
    for (;;) {
      Result<std::unique_ptr<Stream>> stream = co_await self.listener_->accept();
      if (!stream) co_return;
      ++self.connections;
      self.world_.loop.spawn(converse(self, *std::move(stream)));
    }
  }
  static Task<void> converse(SmallServer& self, std::unique_ptr<Stream> stream) {
    Conversation conversation(self);
    DriveOptions options;
    Status ended = co_await drive(conversation, *stream, self.world_, options);
    static_cast<void>(ended);
  }

  World& world_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace mailrig::client::testing
