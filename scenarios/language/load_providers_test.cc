#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/core/protocol.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using ::testing::HasSubstr;
using testing::load;
using testing::told;

std::string with_provider(std::string_view provider, std::string_view more = "") {
  return fmt::format(R"({{ "id": "a/b", "title": "t", "providers": {{ "google": {} }}{} }})", provider, more);
}

const Value* setting(const ServerSpec& server, std::string_view key) { return server.settings.find(key); }

TEST(LoadProviders, are_a_server_for_each_protocol) {
  const LoadResult loaded = load(with_provider(
      R"({ "personality": "gmail", "servers": ["pop3", "smtp"], "queue_cap": 7, "size_max": "1MB", "mailboxes":
           { "anna": { "password": "pw", "messages": { "generate": 3 }, "aliases": ["a@b.test"] } } })",
      R"(, "accounts": { "work": { "pop3": "google", "smtp": { "server": "google" }, "user": "anna", "password": "pw" } },
           "steps": [ { "expect": { "accounts.work.stored": 0 } } ])"));
  EXPECT_EQ(told(loaded), "");
  ASSERT_EQ(loaded.scenarios.size(), 1U);
  const Scenario& scenario = loaded.scenarios.front();
  ASSERT_EQ(scenario.servers.size(), 2U);
  const ServerSpec& pop3 = scenario.servers[0];
  const ServerSpec& smtp = scenario.servers[1];
  EXPECT_EQ(pop3.name, "google-pop3");
  EXPECT_EQ(pop3.protocol->name, "pop3");
  EXPECT_EQ(pop3.personality, "gmail");
  EXPECT_EQ(smtp.name, "google-smtp");
  EXPECT_EQ(smtp.protocol->name, "smtp");
  EXPECT_EQ(smtp.personality, "gmail");
  // Each has what concerns it.
  EXPECT_EQ(setting(pop3, "queue_cap")->integer(), 7);
  EXPECT_EQ(setting(pop3, "size_max"), nullptr);
  EXPECT_NE(setting(smtp, "size_max"), nullptr);
  EXPECT_NE(setting(pop3, "mailboxes")->find("anna")->find("messages"), nullptr);
  EXPECT_EQ(setting(pop3, "mailboxes")->find("anna")->find("aliases"), nullptr);
  EXPECT_EQ(setting(smtp, "mailboxes")->find("anna")->find("messages"), nullptr);
  EXPECT_NE(setting(smtp, "mailboxes")->find("anna")->find("aliases"), nullptr);
  EXPECT_EQ(setting(smtp, "deliver_to")->text(), "google-pop3");
  EXPECT_EQ(scenario.accounts.at(0).pop3->server, "google-pop3");
  EXPECT_EQ(scenario.accounts.at(0).smtp->server, "google-smtp");
}

TEST(LoadProviders, may_say_what_differs_for_one_server) {
  const LoadResult loaded = load(
      with_provider(R"({ "servers": { "pop3": { "personality": "dovecot" }, "smtp": { "deliver_to": "elsewhere" } },
           "mailboxes": { "anna": { "password": "pw" } } })",
                    R"(, "servers": { "elsewhere": { "personality": "generic" } })"));
  EXPECT_EQ(told(loaded), "");
  const Scenario& scenario = loaded.scenarios.at(0);
  ASSERT_EQ(scenario.servers.size(), 3U);
  EXPECT_EQ(scenario.find_server("google-pop3")->personality, "dovecot");
  EXPECT_EQ(scenario.find_server("google-smtp")->personality, "generic");
  EXPECT_EQ(setting(*scenario.find_server("google-smtp"), "deliver_to")->text(), "elsewhere");
  EXPECT_NE(scenario.find_server("elsewhere"), nullptr);
}

TEST(LoadProviders, that_are_wrong_are_told) {
  EXPECT_THAT(told(load(with_provider(R"({ "personality": "gmail" })"))), HasSubstr("a provider needs \"servers\""));
  EXPECT_THAT(told(load(with_provider(R"({ "servers": ["pop3", "smpt"] })"))), HasSubstr("did you mean \"smtp\""));
  EXPECT_THAT(told(load(with_provider(R"({ "servers": ["pop3", "pop3"] })"))), HasSubstr("\"pop3\" is listed twice"));
  EXPECT_THAT(told(load(with_provider(R"({ "servers": "pop3" })"))), HasSubstr("a list of protocols"));
  EXPECT_THAT(told(load(with_provider(R"({ "servers": [3] })"))), HasSubstr("the name of a protocol"));
  EXPECT_THAT(told(load(with_provider(R"({ "servers": ["pop3"], "queue_kap": 3 })"))), HasSubstr("queue_cap"));
  EXPECT_THAT(told(load(with_provider(R"({ "servers": ["pop3"] })", R"(, "servers": { "google-pop3": {} })"))),
              HasSubstr("there is a server \"google-pop3\" already"));
  EXPECT_THAT(told(load(with_provider("3"))), HasSubstr("google"));
  EXPECT_THAT(told(load(R"({ "id": "a/b", "title": "t", "providers": [] })")), HasSubstr("providers"));
  EXPECT_THAT(
      told(load(with_provider(R"({ "servers": ["smtp"] })",
                              R"(, "accounts": { "work": { "pop3": "google", "user": "anna", "password": "pw" } })"))),
      HasSubstr("there is no server \"google\""));
}

TEST(LoadProviders, of_a_wrong_value_name_its_place) {
  const LoadResult loaded = load(with_provider(R"({ "servers": ["pop3", "smtp"],
 "mailboxes": { "anna": { "pasword": "pw" } } })"));
  ASSERT_FALSE(loaded.diagnostics.empty());
  EXPECT_EQ(loaded.diagnostics.front().place.line, 2U);
  EXPECT_EQ(loaded.diagnostics.front().meant, "\"password\"");
}

}  // namespace
}  // namespace mailrig::scenarios
