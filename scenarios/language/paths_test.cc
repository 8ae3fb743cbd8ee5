// The tree of paths that the loader checks by, held against what servers say of themselves.

#include "scenarios/language/paths.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakeservers/core/protocol.h"
#include "fakeservers/crm/crm_server.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/smtp/smtp_server.h"
#include "fakeservers/testing/test_world.h"
#include "scenarios/run/summary.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

const PathWord* find(std::span<const PathWord> words, std::string_view name) {
  for (const PathWord& word : words)
    if (word.name == name || word.name == "*") return &word;
  return nullptr;
}

/// Everything that `value` holds has a word, down to its leaves.
void expect_known(const Value& given, std::span<const PathWord> words, const std::string& path) {
  Value value = given.made();
  if (value.is(Value::Kind::map)) {
    for (const auto& [key, entry] : value.entries()) {
      const PathWord* word = find(words, key);
      ASSERT_NE(word, nullptr) << path << "." << key;
      if (!word->open) expect_known(entry, word->inside, path + "." + key);
    }
  } else if (value.is(Value::Kind::list)) {
    ASSERT_EQ(words.size(), 1U) << path;
    EXPECT_EQ(words.front().name, "[]") << path;
    for (const Value& item : value.items())
      if (!words.front().open) expect_known(item, words.front().inside, path + "[]");
  } else {
    EXPECT_TRUE(words.empty()) << path << " is " << to_json(value, 60);
  }
}

void expect_same(const fakeservers::FakeServer& server, Protocol protocol) {
  const Value servers = with_dialogues(Value::map().set("s", server.observe()), Instant{});
  const Value seen = servers.find("s")->made();
  expect_known(seen, protocol->paths, "server");
  for (const PathWord& word : protocol->paths) EXPECT_NE(seen.find(word.name), nullptr) << word.name;
}

/// The settings of the one server of a story.
Value settings_of(std::string_view server) {
  LoadResult loaded = testing::load(testing::around(fmt::format("\"s\": {}", server)));
  EXPECT_EQ(testing::told(loaded), "");
  return loaded.scenarios.at(0).servers.at(0).settings;
}

TEST(Paths, of_pop3_are_those_of_the_server) {
  fakeservers::testing::TestWorld rig;
  auto server = fakeservers::make_pop3_server(
      {.world = rig.world, .name = "s"},
      settings_of(
          R"({ "personality": "gmail", "mailboxes": { "ann": { "password": "pw", "messages": ["a", "b"] } } })"));
  ASSERT_TRUE(server) << server.error().message;
  auto session = (*server)->open({.connection = "s#1", .number = 1, .peer = "127.0.0.1:40000"});
  expect_same(**server, fakeservers::find_protocol(fakeservers::built_in_protocols(), "pop3"));
}

TEST(Paths, of_smtp_are_those_of_the_server) {
  fakeservers::testing::TestWorld rig;
  auto server = fakeservers::make_smtp_server(
      {.world = rig.world, .name = "s"},
      settings_of(R"({ "protocol": "smtp", "mailboxes": { "ann": { "password": "pw" } } })"));
  ASSERT_TRUE(server) << server.error().message;
  auto session = (*server)->open({.connection = "s#1", .number = 1, .peer = "127.0.0.1:40000"});
  expect_same(**server, fakeservers::find_protocol(fakeservers::built_in_protocols(), "smtp"));
}

TEST(Paths, of_the_crm_are_those_of_the_server) {
  fakeservers::testing::TestWorld rig;
  auto server = fakeservers::make_crm_server(
      {.world = rig.world, .name = "s"},
      settings_of(R"({ "personality": "zoho-crm", "records": { "Contacts": [ { "Last_Name": "B" } ] } })"));
  ASSERT_TRUE(server) << server.error().message;
  expect_same(**server, fakeservers::find_protocol(fakeservers::built_in_protocols(), "crm"));
}

}  // namespace
}  // namespace mailrig::scenarios
