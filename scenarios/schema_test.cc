#include "scenarios/schema.h"

#include <gtest/gtest.h>

#include <fstream>

#include "client/account.h"
#include "scenarios/json_writer.h"
#include "scenarios/located.h"
#include "scenarios/testing/schema_validator.h"
#include "scenarios/testing/suite_files.h"
#include "scenarios/testing/told.h"
#include "scenarios/vocabulary.h"

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
  for (Protocol protocol : {Protocol::pop3, Protocol::smtp, Protocol::crm}) {
    expect_keys(schema, "server", words_of(protocol).server);
    expect_keys(schema, "mailbox", words_of(protocol).mailbox);
  }
  expect_keys(schema, "account", client::account_settings());
  const Value& message =
      schema.find("$defs")->find("messages")->find("anyOf")->items().at(0).find("anyOf")->items().at(1);
  for (const Setting& setting : words_of(Protocol::pop3).message)
    EXPECT_NE(message.find("properties")->find(setting.name), nullptr) << setting.name;
  const Value& steps = *schema.find("properties")->find("steps")->find("items")->find("anyOf");
  EXPECT_EQ(steps.items().size(), verb_names().size());
  for (std::string_view verb : verb_names()) {
    bool there = std::ranges::any_of(steps.items(),
                                     [&](const Value& step) { return step.find("properties")->find(verb) != nullptr; });
    EXPECT_TRUE(there) << verb;
  }
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
