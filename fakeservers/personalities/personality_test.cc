#include "fakeservers/personalities/personality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "embedded/personalities.h"
#include "fakeservers/pop3/pop3_server.h"
#include "json/json_value.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Value json(std::string_view text) { return *parse_json_value(text); }
/// The text of a key, or the error.
std::string text_of(const Result<Value>& personality, std::string_view key) {
  if (!personality) return personality.error().message;
  const Value* texts = personality->find("texts");
  const Value* text = texts == nullptr ? nullptr : texts->find(key);
  return text == nullptr ? "<none>" : text->text();
}

TEST(Personality, TheBuiltInOnes) {
  EXPECT_THAT(personality_names("pop3"), ElementsAre("dovecot", "exchange2000", "exchange2003", "exchange2007",
                                                     "exchange2013", "generic", "gmail", "office365"));
  EXPECT_THAT(personality_names("crm"), ElementsAre("zoho-crm"));
  EXPECT_THAT(personality_names("imap"), ElementsAre());
}

TEST(Personality, AreFoundByName) {
  EXPECT_EQ(text_of(resolve_personality("pop3", "dovecot"), "greeting"), "+OK Dovecot ready.");
  EXPECT_EQ(*resolve_personality("pop3", "dovecot")->find("name"), Value("dovecot"));
  EXPECT_EQ(resolve_personality("crm", "zoho-crm")->find("protocol")->text(), "crm");
}

TEST(Personality, ExtendEachOther) {
  Result<Value> old = resolve_personality("pop3", "exchange2000");
  EXPECT_EQ(text_of(old, "greeting"), "+OK Microsoft Exchange 2000 POP3 server version 6.0.6249.0 ({host}) ready.");
  EXPECT_EQ(text_of(old, "capa"), "+OK Capability list follows");       // from 2003
  EXPECT_EQ(text_of(old, "pass"), "+OK User successfully logged on.");  // from 2013
  EXPECT_EQ(old->find("extends"), nullptr);
  EXPECT_EQ(*old->find("name"), Value("exchange2000"));
  EXPECT_EQ(*old->find("uid_shape"), Value("legacy"));
}

TEST(Personality, AScenarioMayBringItsOwn) {
  Value own = json(R"({"mine": {"extends": "dovecot", "texts": {"pass_bad": "-ERR no", "greeting": null}, "window": 5},
                       "ours": {"extends": "mine", "window": 6}, "alone": {"texts": {"greeting": "+OK alone"}}})");
  Result<Value> mine = resolve_personality("pop3", "mine", own);
  EXPECT_EQ(text_of(mine, "pass_bad"), "-ERR no");
  EXPECT_EQ(text_of(mine, "pass"), "+OK Logged in.");
  EXPECT_EQ(text_of(mine, "greeting"), "<none>");
  EXPECT_EQ(*mine->find("name"), Value("mine"));
  EXPECT_EQ(*resolve_personality("pop3", "ours", own)->find("window"), Value(6));
  EXPECT_EQ(text_of(resolve_personality("pop3", "ours", own), "pass_bad"), "-ERR no");
  EXPECT_EQ(text_of(resolve_personality("pop3", "alone", own), "pass"), "<none>");
  Value object = json(R"({"extends": "mine", "window": 7})");
  EXPECT_EQ(*resolve_personality("pop3", object, own)->find("window"), Value(7));
  EXPECT_EQ(*resolve_personality("pop3", object, own)->find("name"), Value(""));
}

TEST(Personality, ANameOfTheScenarioHidesTheBuiltInOneAndMayExtendIt) {
  Value own = json(R"({"gmail": {"extends": "gmail", "window": 5}, "mine": {"extends": "gmail"}})");
  EXPECT_EQ(*resolve_personality("pop3", "gmail", own)->find("window"), Value(5));
  EXPECT_EQ(*resolve_personality("pop3", "mine", own)->find("window"), Value(5));
  EXPECT_EQ(text_of(resolve_personality("pop3", "mine", own), "pass"), "+OK Welcome.");
  // Built-in ones know nothing of a scenario's.
  Value hidden = json(R"({"exchange2013": {"texts": {"pass": "+OK hidden"}}})");
  EXPECT_EQ(text_of(resolve_personality("pop3", "exchange2007", hidden), "pass"), "+OK User successfully logged on.");
}

TEST(Personality, Errors) {
  auto refused = [](std::string_view personality, std::string_view own = "null") {
    Result<Value> result = resolve_personality("pop3", json(personality), json(own));
    if (result) return std::string("it is taken");
    EXPECT_EQ(result.error().code, Errc::bad_input);
    EXPECT_EQ(result.error().reason, "personality");
    return result.error().message;
  };
  EXPECT_EQ(refused(R"("nobody")"),
            "there is no pop3 personality \"nobody\"; there are dovecot, exchange2000, exchange2003, exchange2007, "
            "exchange2013, generic, gmail and office365");
  EXPECT_EQ(refused(R"("gmial")"), "there is no pop3 personality \"gmial\"; did you mean \"gmail\"?");
  EXPECT_EQ(refused(R"("mime")", R"({"mine": {}})"), "there is no pop3 personality \"mime\"; did you mean \"mine\"?");
  EXPECT_THAT(refused(R"("zoho-crm")"), HasSubstr("there is no pop3 personality \"zoho-crm\""));
  EXPECT_EQ(refused("5"), "a personality is a name or an object, not 5");
  EXPECT_EQ(refused(R"({"extends": 5})"), "a personality is a name or an object, not 5");
  EXPECT_EQ(refused(R"({"extends": "nobody"})").substr(0, 39), "there is no pop3 personality \"nobody\"; ");
  EXPECT_EQ(refused(R"({"protocol": "smtp"})"), "this is a personality of \"smtp\", not of pop3");
  EXPECT_THAT(refused(R"("a")", R"({"a": {"extends": "b"}, "b": {"extends": "a"}})"), HasSubstr("extends itself"));
}

TEST(Personality, AServersKeysAreLaidOverThoseOfItsPersonality) {
  Result<Value> settings = server_settings(
      "pop3", json(R"({"personality": "gmail", "window": 9, "texts": {"pass": "+OK"}, "mailboxes": {"a": {}}})"));
  ASSERT_TRUE(settings);
  EXPECT_EQ(*settings->find("window"), Value(9));
  EXPECT_EQ(*settings->find("hide_popped"), Value(true));
  EXPECT_EQ(text_of(settings, "pass"), "+OK");
  EXPECT_EQ(text_of(settings, "user"), "+OK send PASS");
  EXPECT_EQ(*settings->find("personality"), Value("gmail"));
  EXPECT_NE(settings->find("mailboxes"), nullptr);
  EXPECT_EQ(text_of(server_settings("pop3", Value::map()), "greeting"), "+OK POP3 server ready");
  EXPECT_FALSE(server_settings("pop3", json(R"({"personality": "x"})")));
}

TEST(Personality, EveryPop3PersonalityHasOnlyKnownSettingsAndGoodOnes) {
  for (const std::string& name : personality_names("pop3")) {
    Result<Value> personality = resolve_personality("pop3", Value(name));
    ASSERT_TRUE(personality) << name;
    for (const auto& [key, value] : personality->entries()) {
      if (key == "name" || key == "protocol" || key == "texts") continue;
      auto table = pop3_settings();
      auto setting = std::ranges::find(table, key, &Setting::name);
      ASSERT_NE(setting, table.end()) << name << " has " << key;
      EXPECT_TRUE(check_setting(*setting, value)) << name << "." << key;
    }
  }
}

TEST(Personality, EveryFileIsWellFormedAndNamedAfterWhatItHolds) {
  for (const auto& file : embedded::personalities::files) {
    Result<Value> value = parse_json_value(file.text);
    ASSERT_TRUE(value) << file.name << ": " << value.error().message;
    std::string name = value->find("name")->text();
    std::string protocol = value->find("protocol")->text();
    EXPECT_TRUE(file.name == name + ".json" || file.name == protocol + "-" + name + ".json") << file.name;
  }
}

}  // namespace
}  // namespace mailrig::fakeservers
