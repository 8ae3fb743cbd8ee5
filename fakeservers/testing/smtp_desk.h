#pragma once
/// For tests: an SMTP server and one client that talks to it line by line.
///
///   Desk desk("gmail", R"({ "size_max": 100 })");
///   desk.connect();
///   EXPECT_EQ(desk.say("EHLO a.test"), "250-smtp.gmail.com at your service, [127.0.0.1]\r\n...");

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakeservers/core/base64.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/smtp/smtp_server.h"
#include "fakeservers/testing/test_world.h"
#include "json/json_value.h"

namespace mailrig::fakeservers::smtp {

inline constexpr std::string_view anna_only = R"({ "anna@zillum.test": { "password": "s3cret" } })";

/// What another server would be given.
struct Inbox final : FakeServer {
  bool deliver(const IncomingMail& mail) override {
    delivered.push_back(std::string(mail.mailbox) + (mail.own_copy ? " own " : " ") + *mail.message.load());
    return mail.mailbox != "nobody@here.test";
  }
  std::unique_ptr<mailrig::Session> open(ConnectionInfo /*connection*/) override { return nullptr; }
  void on_closed(std::string_view /*connection*/, const Status& /*how*/) override {}
  Status change(std::string_view /*verb*/, const Value& /*arguments*/) override { return {}; }
  Value observe() const override { return Value::map(); }
  std::vector<RuleReport> rules() const override { return {}; }

  std::vector<std::string> delivered;
};

struct Desk {
  explicit Desk(std::string_view personality = "generic", std::string_view settings = "{}") {
    Value server = Value::map()
                       .set("personality", personality)
                       .set("host", "mx.test")
                       .set("mailboxes", *parse_json_value(anna_only));
    server = merged(server, *parse_json_value(settings));
    Result<Value> resolved = server_settings("smtp", server);
    if (!resolved) {
      refusal = resolved.error();
      return;
    }
    Result<std::unique_ptr<FakeServer>> made =
        make_smtp_server({.world = rig.world, .name = "out", .observer = &observer}, *resolved);
    if (!made)
      refusal = made.error();
    else
      server_ = *std::move(made);
    if (server_ && resolved->find("deliver_to") != nullptr && !server_->link("deliver_to", inbox)) std::abort();
  }

  FakeServer& server() { return *server_; }

  /// A new connection; the greeting.
  std::string connect(bool tls = false, std::string_view peer = "127.0.0.1:40001") {
    ++connections;
    session.reset();
    session = server_->open({.connection = "out#" + std::to_string(connections),
                             .number = connections,
                             .peer = std::string(peer),
                             .tls = tls});
    return pump();
  }
  /// What the server says to these bytes, or to a line.
  std::string bytes(std::string_view wire) {
    session->on_bytes(wire);
    return pump();
  }
  std::string say(std::string_view line) { return bytes(std::string(line) + "\r\n"); }
  /// Greeting, EHLO, and STARTTLS with another EHLO where the server has it, then AUTH.
  void log_in(bool tls = true, std::string_view user = "anna@zillum.test", std::string_view password = "s3cret") {
    connect(tls);
    say("EHLO client.test");
    say("AUTH PLAIN " + plain(user, password));
  }
  static std::string plain(std::string_view user, std::string_view password) {
    return to_base64('\0' + std::string(user) + '\0' + std::string(password));
  }
  /// A whole message; the answer to its dot.
  std::string send(std::string_view message = "Subject: x\r\n\r\nhello\r\n", std::string_view from = "anna@zillum.test",
                   std::string_view to = "bert@customer.test") {
    say("MAIL FROM:<" + std::string(from) + ">");
    say("RCPT TO:<" + std::string(to) + ">");
    say("DATA");
    return bytes(std::string(message) + ".\r\n");
  }
  Value observed(std::string_view name) {
    Value seen = server_->observe();
    const Value* value = seen.find(name);
    return value == nullptr ? Value() : value->made();
  }
  /// A part of the ith accepted message.
  Value accepted(std::string_view part, std::size_t i = 0) {
    Value all = observed("accepted");
    return i < all.items().size() ? all.items()[i].find(part)->made() : Value("<not accepted>");
  }
  std::size_t accepted_count() { return observed("accepted").items().size(); }
  Status change(std::string_view verb, std::string_view arguments) {
    return server_->change(verb, *parse_json_value(arguments));
  }

  struct Seen : ServerObserver {
    void on_accept(std::string_view connection, const Content& message) override {
      accepted.push_back(std::string(connection) + ' ' + *message.load());
    }
    std::vector<std::string> accepted;
  };

  testing::TestWorld rig;
  Seen observer;
  Error refusal;
  Inbox inbox;
  std::unique_ptr<mailrig::Session> session;
  std::string ending;  // how the server closed; empty while it is open
  bool starts_tls = false;
  Duration waited{};
  unsigned connections = 0;

 private:
  std::string pump() {
    std::string said;
    ending.clear();
    for (int i = 0; i < 10'000; ++i) {
      Action action = session->next();
      if (auto* send_action = std::get_if<Send>(&action)) {
        said += send_action->bytes;
      } else if (auto* wait = std::get_if<Wait>(&action)) {
        waited += wait->span;
      } else if (std::holds_alternative<StartTls>(action)) {
        starts_tls = true;
        session->on_tls();
      } else if (auto* close = std::get_if<Close>(&action)) {
        ending = close->ending == Ending::orderly ? "orderly"
                 : close->ending == Ending::reset ? "reset"
                                                  : "no close_notify";
      } else {
        return said;
      }
    }
    return said + "<no end>";
  }

  std::unique_ptr<FakeServer> server_;
};

}  // namespace mailrig::fakeservers::smtp
