#include "scenarios/language/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mime/damage/damage.h"
#include "mime/generate/generate.h"
#include "scenarios/language/schema_parts.h"
#include "scenarios/language/vocabulary.h"

namespace mailrig::scenarios {

using namespace schema;  // NOLINT(google-build-using-namespace): the words that this file is written in

namespace {

Value messages() {
  Value::Map keys{
      {"text", text("the raw message; lines that end in LF alone are sent with CRLF")},
      {"base64", text("the raw message in base64 (RFC 4648)")},
      {"file", text("an .eml file, relative to this one; lines that end in LF alone are sent with CRLF")},
      {"octets",
       choice("as-is: text or file byte for byte, whatever its lines end in", std::array{std::string_view("as-is")})},
      {"generate", whole("so many numbered, pairwise different messages", 1)},
      {"size",
       described(any_of({whole("octets", 0),
                         matching("^[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)?(\\.\\.[0-9]+(B|kB|MB|GB|KiB|MiB|GiB)?)?$")}),
                 "of generated messages: \"10kB\", or a range such as \"2KiB..64KiB\"; default by profile")},
      {"profile", choice("what generated messages are about; default plain", mime::profile_names())},
      {"like", choice("whose header generated messages have", mime::habit_names())},
      {"damage", described(any_of({choice("", mime::damage_names()), list("", choice("", mime::damage_names()))}),
                           "what is done to the message, in this order: `mailrig mail damage --list`")},
      {"from", text("From of generated messages")},
      {"to", text("To of generated messages; default: the mailbox")},
      {"subject", text("Subject of generated messages")},
      {"seed", whole("of generated or damaged messages; default: from the scenario's seed and this place", 0)},
      {"at", instant("when it arrived")}};
  for (Protocol protocol : fakeservers::built_in_protocols()) add_settings(keys, protocol->message_settings);
  Value one = any_of({text("the raw message; lines that end in LF alone are sent with CRLF"),
                      object("a message, or many", std::move(keys))});
  return described(any_of({one, list("", one)}), "a message or a list of messages");
}

/// What the protocols have of something, each once, in their order.
template <class NamesOf>
std::vector<std::string_view> of_all_protocols(NamesOf names_of) {
  std::vector<std::string_view> all;
  for (Protocol protocol : fakeservers::built_in_protocols())
    for (const auto& name : names_of(protocol))
      if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  return all;
}

std::vector<std::string_view> protocol_names() {
  std::vector<std::string_view> names;
  for (Protocol protocol : fakeservers::built_in_protocols()) names.push_back(protocol->name);
  return names;
}

/// These, or any other text.
Value known_or_any(std::span<const std::string_view> names) { return any_of({choice("", names), text("")}); }

Value fault() {
  Value::Map keys;
  add_settings(keys, fakeservers::fault_settings());
  auto replace = [&keys](std::string_view key, Value value) {
    std::ranges::find(keys, key, &Value::Map::value_type::first)->second = std::move(value);
  };
  Value from_until =
      object("", {{"from", whole("the first connection", 1)}, {"until", whole("the last connection", 1)}});
  std::vector<std::string_view> exchanges = of_all_protocols([](Protocol protocol) { return protocol->faults->verbs; });
  exchanges.emplace_back("any");
  replace("on", described(known_or_any(exchanges),
                          "the exchange: one of these, any other command, or \"\" for an empty "
                          "line; of the CRM also METHOD /path"));
  std::vector<std::string_view> misbehaviours = of_all_protocols([](Protocol protocol) {
    std::vector<std::string_view> names;
    for (const auto& one : protocol->faults->misbehaviours) names.push_back(one.name);
    return names;
  });
  replace("misbehave", choice("a named way to break the protocol", misbehaviours));
  replace("connection",
          described(any_of({whole("", 1), from_until}), "the nth connection to this server, or { from, until }"));
  replace(
      "nth_in_session",
      described(any_of({whole("", 1), object("", {{"from", whole("the first", 1)}, {"until", whole("the last", 1)}})}),
                "the nth of what fits in each session, or { from, until }"));
  replace("drip",
          object("so many octets every so often", {{"octets", whole("at a time; default 1", 1)},
                                                   {"every", duration("from one time to the next; default 1s")}}));
  replace("garble",
          object("damages one octet of the reply",
                 {{"at", whole("the octets before it", 0)}, {"xor", whole("what it is xored with; default 255", 1)}}));
  Value http = object("", {{"status", whole("the HTTP status", 100)},
                           {"headers", Value::map().set("type", "object")},
                           {"body", Value::map()},
                           {"carried_out", boolean("the call is carried out all the same; default false")}});
  replace("reply",
          described(any_of({text(""), list("", text("")), http}),
                    "this instead: a text, a list of lines, or for the CRM { status, headers, body, carried_out }"));
  replace("reply_bytes",
          described(any_of({text(""), object("", {{"base64", text("")}})}), "exactly these bytes instead"));
  return or_variable(object("where, and what happens there", std::move(keys)));
}

Value certificate() {
  std::vector<std::string_view> names{"good"};
  for (std::string_view name : certificate_class_names())
    if (name != "other") names.push_back(name);
  Value detailed = object("", {{"class", choice("what is wrong with it", names)},
                               {"from", instant("valid from")},
                               {"until", instant("valid until")},
                               {"hosts", text_list("the names on it; default: the server's host")}});
  return described(any_of({choice("", names), detailed}), "the certificate that the server shows");
}

Value refusal(std::string_view meaning) { return described(any_of({boolean(""), text_list("")}), meaning); }

Value mailbox() {
  Value::Map keys{{"password", text("without one nobody can log in")}, {"messages", reference("messages")}};
  for (Protocol protocol : fakeservers::built_in_protocols()) add_settings(keys, protocol->mailbox_settings);
  return object("a user of the server", std::move(keys));
}

Value texts() {
  return described(
      Value::map()
          .set("type", "object")
          .set("additionalProperties", any_of({text(""), list("", text("")), Value::map().set("type", "null")})),
      "replies by key, laid over the personality's");
}

Value records() {
  Value::Map modules;
  for (std::string_view module : of_all_protocols([](Protocol protocol) { return protocol->records; }))
    modules.emplace_back(module, list("", Value::map().set("type", "object")));
  return object("of a CRM: modules and lists of their records", std::move(modules));
}

/// A personality that a file brings along: what it extends, and settings of a server.
Value own_personality() {
  Value::Map keys{{"extends", text("a personality, or another of this file")},
                  {"protocol", choice("default: that of the server", protocol_names())},
                  {"tls", choice("how connections are secured", server_tls_names())},
                  {"texts", or_variable(reference("texts"))}};
  for (Protocol protocol : fakeservers::built_in_protocols()) add_references(keys, protocol->settings, "server");
  return object("a personality of this file's own", std::move(keys));
}

Value server() {
  Value client = object("", {{"client_id", text("")}, {"client_secret", text("")}, {"refresh_token", text("")}});
  Value::Map keys{
      {"personality",
       described(any_of({known_or_any(of_all_protocols([](Protocol protocol) -> const std::vector<std::string>& {
                           return protocol->personalities();
                         })),
                         reference("personality")}),
                 "whom the server acts as: one of these, a name of `personalities`, or an object with `extends`")},
      {"protocol", choice("default: what an account refers to it as, else what the personality has", protocol_names())},
      {"host", text("the name that clients use and that the certificate names; default NAME.test")},
      {"tls", choice("how connections are secured; default by personality", server_tls_names())},
      {"port", whole("the port that clients are told; default by protocol and tls", 1)},
      {"certificate", reference("certificate")},
      {"link", object("of simulated connections", {{"latency", duration("one way; default 1ms")},
                                                   {"bytes_per_second", octets("0: as fast as it is written")},
                                                   {"split_at", whole("octets of a segment; 0: as written", 0)}})},
      {"refuse", refusal("true, or source addresses that are cut off right after connect")},
      {"silent", boolean("packets vanish (sim)")},
      {"addresses", list("the addresses of the name, and which of them work",
                         choice("", std::array<std::string_view, 3>{"good", "refused", "silent"}))},
      {"faults", or_variable(list("what goes wrong; the first rule that fits wins", reference("fault")))},
      {"texts", or_variable(reference("texts"))},
      {"mailboxes", Value::map()
                        .set("type", "object")
                        .set("description", "by user name")
                        .set("additionalProperties", or_variable(reference("mailbox")))},
      {"records", or_variable(records())},
      {"clients", described(any_of({client, list("", client)}),
                            "of a CRM: who may ask for tokens; default: what the accounts have")}};
  for (Protocol protocol : fakeservers::built_in_protocols()) add_settings(keys, protocol->settings);
  return object("a personality and what differs from it", std::move(keys));
}

/// The keys of a server, and which servers they are for.
Value provider() {
  Value servers = Value::map();
  for (std::string_view name : protocol_names()) servers.set(std::string(name), reference("server"));
  Value::Map keys{
      {"servers", described(any_of({list("", choice("", protocol_names())), Value::map()
                                                                                .set("type", "object")
                                                                                .set("properties", std::move(servers))
                                                                                .set("additionalProperties", false)}),
                            "the protocols that it speaks, or what differs for each of them")}};
  const Value one = server();
  for (const auto& [key, value] : one.find("properties")->entries())
    if (key != "protocol") keys.emplace_back(key, or_variable(reference("server/properties/" + key)));
  return object("several servers in front of the same mailboxes: PROVIDER-PROTOCOL is the name of each",
                std::move(keys))
      .set("required", Value(Value::List{"servers"}));
}

Value::Map account_keys() {
  Value target = described(any_of({text(""), object("", {{"server", text("its name")},
                                                         {"host", text("")},
                                                         {"port", whole("", 1)},
                                                         {"tls", choice("", account_tls_names())}})}),
                           "the name of a server, or { server, host, port, tls } for a wrong configuration");
  Value::Map keys{
      {"pop3", target},
      {"smtp", target},
      {"crm", target},
      {"every", described(any_of({duration(""), Value::map().set("const", "never")}),
                          "the polling interval; default 15m; \"never\": only by `poll`")},
      {"batch", whole("messages a cycle; default 200", 1)},
      {"patience", object("how long the client waits", {{"connect", duration("default 30s")},
                                                        {"greeting", duration("default 1m")},
                                                        {"reply", duration("default 5m")},
                                                        {"session", duration("default 1h")}})},
      {"filters", or_variable(list("rules for what arrives",
                                   object("", {{"sender_contains", text("")}, {"move_to", text("the folder")}})))}};
  add_settings(keys, account_words());
  return keys;
}

Value edit() {
  Value::Map keys{{"account", text("whose; may be left out where there is one")}};
  for (const auto& [key, value] : account_keys()) keys.emplace_back(key, reference("account/properties/" + key));
  return object("any key of the account", std::move(keys));
}

/// { VERB: arguments, note, ... }
Value step(std::string_view verb, std::string_view meaning, Value arguments, bool of_server) {
  Value::Map keys{{std::string(verb), std::move(arguments)}, {"note", text("for people")}};
  if (of_server) keys.emplace_back("after", reference("after"));
  if (verb == "expect") {
    keys.emplace_back("level", choice("how bad it is when it does not hold",
                                      std::array<std::string_view, 3>{"MUST", "SHOULD", "INFO"}));
    keys.emplace_back("why", text("where the demand comes from"));
    keys.emplace_back("after", reference("after"));
  }
  return object(meaning, std::move(keys)).set("required", Value(Value::List{verb}));
}

Value steps() {
  const auto server = std::pair<std::string, Value>{"server", text("may be left out where there is one")};
  const auto mailbox = std::pair<std::string, Value>{"mailbox", text("may be left out where there is one")};
  auto of_mailbox = [&](Value::Map more) {
    more.insert(more.begin(), {server, mailbox});
    return any_of({text("the mailbox"), object("", std::move(more))});
  };
  auto of_server = [&](Value::Map more) {
    more.insert(more.begin(), server);
    return object("", std::move(more));
  };
  Value numbers = described(any_of({whole("", 0), list("", whole("", 1))}), "so many of the oldest, or these");
  Value::Map settable{mailbox,
                      {"texts", or_variable(reference("texts"))},
                      {"faults", list("", reference("fault"))},
                      {"records", or_variable(records())},
                      {"password", text("of the mailbox")}};
  for (Protocol protocol : fakeservers::built_in_protocols()) add_references(settable, protocol->settings, "server");
  std::erase_if(settable, [](const auto& entry) { return fakeservers::is_fixed(entry.first); });
  for (Protocol protocol : fakeservers::built_in_protocols())
    add_references(settable, protocol->mailbox_settings, "mailbox");
  Value send = object("", {{"account", text("who sends; may be left out where there is one")},
                           {"to", text_list("")},
                           {"cc", text_list("")},
                           {"bcc", text_list("")},
                           {"from", text("default: the account's address")},
                           {"subject", text("")},
                           {"text", text("the body")},
                           {"file", text("a whole message, an .eml file")}});
  Value::List all{
      step("advance", "the calendar moves; what falls due happens in order", duration(""), false),
      step("poll", "these accounts poll now, at the same time", text_list("names of accounts"), false),
      step("send", "a message is sent", std::move(send), false),
      step("insert", "the user adds a lead or contact to the CRM of the account",
           object("", {{"account", text("may be left out where there is one")},
                       {"module", choice("default Leads", std::array<std::string_view, 2>{"Leads", "Contacts"})},
                       {"email", text("the address")},
                       {"name", text("first and last name")},
                       {"company", text("of a lead")}}),
           false),
      step("add_note", "the user adds a note to the record of an address in the CRM of the account",
           object("", {{"account", text("may be left out where there is one")},
                       {"email", text("the address whose record it is")},
                       {"title", text("")},
                       {"content", text("")}}),
           false),
      step("edit", "the account is edited", edit(), false),
      step("restart", "the client process dies and starts again with its store",
           choice("", std::array<std::string_view, 1>{"client"}), false),
      step("deliver", "new mail arrives now", of_server({mailbox, {"messages", reference("messages")}}), true),
      step("lock", "the provider locks the account",
           of_mailbox(
               {{"how", choice("by personality", of_all_protocols([](Protocol protocol) { return protocol->locks; }))},
                {"for", duration("until it is over by itself")}}),
           true),
      step("unlock", "the user unlocks the account", of_mailbox({}), true),
      step("expire_password", "the right password is refused from now on", of_mailbox({}), true),
      step("set_password", "the password changes at the provider",
           of_server({mailbox, {"password", text("the new one")}}), true),
      step("swap_certificate", "for connections from now on", of_server({{"certificate", reference("certificate")}}),
           true),
      step("refuse", "refuses connections, all or by source", of_server({{"sources", refusal("these only")}}), true),
      step("accept", "takes connections again", of_server({}), true),
      step("drop", "resets all open connections", of_server({}), true),
      step("pop_elsewhere", "another client retrieves messages",
           of_server({mailbox, {"messages", std::move(numbers)}, {"delete", boolean("and deletes them")}}), true),
      step("set", "changes settings of the server or mailbox", of_server(std::move(settable)), true),
      step("expect", "what must be true now", reference("expectations"), false)};
  return list("what happens, in order", Value::map().set("anyOf", Value(std::move(all))));
}

/// What tells one kind of event from another, and which of that kind are meant. `more`: what else the object may say.
Value event(std::string_view meaning, Value::Map more) {
  Value matched = any_of({text(""), Value::map().set("type", "object")});
  Value::Map keys{{"event", choice("its name", event_names())}};
  for (std::size_t kind = 0; kind < event_kinds; ++kind)
    for (std::string_view field : word_of(static_cast<EventKind>(kind)).fields)
      if (std::ranges::find(keys, field, &Value::Map::value_type::first) == keys.end())
        keys.emplace_back(field, matched);
  for (auto& [key, value] : more) keys.emplace_back(key, std::move(value));
  return described(any_of({choice("", event_names()), object("", std::move(keys))}), meaning);
}

/// { "ge": 3, ... }; no other keys than matchers.
Value matchers() {
  Value::Map keys;
  for (std::string_view name : matcher_names()) keys.emplace_back(name, Value::map());
  auto set = [&keys](std::string_view name, Value value) {
    std::ranges::find(keys, name, &Value::Map::value_type::first)->second = std::move(value);
  };
  for (std::string_view name : {"starts_with", "ends_with", "matches", "secret"}) set(name, text(""));
  for (std::string_view name : {"one_of", "in_order"}) set(name, Value::map().set("type", "array"));
  for (std::string_view name : {"none_match", "all_match"}) set(name, text_list(""));
  set("absent", boolean(""));
  set("count", any_of({whole("", 0), Value::map().set("type", "object")}));
  return object("all of these must hold", std::move(keys)).set("minProperties", 1);
}

Value expected_value() {
  auto typed = [](std::string_view type) { return Value::map().set("type", type); };
  return described(any_of({typed("string"), typed("number"), typed("boolean"), typed("null"), typed("array"),
                           reference("matchers"), object("any octets", {{"base64", text("")}})}),
                   "a value that must be equal, or matchers");
}

Value expectations() {
  Value paths = Value::map().set("type", "object").set("minProperties", 1);
  paths.set("propertyNames", matching("^((accounts|servers|latency)[.\\[]|(never|after|within|then)$)"));
  paths.set("properties", Value(Value::Map{{"never", event("no such event; or none before, or after, another one",
                                                           {{"before", reference("event")},
                                                            {"after", reference("event")},
                                                            {"within", duration("of `after`: only in this span")}})},
                                           {"after", reference("event")},
                                           {"within", duration("how soon `then` has to follow `after`")},
                                           {"then", reference("event")}}));
  paths.set("additionalProperties", expected_value());
  return described(std::move(paths),
                   "paths and what is to be found there: a value, or an object of eq ne lt le gt ge contains "
                   "not_contains starts_with ends_with matches one_of count in_order none_match all_match absent; "
                   "{ base64 } stands for any octets; never, and after with then: the order of events");
}

Value after() {
  return object("when `serve` carries the step out, or judges the expectations",
                {{"server", text("may be left out where there is one")},
                 {"command", text("after this command, such as RETR")},
                 {"nth", whole("the nth such command; default 1", 1)},
                 {"sessions", whole("after so many sessions have ended", 1)},
                 {"messages", whole("after so many messages", 1)}});
}

}  // namespace

Value scenario_schema() {
  Value rows = object("", {{"row", text("its name, which goes into the id")}})
                   .set("additionalProperties", true)
                   .set("required", Value(Value::List{"row"}));
  Value::Map keys{
      {"$schema", text("for editors")},
      {"id",
       described(matching("^[a-z0-9-]+(/[a-z0-9-]+)*$"), "words of a-z, 0-9 and - with / between, unique in a run")},
      {"title", text("one sentence: the behaviour, not the mechanism")},
      {"why", text("where it comes from")},
      {"hint", text("what the author would look at first when it fails")},
      {"covers", list("entries of scenarios/requirements.json", text(""))},
      {"tags", list("words for --tag", text(""))},
      {"clock", instant("where the calendar starts; default 2014-06-02T09:00:00Z")},
      {"limit", duration("how far the calendar may go before the run is a hang; default 800d")},
      {"sim_only", text("why this story cannot be told on real sockets")},
      {"known_failure", text("why this is known to fail")},
      {"extends", text("another file, relative to this one, that this one is laid onto")},
      {"table", list("each row is a scenario of its own; ${column} is replaced in any text", std::move(rows))},
      {"personalities", Value::map()
                            .set("type", "object")
                            .set("description", "personalities of this file's own")
                            .set("additionalProperties", reference("personality"))},
      {"servers", Value::map()
                      .set("type", "object")
                      .set("description", "by name")
                      .set("additionalProperties", or_variable(reference("server")))},
      {"providers", Value::map()
                        .set("type", "object")
                        .set("description", "by name; each stands for several servers")
                        .set("additionalProperties", reference("provider"))},
      {"accounts", Value::map()
                       .set("type", "object")
                       .set("description", "by name")
                       .set("additionalProperties", reference("account"))},
      {"steps", steps()}};
  Value schema = Value::map();
  schema.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  schema.set("title", "A mailrig scenario");
  const Value top = object("one file tells one story; docs/scenario-format.md has every key", std::move(keys));
  for (const auto& [key, value] : top.entries()) schema.set(key, value);
  Value complete = Value::map().set("required", Value(Value::List{"id", "title", "servers"}));
  Value extending = Value::map().set("required", Value(Value::List{"extends"}));
  Value of_providers = Value::map().set("required", Value(Value::List{"id", "title", "providers"}));
  schema.set("anyOf", Value(Value::List{std::move(complete), std::move(of_providers), std::move(extending)}));
  schema.set("$defs",
             Value(Value::Map{{"variable", described(matching("^\\$\\{.+\\}$"), "a column of the table")},
                              {"messages", messages()},
                              {"fault", fault()},
                              {"certificate", certificate()},
                              {"texts", texts()},
                              {"mailbox", mailbox()},
                              {"personality", own_personality()},
                              {"server", server()},
                              {"provider", provider()},
                              {"account", object("what the user has configured in the client", account_keys())},
                              {"after", after()},
                              {"event", event("what happens in a run", {})},
                              {"matchers", matchers()},
                              {"expectations", expectations()}}));
  return schema;
}

}  // namespace mailrig::scenarios
