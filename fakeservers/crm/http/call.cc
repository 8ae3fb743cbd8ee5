#include "fakeservers/crm/http/call.h"

#include <algorithm>
#include <array>

#include "fakeservers/crm/handlers.h"
#include "json/json_value.h"

namespace mailrig::fakeservers::crm {
namespace {

// The first row whose pattern fits counts, so fixed words stand before what stands for anything.
constexpr Route routes[] = {
    {.method = "GET",
     .pattern = "actions/email_available",
     .word = "available",
     .heavy = true,
     .mail = true,
     .handler = on_email_available},
    {.method = "GET", .pattern = "{module}/search", .word = "search", .heavy = true, .handler = on_search},
    {.method = "POST", .pattern = "{module}/upsert", .word = "upsert", .right = Right::update, .handler = on_upsert},
    {.method = "GET", .pattern = "{module}/deleted", .word = "deleted", .cost = 2, .handler = on_deleted},
    {.method = "GET", .pattern = "{module}", .word = "list", .handler = on_list},
    {.method = "POST", .pattern = "{module}", .word = "insert", .right = Right::create, .handler = on_insert},
    {.method = "PUT", .pattern = "{module}", .word = "update", .right = Right::update, .handler = on_update},
    {.method = "DELETE", .pattern = "{module}", .word = "delete", .right = Right::remove, .handler = on_delete},
    {.method = "GET", .pattern = "{module}/{id}", .word = "get", .handler = on_get},
    {.method = "PUT", .pattern = "{module}/{id}", .word = "update", .right = Right::update, .handler = on_update},
    {.method = "DELETE", .pattern = "{module}/{id}", .word = "delete", .right = Right::remove, .handler = on_delete},
    {.method = "POST",
     .pattern = "{module}/{id}/actions/associate_email",
     .word = "associate",
     .right = Right::create,
     .heavy = true,
     .mail = true,
     .handler = on_associate},
    {.method = "POST",
     .pattern = "{module}/{id}/actions/convert",
     .word = "convert",
     .right = Right::create,
     .cost = 5,
     .heavy = true,
     .handler = on_convert},
    {.method = "GET",
     .pattern = "{module}/{id}/Emails/{leaf}",
     .word = "email",
     .heavy = true,
     .mail = true,
     .handler = on_email},
    {.method = "GET",
     .pattern = "{module}/{id}/Emails",
     .word = "emails",
     .heavy = true,
     .mail = true,
     .handler = on_emails},
    {.method = "POST",
     .pattern = "{module}/{id}/Notes",
     .word = "note",
     .right = Right::create,
     .handler = on_add_note},
    {.method = "GET", .pattern = "{module}/{id}/{leaf}", .word = "related", .handler = on_related},
};

constexpr std::array<std::string_view, 18> words{"token",  "revoke",    "search",    "insert",  "upsert",  "update",
                                                 "delete", "get",       "list",      "deleted", "related", "emails",
                                                 "email",  "associate", "available", "note",    "convert", "unknown"};

/// v2 is 20, v2.1 is 21; 0 where the segment is no version at all.
unsigned parse_version(std::string_view segment) {
  if (segment.size() < 2 || segment.size() > 4 || segment[0] != 'v' || segment[1] < '0' || segment[1] > '9') return 0;
  auto digit = [&](std::size_t i) { return static_cast<unsigned>(segment[i] - '0'); };
  auto is_digit = [&](std::size_t i) { return segment[i] >= '0' && segment[i] <= '9'; };
  if (segment.size() == 2) return digit(1) * 10;
  if (segment.size() == 3 && is_digit(2)) return (digit(1) * 10 + digit(2)) * 10;
  if (segment.size() == 4 && segment[2] == '.' && is_digit(3)) return digit(1) * 10 + digit(3);
  return 0;
}

bool is_known_version(unsigned version) {
  return version == 21 || (version >= 20 && version <= 80 && version % 10 == 0);
}

/// Fits the pattern to the segments after the version, and takes what its braces stand for.
bool fits(std::string_view pattern, std::span<const std::string> segments, Incoming& incoming) {
  std::size_t at = 0;
  for (; !pattern.empty(); ++at) {
    std::string_view part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(std::min(pattern.size(), part.size() + 1));
    if (at == segments.size()) return false;
    if (part == "{module}")
      incoming.module = segments[at];
    else if (part == "{id}")
      incoming.id = segments[at];
    else if (part == "{leaf}")
      incoming.leaf = segments[at];
    else if (part != segments[at])
      return false;
  }
  return at == segments.size();
}

void find_route(Incoming& incoming) {
  std::span<const std::string> segments = incoming.target.segments;
  incoming.version = segments.size() < 2 || segments[0] != "crm" ? 0 : parse_version(segments[1]);
  if (incoming.version == 0) return;
  if (!is_known_version(incoming.version)) {
    incoming.kind = Incoming::Kind::unknown_version;
    return;
  }
  for (const Route& route : routes) {
    if (!fits(route.pattern, segments.subspan(2), incoming)) continue;
    incoming.kind = Incoming::Kind::wrong_method;
    if (route.method != incoming.http.method) continue;
    incoming.kind = Incoming::Kind::api;
    incoming.route = &route;
    incoming.word = incoming.module == "Notes" && route.word == "insert" ? "note" : route.word;
    return;
  }
}

std::string argument_of(const Incoming& incoming) {
  if (incoming.word == "search")
    for (std::string_view name : {"criteria", "email", "phone", "word"})
      if (const std::string* value = incoming.target.query.find(name)) return *value;
  if (incoming.word == "associate") {
    for (const auto& [root, list] : incoming.body.is(Value::Kind::map) ? incoming.body.entries() : Value::Map{}) {
      if (!list.is(Value::Kind::list) || list.items().empty()) continue;
      const Value* id = list.items().front().find("original_message_id");
      if (id != nullptr && id->is(Value::Kind::text)) return id->text();
    }
  }
  return incoming.id;
}

}  // namespace

std::span<const std::string_view> call_words() { return words; }

Incoming parse_request(HttpRequest request) {
  Incoming incoming;
  incoming.http = std::move(request);
  incoming.target = parse_target(incoming.http.target);
  incoming.place = incoming.http.method + ' ' + incoming.target.path;
  incoming.word = "unknown";
  const std::vector<std::string>& segments = incoming.target.segments;
  bool oauth = segments.size() >= 3 && segments[0] == "oauth" && segments[1] == "v2" && segments[2] == "token";
  if (oauth && (segments.size() == 3 || (segments.size() == 4 && segments[3] == "revoke"))) {
    using enum Incoming::Kind;
    incoming.target.query.append(Query::parse(incoming.http.body));
    incoming.kind = incoming.http.method != "POST" ? wrong_method : segments.size() == 3 ? token : revoke;
    if (incoming.kind != wrong_method) incoming.word = segments.size() == 3 ? "token" : "revoke";
    return incoming;
  }
  if (incoming.http.method == "POST" || incoming.http.method == "PUT")
    if (Result<Value> body = parse_json_value(incoming.http.body); body && body->is(Value::Kind::map))
      incoming.body = *std::move(body);
  find_route(incoming);
  incoming.argument = argument_of(incoming);
  return incoming;
}

}  // namespace mailrig::fakeservers::crm
