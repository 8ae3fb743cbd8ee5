#include "scenarios/language/schema.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "client/account/account.h"
#include "fakeservers/core/protocol.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/pop3/pop3_server.h"
#include "json/json_writer.h"
#include "json/located.h"
#include "scenarios/language/vocabulary.h"
#include "scenarios/testing/schema_validator.h"
#include "scenarios/testing/suite_files.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr const char* published = "scenarios/scenario.schema.json";

/// `scenarios_test --gtest_filter='Schema.*'` with MAILRIG_APPROVE=1 in the environment writes the file anew; git diff
/// is the review.
TEST(Schema, the_published_file_is_what_the_tables_say) {
  std::string made = write_json(scenario_schema());
  if (std::getenv("MAILRIG_APPROVE") != nullptr)
    std::ofstream(std::filesystem::path(MAILRIG_SOURCE_DIR) / published) << made;
  auto file = read_suite_file(published);
  ASSERT_TRUE(file);
  EXPECT_TRUE(*file == made) << published
                             << " is not what the tables of settings make; MAILRIG_APPROVE=1 scenarios_test writes it";
}

Value published_schema() { return parse_json(published, *read_suite_file(published)).document->root()->to_value(); }

std::string what_is_wrong_with(std::string_view text) {
  Value schema = published_schema();
  Parsed parsed = parse_json("t.json", text);
  EXPECT_TRUE(parsed.problems.empty()) << text;
  return SchemaValidator(schema).what_is_wrong(parsed.document->root()->to_value());
}

void expect_keys(const Value& schema, std::string_view definition, std::span<const Setting> table) {
  const Value& properties = *schema.find("$defs")->find(definition)->find("properties");
  for (const Setting& setting : table)
    EXPECT_NE(properties.find(setting.name), nullptr) << definition << " lacks " << setting.name;
}

TEST(Schema, has_every_key_of_every_table) {
  Value schema = published_schema();
  for (Protocol protocol : fakeservers::built_in_protocols()) {
    expect_keys(schema, "server", protocol->settings);
    expect_keys(schema, "mailbox", protocol->mailbox_settings);
  }
  expect_keys(schema, "account", client::account_settings());
  const Value& message =
      schema.find("$defs")->find("messages")->find("anyOf")->items().at(0).find("anyOf")->items().at(1);
  for (const Setting& setting : fakeservers::pop3_message_settings())
    EXPECT_NE(message.find("properties")->find(setting.name), nullptr) << setting.name;
  const Value& steps = *schema.find("properties")->find("steps")->find("items")->find("anyOf");
  EXPECT_EQ(steps.items().size(), verb_names().size());
  for (std::string_view verb : verb_names()) {
    bool there = std::ranges::any_of(steps.items(),
                                     [&](const Value& step) { return step.find("properties")->find(verb) != nullptr; });
    EXPECT_TRUE(there) << verb;
  }
}

// --- Schema and `check` know the same keys

/// The object of this schema that has keys: itself, what it refers to, or one of its alternatives.
const Value* with_keys(const Value& schema, const Value& root) {
  if (schema.find("properties") != nullptr) return &schema;
  if (const Value* reference = schema.find("$ref")) {
    const Value* at = &root;
    std::string_view pointer = std::string_view(reference->text()).substr(2);
    while (at != nullptr && !pointer.empty()) {
      at = at->find(pointer.substr(0, pointer.find('/')));
      pointer.remove_prefix(std::min(
          pointer.size(), pointer.find('/') == std::string_view::npos ? pointer.size() : pointer.find('/') + 1));
    }
    return at == nullptr ? nullptr : with_keys(*at, root);
  }
  for (const char* of : {"anyOf", "items"}) {
    const Value* inner = schema.find(of);
    if (inner == nullptr) continue;
    if (!inner->is(Value::Kind::list)) return with_keys(*inner, root);
    for (const Value& alternative : inner->items())
      if (const Value* found = with_keys(alternative, root)) return found;
  }
  return nullptr;
}

/// "server.link": from $defs, then properties by name; "send!" is the argument of a step, "send" the step itself.
std::set<std::string> keys_in_schema(std::string_view path, const Value& root) {
  const Value* at = nullptr;
  std::string_view first = path.substr(0, path.find('.'));
  if (first == "scenario") {
    at = &root;
  } else if (const Value* definition = root.find("$defs")->find(first)) {
    at = definition;
  } else {
    const bool argument = first.ends_with('!');
    const std::string_view verb = argument ? first.substr(0, first.size() - 1) : first;
    for (const Value& step : root.find("properties")->find("steps")->find("items")->find("anyOf")->items())
      if (const Value* found = step.find("properties")->find(verb)) at = argument ? found : &step;
  }
  path.remove_prefix(std::min(path.size(), first.size() + 1));
  if (at != nullptr) at = with_keys(*at, root);
  while (at != nullptr && !path.empty()) {
    const std::string_view name = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const Value* inner = at->find("properties")->find(name);
    at = inner == nullptr ? nullptr : with_keys(*inner, root);
  }
  std::set<std::string> keys;
  if (at == nullptr) return keys;
  for (const auto& [key, value] : at->find("properties")->entries()) keys.insert(key);
  return keys;
}

void collect_keys(const Value& schema, std::set<std::string>& all) {
  if (schema.is(Value::Kind::list))
    for (const Value& item : schema.items()) collect_keys(item, all);
  if (!schema.is(Value::Kind::map)) return;
  for (const auto& [key, value] : schema.entries()) {
    if (key == "properties")
      for (const auto& [name, inner] : value.entries()) all.insert(name);
    collect_keys(value, all);
  }
}

/// An object of the language, in files that are good but for a key in place of @@.
struct ObjectOfFile {
  std::string_view in_schema;
  std::vector<std::string> files;
};

std::vector<ObjectOfFile> objects_of_files() {
  const std::string mailbox = R"("mailboxes": { "ann": { "password": "pw" } })";
  const std::string two =
      fmt::format(R"("isp": {{ {0} }}, "out": {{ "protocol": "smtp", {0} }}, "crm": {{ "protocol": "crm" }})", mailbox);
  const std::string one = R"("home": { "pop3": "isp", "smtp": "out", "crm": "crm", "user": "ann", "password": "pw" })";
  auto server = [&](std::string_view keys) { return around(fmt::format(R"("isp": {{ {} }})", keys)); };
  auto each_protocol = [&](std::string_view keys) {
    std::vector<std::string> files;
    for (const char* protocol : {"pop3", "smtp", "crm"})
      files.push_back(server(fmt::format(R"("protocol": "{}", {})", protocol, keys)));
    return files;
  };
  auto step = [&](std::string_view text) { return around(two, one, text); };
  auto mail_steps = [&](std::string_view format) {
    std::vector<std::string> files;
    for (const char* name : {"isp", "out"})
      files.push_back(step(fmt::format(fmt::runtime(format), fmt::arg("server", name))));
    return files;
  };
  return {
      {"scenario", {R"({ "id": "a/b", "title": "t", "servers": {}, @@ })"}},
      {"server", each_protocol("@@")},
      {"server.records", {server(R"("protocol": "crm", "personality": "zoho-crm", "records": { @@ })")}},
      {"personality",
       {server(R"("protocol": "pop3", "personality": { "extends": "generic", @@ })"),
        server(R"("protocol": "smtp", "personality": { "extends": "generic", @@ })"),
        server(R"("protocol": "crm", "personality": { "extends": "zoho-crm", @@ })")}},
      {"personality",
       {R"({ "id": "a/b", "title": "t", "personalities": { "own": { "extends": "generic", @@ } },
           "servers": { "isp": { "protocol": "pop3", "personality": "own" } } })",
        R"({ "id": "a/b", "title": "t", "personalities": { "own": { "extends": "generic", @@ } },
           "servers": { "isp": { "protocol": "smtp", "personality": "own" } } })",
        R"({ "id": "a/b", "title": "t", "personalities": { "own": { "extends": "zoho-crm", @@ } },
           "servers": { "isp": { "protocol": "crm", "personality": "own" } } })"}},
      {"server.link", {server(R"("link": { @@ })")}},
      {"certificate", {server(R"("tls": "implicit", "certificate": { @@ })")}},
      {"mailbox",
       {server(R"("protocol": "pop3", "mailboxes": { "ann": { @@ } })"),
        server(R"("protocol": "smtp", "mailboxes": { "ann": { @@ } })")}},
      {"messages",
       {server(R"("mailboxes": { "ann": { "messages": [ { "text": "S: x\r\n\r\n", @@ } ] } })"),
        server(R"("mailboxes": { "ann": { "messages": [ { "generate": 2, @@ } ] } })")}},
      {"fault", each_protocol(R"("faults": [ { "on": "any", @@ } ])")},
      {"fault.drip", {server(R"("faults": [ { "on": "any", "drip": { @@ } } ])")}},
      {"fault.garble", {server(R"("faults": [ { "on": "any", "garble": { @@ } } ])")}},
      {"account", {around(two, R"("home": { "pop3": "isp", @@ })")}},
      {"account.patience", {around(two, R"("home": { "pop3": "isp", "patience": { @@ } })")}},
      {"account.pop3", {around(two, R"("home": { "pop3": { @@ } })")}},
      {"account.filters", {around(two, R"("home": { "pop3": "isp", "filters": [ { @@ } ] })")}},
      {"after", {step(R"({ "drop": { "server": "isp" }, "after": { "server": "isp", @@ } })")}},
      {"poll", {step(R"({ "poll": "home", @@ })")}},
      {"expect", {step(R"({ "expect": { "accounts.home.stored": 0 }, @@ })")}},
      {"drop", {step(R"({ "drop": { "server": "isp" }, @@ })")}},
      {"send!", {step(R"({ "send": { "account": "home", "to": "b@x.test", @@ } })")}},
      {"insert!", {step(R"({ "insert": { "account": "home", "email": "b@x.test", @@ } })")}},
      {"add_note!", {step(R"({ "add_note": { "account": "home", "email": "b@x.test", @@ } })")}},
      {"edit!", {step(R"({ "edit": { "account": "home", @@ } })")}},
      {"deliver!", {step(R"({ "deliver": { "server": "isp", "messages": "x", @@ } })")}},
      {"lock!", mail_steps(R"({{ "lock": {{ "server": "{server}", @@ }} }})")},
      {"unlock!", mail_steps(R"({{ "unlock": {{ "server": "{server}", @@ }} }})")},
      {"expire_password!", mail_steps(R"({{ "expire_password": {{ "server": "{server}", @@ }} }})")},
      {"set_password!", mail_steps(R"({{ "set_password": {{ "server": "{server}", "password": "x", @@ }} }})")},
      {"swap_certificate!", {step(R"({ "swap_certificate": { "server": "isp", "certificate": "good", @@ } })")}},
      {"refuse!", {step(R"({ "refuse": { "server": "isp", @@ } })")}},
      {"accept!", {step(R"({ "accept": { "server": "isp", @@ } })")}},
      {"drop!", {step(R"({ "drop": { "server": "isp", @@ } })")}},
      {"pop_elsewhere!", {step(R"({ "pop_elsewhere": { "server": "isp", "messages": 1, @@ } })")}},
      {"set!",
       {step(R"({ "set": { "server": "isp", @@ } })"), step(R"({ "set": { "server": "isp", "mailbox": "ann", @@ } })"),
        step(R"({ "set": { "server": "out", @@ } })"), step(R"({ "set": { "server": "out", "mailbox": "ann", @@ } })"),
        step(R"({ "set": { "server": "crm", @@ } })")}},
      {"matchers", {step(R"({ "expect": { "accounts.home.message": { @@ } } })")}},
  };
}

/// What `check` says to a key that the file has in place of @@; nothing of it is about its value.
bool is_known(const std::string& file, std::string_view key) {
  std::string text = file;
  text.replace(text.find("@@"), 2, fmt::format("\"{}\": null", key));
  for (const Diagnostic& diagnostic : load(text).diagnostics)
    for (const char* words : {"has no key \"{}\"", "there is no matcher \"{}\"", "no such key", "no module \"{}\"",
                              "there is no step \"{}\"", "\"{}\" is for `serve`, which skips",
                              "\"{}\" cannot change while the server runs"})
      if (diagnostic.message.find(fmt::format(fmt::runtime(words), key)) != std::string::npos) return false;
  return true;
}

TEST(Schema, knows_the_keys_that_check_knows_and_no_others) {
  const Value schema = published_schema();
  std::set<std::string> universe{"no_such_key"};
  collect_keys(schema, universe);
  EXPECT_GT(universe.size(), 200U);
  for (const ObjectOfFile& object : objects_of_files()) {
    const std::set<std::string> in_schema = keys_in_schema(object.in_schema, schema);
    EXPECT_FALSE(in_schema.empty()) << object.in_schema;
    for (const std::string& key : universe) {
      // A verb beside a verb is another mistake; a key that a file has already would be there twice.
      const bool is_verb = std::ranges::find(verb_names(), key) != verb_names().end();
      const bool of_step = object.in_schema == "poll" || object.in_schema == "expect" || object.in_schema == "drop";
      if (of_step && is_verb) continue;
      if (object.in_schema == "matchers" && key == "base64") continue;  // not a matcher: the whole value
      bool known = false, there = false;
      for (const std::string& file : object.files) {
        there = there || file.find(fmt::format("\"{}\": ", key)) != std::string::npos;
        known = known || is_known(file, key);
      }
      if (there) continue;
      EXPECT_EQ(in_schema.contains(key), known) << object.in_schema << " with the key " << key << ": "
                                                << (known ? "check" : "the schema") << " alone knows it";
    }
  }
}

/// The names that an `enum` has within this schema.
void collect_names(const Value& schema, std::set<std::string>& names) {
  if (schema.is(Value::Kind::list))
    for (const Value& item : schema.items()) collect_names(item, names);
  if (!schema.is(Value::Kind::map)) return;
  for (const auto& [key, value] : schema.entries()) {
    if (key == "enum")
      for (const Value& name : value.items()) names.insert(name.text());
    else
      collect_names(value, names);
  }
}
std::set<std::string> names_of(std::string_view definition, std::string_view key) {
  const Value schema = published_schema();
  std::set<std::string> names;
  const Value* object = with_keys(*schema.find("$defs")->find(definition), schema);
  collect_names(*object->find("properties")->find(key), names);
  return names;
}

TEST(Schema, knows_the_names_that_check_knows_and_no_others) {
  std::set<std::string> personalities, exchanges{"any"}, misbehaviours, locks;
  for (Protocol protocol : fakeservers::built_in_protocols()) {
    const fakeservers::ProtocolDescriptor& words = *protocol;
    const auto& names = fakeservers::personality_names(protocol->name);
    personalities.insert(names.begin(), names.end());
    exchanges.insert(words.faults->verbs.begin(), words.faults->verbs.end());
    for (const auto& one : words.faults->misbehaviours) misbehaviours.insert(std::string(one.name));
    locks.insert(words.locks.begin(), words.locks.end());
    // What the schema offers, the loader takes.
    for (const std::string& name : names)
      EXPECT_EQ(load(around(fmt::format(R"("s": {{ "protocol": "{}", "personality": "{}" }})", protocol->name, name)))
                    .scenarios.size(),
                1U)
          << name;
  }
  EXPECT_EQ(names_of("server", "personality"), personalities);
  EXPECT_EQ(names_of("fault", "on"), exchanges);
  EXPECT_EQ(names_of("fault", "misbehave"), misbehaviours);
  const auto matchers = matcher_names();
  EXPECT_EQ(keys_in_schema("matchers", published_schema()), (std::set<std::string>(matchers.begin(), matchers.end())));
  std::set<std::string> events;
  const Value schema = published_schema();
  collect_names(*schema.find("$defs")->find("event"), events);
  EXPECT_EQ(events, (std::set<std::string>(event_names().begin(), event_names().end())));
}

TEST(Schema, of_a_fault_that_may_be_a_variable_is_the_object) {
  EXPECT_EQ(what_is_wrong_with(
                R"({ "id": "a", "title": "t", "servers": { "s": { "faults": [ { "on": "XFOO" }, { "on": "" } ] } } })"),
            "");
  EXPECT_NE(
      what_is_wrong_with(
          R"({ "id": "a", "title": "t", "servers": { "s": { "faults": [ { "misbehave": "no-terminators" } ] } } })"),
      "");
  EXPECT_NE(
      what_is_wrong_with(
          R"({ "id": "a", "title": "t", "servers": {}, "steps": [ { "expect": { "accounts.a.x": { "gte": 1 } } } ] })"),
      "");
}

TEST(Schema, takes_the_whole_suite) {
  Value schema = published_schema();
  SchemaValidator validator(schema);
  for (const auto& [path, text] : suite_files())
    EXPECT_EQ(validator.what_is_wrong(parse_json(path, text).document->root()->to_value()), "") << path;
}

TEST(Schema, refuses_what_the_loader_refuses) {
  auto of_server = [](std::string_view keys) {
    return what_is_wrong_with(fmt::format(R"({{ "id": "a", "title": "t", "servers": {{ "isp": {{ {} }} }} }})", keys));
  };
  auto of_step = [](std::string_view step) {
    return what_is_wrong_with(fmt::format(R"({{ "id": "a", "title": "t", "servers": {{}}, "steps": [ {} ] }})", step));
  };
  EXPECT_EQ(what_is_wrong_with(R"({ "id": "a", "title": "t", "servers": {} })"), "");
  EXPECT_EQ(what_is_wrong_with(R"({ "extends": "x.json" })"), "");
  EXPECT_EQ(what_is_wrong_with(R"({ "id": "a", "title": "t" })"), "$: has no servers");
  EXPECT_EQ(what_is_wrong_with(R"({ "id": "A", "title": "t", "servers": {} })"),
            "$.id: does not match ^[a-z0-9-]+(/[a-z0-9-]+)*$");
  EXPECT_EQ(what_is_wrong_with(R"({ "id": "a", "title": "t", "sevrers": {} })"), "$: has the unknown key sevrers");
  EXPECT_EQ(
      of_server(
          R"("queue_cap": 5, "tls": "none", "mark_read_on": ["RETR"], "refuse": ["127.0.0.2"], "idle": "10m", "silent": "${silent}")"),
      "");
  EXPECT_NE(of_server(R"("queue_cup": 5)"), "");
  EXPECT_NE(of_server(R"("tls": "stls")"), "");
  EXPECT_NE(of_server(R"("port": 0)"), "");
  EXPECT_NE(of_server(R"("idle": 10)"), "");
  EXPECT_NE(of_server(R"("certificate": "expird")"), "");
  EXPECT_EQ(of_server(R"("faults": [ { "on": "RETR", "nth": 3, "drip": { "octets": 1, "every": "1s" } } ])"), "");
  EXPECT_NE(of_server(R"("faults": [ { "on": "RETR", "nht": 3 } ])"), "");
  EXPECT_EQ(
      of_server(
          R"("mailboxes": { "ann": { "password": "p", "messages": [ "raw", { "generate": 3, "size": "1KiB..2KiB" } ] } })"),
      "");
  EXPECT_NE(of_server(R"("mailboxes": { "ann": { "pasword": "p" } })"), "");
  EXPECT_NE(of_server(R"("mailboxes": { "ann": { "messages": { "generate": 0 } } })"), "");
  EXPECT_EQ(of_step(R"({ "poll": ["a", "b"], "note": "n" })"), "");
  EXPECT_EQ(of_step(R"({ "lock": "ann", "after": { "sessions": 2 } })"), "");
  EXPECT_NE(of_step(R"({ "pol": "a" })"), "");
  EXPECT_NE(of_step(R"({ "advance": "15" })"), "");
  EXPECT_EQ(of_step(R"({ "expect": { "accounts.a.stored": { "ge": 3 } }, "level": "SHOULD" })"), "");
  EXPECT_NE(of_step(R"({ "expect": { "acounts.a.stored": 3 } })"), "");
  EXPECT_NE(of_step(R"({ "expect": {} })"), "");
}

}  // namespace
}  // namespace mailrig::scenarios
