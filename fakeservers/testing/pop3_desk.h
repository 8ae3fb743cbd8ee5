#pragma once
/// For tests: a POP3 server made of a line of JSON, and its sessions played by hand.
///
///   Pop3Desk desk(R"({"personality": "gmail", "mailboxes": {"ann": {"password": "pw"}}})");
///   desk.talk("USER ann\r\nPASS pw\r\nSTAT\r\n");        // all that a fresh connection answers
///   EXPECT_EQ(plays(settings, Script{Tests::server}.server("+OK ready").client("QUIT").server("+OK bye").then_done()),
///   "");

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fakeservers/personalities/personality.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/testing/test_world.h"
#include "json/json_value.h"
#include "net/testing/script.h"

namespace mailrig::fakeservers::testing {

struct Pop3Desk {
  struct Seen : ServerObserver {
    void on_retrieve(std::string_view connection, const Message& message) override {
      note("retrieve", connection, message);
    }
    void on_delete(std::string_view connection, const Message& message) override {
      note("delete", connection, message);
    }
    void note(std::string what, std::string_view connection, const Message& message) {
      std::shared_ptr<const std::string> bytes = message.content.load();
      events.push_back(what + " " + std::string(connection) + " " + std::string(message.mailbox) + " " +
                       std::string(message.uid));
      contents.push_back(*bytes);
      sums_are_right &= to_hex(message.sum) == Sha256::hex_of(*bytes) && message.content.octets == bytes->size();
    }
    std::vector<std::string> events;
    std::vector<std::string> contents;
    bool sums_are_right = true;
  };

  explicit Pop3Desk(std::string_view settings, std::uint64_t seed = 1) : rig(seed) {
    Result<Value> parsed = parse_json_value(settings);
    Result<Value> resolved = server_settings("pop3", parsed ? *parsed : Value("not JSON"));
    if (!resolved) {
      refusal = resolved.error().message;
      return;
    }
    if (const Value* tls = resolved->find("tls"); tls != nullptr) {
      offers_starttls = tls->text().starts_with("starttls");
      implicit_tls = tls->text() == "implicit";
    }
    Result<std::unique_ptr<FakeServer>> made =
        make_pop3_server({.world = rig.world, .name = "isp", .observer = &observer, .make_messages = {}}, *resolved);
    if (made)
      server = std::move(*made);
    else
      refusal = made.error().message;
  }

  std::unique_ptr<Session> open() {
    ++connections;
    return server->open({.connection = "isp#" + std::to_string(connections),
                         .number = connections,
                         .peer = "127.0.0.2:40001",
                         .tls = implicit_tls,
                         .starttls_offered = offers_starttls});
  }

  /// What a fresh connection says to all of these bytes at once, greeting left out; then the client goes away.
  std::string talk(std::string_view wire) { return converse(*open(), wire); }
  std::string converse(Session& session, std::string_view wire) {
    std::string said = take(session);
    std::size_t greeting = said.size();
    session.on_bytes(wire);
    said += take(session);
    if (!over) {
      session.on_error({Errc::end_of_stream, "the peer closed the connection"});
      const int said_in = writes;
      take(session);
      writes = said_in;
    }
    return said.substr(greeting);
  }
  /// All that a session says until it waits for its client, or has ended.
  std::string take(Session& session) {
    std::string said;
    over = false;
    ending.clear();
    writes = 0;
    for (int i = 0; i < 1'000'000; ++i) {
      Action action = session.next();
      if (auto* send = std::get_if<Send>(&action)) {
        said += send->bytes;
        ++writes;
      } else if (auto* wait = std::get_if<Wait>(&action)) {
        waited += wait->span;
      } else if (auto* close = std::get_if<Close>(&action)) {
        ending = close->ending == Ending::orderly ? "orderly"
                 : close->ending == Ending::reset ? "reset"
                                                  : "no-close-notify";
      } else if (std::holds_alternative<StartTls>(action)) {
        session.on_tls();
      } else if (auto* receive = std::get_if<Receive>(&action)) {
        patience = receive->patience;
        return said;
      } else {
        over = true;
        return said;
      }
    }
    return said + "<goes on for ever>";
  }

  Status change(std::string_view verb, std::string_view arguments) const {
    return server->change(verb, *parse_json_value(arguments));
  }
  /// "" where all went well, else the message.
  std::string changed(std::string_view verb, std::string_view arguments) const {
    Status status = change(verb, arguments);
    return status ? "" : status.error().message;
  }
  /// servers.isp.PATH; names with dots cannot be asked for. Numbers index lists.
  Value see(std::initializer_list<std::string_view> path) const {
    Value value = server->observe();
    for (std::string_view name : path) {
      const Value whole = value.made();
      if (whole.is(Value::Kind::list)) {
        value = whole.items().at(std::stoul(std::string(name)));
      } else {
        const Value* next = whole.find(name);
        value = next == nullptr ? Value("<no " + std::string(name) + ">") : *next;
      }
    }
    return value.made();
  }
  std::int64_t count(std::string_view mailbox, std::string_view what) const {
    Value value = see({"mailboxes", mailbox, what});
    return value.is(Value::Kind::integer) ? value.integer() : -1;
  }

  TestWorld rig;
  Seen observer;
  std::unique_ptr<FakeServer> server;
  std::string refusal;
  bool offers_starttls = false;
  bool implicit_tls = false;
  unsigned connections = 0;
  bool over = false;
  std::string ending;
  int writes = 0;
  Duration waited{};
  Duration patience{};
};

/// The script at every split, each time with a server of its own.
inline std::string plays(std::string_view settings, const mailrig::testing::Script& script) {
  std::unique_ptr<Pop3Desk> desk;
  return script.at_every_split([&] {
    desk = std::make_unique<Pop3Desk>(settings);
    return desk->open();
  });
}

}  // namespace mailrig::fakeservers::testing
