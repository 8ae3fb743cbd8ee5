#pragma once
/// For tests: a CRM that is asked in raw HTTP, and whose answers are taken apart by hand.
///
///   Desk desk(R"({ "index_lag": "1m" })");
///   EXPECT_EQ(desk.get("/crm/v8/Contacts/search?email=a@b.test").body, R"({"data":...})");

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fakeservers/crm/crm_server.h"
#include "fakeservers/crm/org.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/testing/test_world.h"
#include "json/json_value.h"

namespace mailrig::fakeservers::crm {

inline constexpr std::string_view demo_clients =
    R"({ "client_id": "1000.X", "client_secret": "z", "refresh_token": "1000.x.y" })";

struct WireAnswer {
  unsigned status = 0;
  std::string head;  // all of it, the status line first
  std::string body;

  std::string field(std::string_view name) const {
    std::size_t at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return "";
    at += name.size() + 4;
    return head.substr(at, head.find("\r\n", at) - at);
  }
  Value json() const {
    Result<Value> value = parse_json_value(body);
    return value ? *value : Value();
  }
};

struct Desk {
  /// `settings` are laid over the personality zoho-crm, without cookies.
  explicit Desk(std::string_view settings = "{}", std::uint64_t seed = 1) : rig(seed) {
    Value server = merged(Value::map()
                              .set("personality", "zoho-crm")
                              .set("cookies", false)
                              .set("clients", *parse_json_value(demo_clients)),
                          *parse_json_value(settings));
    Result<std::unique_ptr<FakeServer>> made =
        make_crm_server({.world = rig.world, .name = "crm", .observer = &observer}, *server_settings("crm", server));
    if (!made)
      refusal = made.error().message;
    else
      crm = *std::move(made);
  }

  /// All that a fresh connection says to these bytes.
  std::string talk(std::string_view wire) {
    std::unique_ptr<Session> session = open();
    std::string said;
    ending.clear();
    bool fed = false;
    for (int i = 0; i < 10'000; ++i) {
      Action action = session->next();
      if (auto* send = std::get_if<Send>(&action)) {
        said += send->bytes;
      } else if (auto* wait = std::get_if<Wait>(&action)) {
        waited += wait->span;
      } else if (std::holds_alternative<Receive>(action)) {
        if (std::exchange(fed, true)) return said;
        session->on_bytes(wire);
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
  std::unique_ptr<Session> open() {
    ++connections;
    return crm->open({.connection = "crm#" + std::to_string(connections),
                      .number = connections,
                      .peer = "127.0.0.1:40001",
                      .tls = true});
  }

  static WireAnswer take_apart(std::string wire) {
    WireAnswer answer;
    std::size_t end = wire.find("\r\n\r\n");
    if (end == std::string::npos || wire.size() < 12) return answer;
    answer.head = wire.substr(0, end + 2);
    answer.body = wire.substr(end + 4);
    answer.status = static_cast<unsigned>(std::stoul(wire.substr(9, 3)));
    return answer;
  }

  /// With a good token, asked for once.
  WireAnswer ask(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view more_fields = {}) {
    if (token.empty()) refresh();
    std::string wire = std::string(method) + ' ' + std::string(target) +
                       " HTTP/1.1\r\nHost: crm.test\r\nAuthorization: Zoho-oauthtoken " + token + "\r\n" +
                       std::string(more_fields);
    if (!body.empty())
      wire += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    return take_apart(talk(wire + "\r\n" + std::string(body)));
  }
  WireAnswer get(std::string_view target, std::string_view more_fields = {}) {
    return ask("GET", target, {}, more_fields);
  }
  WireAnswer post(std::string_view target, std::string_view body) { return ask("POST", target, body); }
  WireAnswer ask_token(
      std::string_view query = "grant_type=refresh_token&refresh_token=1000.x.y&client_id=1000.X&client_secret=z") {
    return take_apart(talk("POST /oauth/v2/token?" + std::string(query) + " HTTP/1.1\r\nHost: crm.test\r\n\r\n"));
  }
  void refresh() {
    Value answer = ask_token().json();
    const Value* given = answer.find("access_token");
    token = given == nullptr ? "none" : given->text();
  }
  Value observed(std::string_view name) const {
    Value seen = crm->observe();
    const Value* value = seen.find(name);
    return value == nullptr ? Value() : value->made();
  }
  /// The id of the first record that was added with this answer.
  static std::string id_of(const WireAnswer& answer, std::size_t item = 0) {
    const Value root = answer.json();
    return root.find("data")->items().at(item).find("details")->find("id")->text();
  }
  std::string add(std::string_view module, std::string_view fields) {
    return id_of(post("/crm/v8/" + std::string(module), R"({"data":[)" + std::string(fields) + "]}"));
  }

  struct Seen : ServerObserver {
    void on_associate(std::string_view server, std::string_view record, std::string_view message_id) override {
      associated.push_back(std::string(server) + ' ' + std::string(record) + ' ' + std::string(message_id));
    }
    std::vector<std::string> associated;
  };

  testing::TestWorld rig;
  Seen observer;
  std::unique_ptr<FakeServer> crm;
  std::string refusal;
  std::string token;
  std::string ending;
  Duration waited{};
  unsigned connections = 0;
};

}  // namespace mailrig::fakeservers::crm
