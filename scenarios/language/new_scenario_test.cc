#include "scenarios/language/new_scenario.h"

#include <gtest/gtest.h>

#include "fakeservers/core/protocol.h"
#include "fakeservers/personalities/personality.h"
#include "scenarios/run/runner.h"
#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

TEST(NewScenario, loads_in_silence_and_passes_for_every_personality_of_every_protocol) {
  std::size_t count = 0;
  for (Protocol protocol : fakeservers::built_in_protocols()) {
    for (const std::string& name : fakeservers::personality_names(protocol->name)) {
      ++count;
      auto text = new_scenario(name, protocol);
      ASSERT_TRUE(text) << text.error().message;
      LoadResult loaded = load(*text);
      EXPECT_EQ(told(loaded), "") << *text;
      // As seen from a file in a folder of the suite.
      EXPECT_NE(text->find("\n  \"$schema\": \"../../scenario.schema.json\",\n"), std::string::npos) << *text;
      ASSERT_EQ(loaded.scenarios.size(), 1U);
      const Scenario& scenario = loaded.scenarios[0];
      bool found = false;
      for (const ServerSpec& server : scenario.servers)
        found = found || (server.personality == name && server.protocol == protocol);
      EXPECT_TRUE(found) << *text;
      EXPECT_EQ(scenario.steps.back().verb, Verb::expect);
      EXPECT_EQ(run_scenario(scenario, {}).verdict, Verdict::pass) << name;
    }
  }
  EXPECT_GE(count, 13U);
}

TEST(NewScenario, the_first_protocol_that_has_the_personality_is_meant) {
  EXPECT_EQ(*new_scenario("gmail", {}),
            *new_scenario("gmail", fakeservers::find_protocol(fakeservers::built_in_protocols(), "pop3")));
  EXPECT_NE(*new_scenario("gmail", {}),
            *new_scenario("gmail", fakeservers::find_protocol(fakeservers::built_in_protocols(), "smtp")));
  EXPECT_EQ(*new_scenario("zoho", {}),
            *new_scenario("zoho", fakeservers::find_protocol(fakeservers::built_in_protocols(), "smtp")));
  EXPECT_EQ(*new_scenario("zoho-crm", {}),
            *new_scenario("zoho-crm", fakeservers::find_protocol(fakeservers::built_in_protocols(), "crm")));
}

TEST(NewScenario, what_there_is_not) {
  EXPECT_EQ(new_scenario("gmial", {}).error().message, "there is no personality \"gmial\"; did you mean \"gmail\"?");
  EXPECT_EQ(new_scenario("zoho", fakeservers::find_protocol(fakeservers::built_in_protocols(), "pop3")).error().message,
            "there is no pop3 personality \"zoho\"; there are dovecot, exchange2000, exchange2003, exchange2007, "
            "exchange2013, generic, gmail and office365");
}

}  // namespace
}  // namespace mailrig::scenarios
