#include "fakeservers/crm/misbehaviours.h"

#include <charconv>

namespace mailrig::fakeservers::crm {
namespace {

constexpr std::string_view writes = "associate insert upsert update note convert delete";

constexpr int id(Mutation bend) { return static_cast<int>(bend); }

void answer(FaultRule& rule, unsigned status, Value body, bool carried_out = false) {
  rule.http_reply = Value::map().set("status", status).set("body", std::move(body));
  if (carried_out) rule.http_reply.set("carried_out", true);
}

Value error(std::string_view code, std::string_view message, std::string_view root = {}) {
  Value item =
      Value::map().set("code", code).set("details", Value::map()).set("message", message).set("status", "error");
  return root.empty() ? item : Value::map().set(std::string(root), Value(Value::List{std::move(item)}));
}

Value internal_error() { return error("INTERNAL_ERROR", "Internal Server Error"); }

constexpr Misbehaviour rows[] = {
    {"empty-success", writes, "200 and {}: says nothing of what became of the item; it is not carried out", 0,
     [](FaultRule& rule) { answer(rule, 200, Value::map()); }},
    {"empty-success/list", writes, "201 and an empty list", 0,
     [](FaultRule& rule) { answer(rule, 201, Value::map().set("Emails", Value::list())); }},
    {"empty-success/no-content", "any", "204 without a body, to whatever it is", 0,
     [](FaultRule& rule) { answer(rule, 204, Value()); }},
    {"empty-success/contradiction", writes, "200 and an item with the code SUCCESS and the status error", 0,
     [](FaultRule& rule) { answer(rule, 200, error("SUCCESS", "not stored", "Emails")); }},
    {"carried-out", writes, "500 INTERNAL_ERROR, although the call is carried out", 0,
     [](FaultRule& rule) { answer(rule, 500, internal_error(), true); }},
    {"carried-out/gateway", writes, "504 with a page, although the call is carried out", 0,
     [](FaultRule& rule) { answer(rule, 504, "<html>Gateway Time-out</html>", true); }},
    {"carried-out/lost", writes, "the call is carried out, and the connection reset before an octet of the answer", 0,
     [](FaultRule& rule) { rule.cut_after = 0; }},
    {"server-error", "any", "500 INTERNAL_ERROR", 0, [](FaultRule& rule) { answer(rule, 500, internal_error()); }},
    {"gateway-page", "any", "502 with a page of HTML", 0,
     [](FaultRule& rule) { answer(rule, 502, "<html>Bad Gateway</html>"); }},
    {"login-page", "any", "200 with a page of HTML, as a captive portal sends it", 0,
     [](FaultRule& rule) { answer(rule, 200, "<html>Please log in</html>"); }},
    {"redirect", "any", "302 to another host", 0,
     [](FaultRule& rule) {
       answer(rule, 302, "<html>Found</html>");
       rule.http_reply.set("headers", Value::map().set("Location", "https://elsewhere.test/"));
     }},
    {"too-many-requests", "any", "429 TOO_MANY_REQUESTS", 0,
     [](FaultRule& rule) {
       answer(rule, 429, error("TOO_MANY_REQUESTS", "too many requests. please try again after some time"));
     }},
    {"storage-full", "associate insert upsert note", "400 STORAGE_SPACE_EXCEEDS: the account takes nothing more", 0,
     [](FaultRule& rule) { answer(rule, 400, error("STORAGE_SPACE_EXCEEDS", "storage space exceeds", "Emails")); }},
    {"license-expired", "any", "402 LICENSE_EXPIRED", 0,
     [](FaultRule& rule) { answer(rule, 402, error("LICENSE_EXPIRED", "license expired")); }},
    {"number-code", "any", "200 and the error 4500 of the interface of 2014", 0,
     [](FaultRule& rule) {
       answer(rule, 200,
              Value::map().set(
                  "response",
                  Value::map().set(
                      "error",
                      Value::map().set("code", 4500).set("message", "Problem occured while processing the request"))));
     }},
    {"record-locked", "associate update note delete convert", "400 RECORD_LOCKED", 0,
     [](FaultRule& rule) { answer(rule, 400, error("RECORD_LOCKED", "record is locked", "Emails")); }},
    {"item-refused", "associate", "400 INVALID_DATA for the field from", 0,
     [](FaultRule& rule) {
       Value body = error("INVALID_DATA", "invalid data", "Emails");
       Value item = body.find("Emails")->items().front();
       item.set("details", Value::map().set("expected_data_type", "email").set("api_name", "from"));
       answer(rule, 400, Value::map().set("Emails", Value(Value::List{std::move(item)})));
     }},
    {"invalid-token", "any", "401 INVALID_TOKEN, whatever the token is", 0,
     [](FaultRule& rule) { answer(rule, 401, error("INVALID_TOKEN", "invalid oauth token")); }},
    {"token-error-page", "token", "503 with an error page as JSON, which has an \"error\" too", 0,
     [](FaultRule& rule) { answer(rule, 503, Value::map().set("status", 503).set("error", "Service Unavailable")); }},
    {"token-throttled", "token", "429 with a page of HTML", 0,
     [](FaultRule& rule) { answer(rule, 429, "<html>Too many requests</html>"); }},
    {"token-revoked", "token", "200 and invalid_code: the connection has to be made anew", 0,
     [](FaultRule& rule) { answer(rule, 200, Value::map().set("error", "invalid_code")); }},
    {"deep-json", "any", "200 and 4,000,000 octets of brackets", 0,
     [](FaultRule& rule) { answer(rule, 200, std::string(4'000'000, '[')); }},
    {"short-length", "any", "a Content-Length of half the body: the rest comes after the answer",
     id(Mutation::short_length)},
    {"long-length", "any", "a Content-Length that is one octet more than ever comes", id(Mutation::long_length)},
    {"closes-unannounced", "any", "the connection ends after the answer without Connection: close", 0,
     [](FaultRule& rule) { rule.ending = Ending::orderly; }},
};

}  // namespace

std::span<const Misbehaviour> misbehaviours() { return rows; }

std::string bent(const FaultRule* rule, std::string wire) {
  const auto bend =
      rule == nullptr || rule->misbehaviour == nullptr ? Mutation::none : static_cast<Mutation>(rule->misbehaviour->id);
  if (bend == Mutation::none) return wire;
  constexpr std::string_view field = "Content-Length: ";
  const std::size_t at = wire.find(field);
  const std::size_t head_end = wire.find("\r\n\r\n");
  if (at == std::string::npos || at > head_end) return wire;
  const std::size_t from = at + field.size();
  std::size_t length = 0;
  const std::from_chars_result read = std::from_chars(wire.data() + from, wire.data() + wire.size(), length);
  const std::size_t told = bend == Mutation::short_length ? length / 2 : length + 1;
  wire.replace(from, static_cast<std::size_t>(read.ptr - wire.data()) - from, std::to_string(told));
  return wire;
}

bool is_carried_out(const FaultRule& rule) {
  const Value* carried_out = rule.http_reply.is_null() ? nullptr : rule.http_reply.find("carried_out");
  return carried_out != nullptr && *carried_out == Value(true);
}

}  // namespace mailrig::fakeservers::crm
