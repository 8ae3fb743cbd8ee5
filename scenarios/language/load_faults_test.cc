// Faults as the loader sees them: what is wrong with them, and what can never fire.

#include <gtest/gtest.h>

#include "scenarios/testing/told.h"

namespace mailrig::scenarios {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

/// The faults of a POP3 server with the mailboxes ann and bert, each fault on a line of its own from line 3 on.
LoadResult load_faults(std::string_view faults, std::string_view keys = "") {
  return load(
      fmt::format("{{ \"id\": \"a\", \"title\": \"t\", \"servers\": {{\n\"isp\": {{ {} \"mailboxes\": {{ \"ann\": "
                  "{{}}, \"bert\": {{}} }}, \"faults\": [\n{}\n] }} }} }}",
                  keys, faults));
}
std::string told_of(std::string_view faults, std::string_view keys = "") {
  return told_briefly(load_faults(faults, keys));
}

TEST(LoadFaults, good_faults_reach_the_server_as_written_with_their_places) {
  LoadResult result = load_faults(
      "{ \"on\": \"RETR\", \"nth\": 3, \"cut_after\": 100 },\n  { \"on\": \"PASS\", \"mailbox\": \"ann\", \"delay\": "
      "\"1s\" }");
  ASSERT_EQ(told(result), "");
  const ServerSpec& server = result.scenarios[0].servers[0];
  EXPECT_EQ(to_json(*server.settings.find("faults")),
            R"([{"on": "RETR", "nth": 3, "cut_after": 100}, {"on": "PASS", "mailbox": "ann", "delay": "1s"}])");
  ASSERT_EQ(server.fault_places.size(), 2U);
  EXPECT_EQ(to_string(server.fault_places[0].resolve()), "s/t.json:3:1");
  EXPECT_EQ(to_string(server.fault_places[1].resolve()), "s/t.json:4:3");
}

TEST(LoadFaults, everything_that_is_wrong_with_one_is_told) {
  EXPECT_EQ(told_of("{\n\"on\": \"RETR\",\n\"nht\": 1,\n\"delay\": 5,\n\"cut_after\": true }"),
            "5:1: error: a fault has no key \"nht\" | one of on, nth, nth_in_session, from, until, connection, "
            "mailbox, argument, "
            "state, reply, carried_out, logs_in, reply_bytes, misbehave, delay, drip, split_every, cut_after, "
            "ending, hang or garble | \"nth\"\n"
            "6:10: error: \"delay\" does not take 5 | a span of time such as \"15m\" | \"5s\", \"5m\" or \"5h\"\n"
            "7:14: error: \"cut_after\" does not take true | a number of octets such as 512 or \"64KiB\" | \n");
}

TEST(LoadFaults, a_command_that_the_protocol_does_not_have) {
  LoadResult result = load_faults("{ \"hang\": true,\n\"on\": \"RETRE\" }");
  ASSERT_EQ(result.diagnostics.size(), 1U);
  EXPECT_EQ(to_string(result.diagnostics[0].place), "s/t.json:4:7");
  EXPECT_EQ(result.diagnostics[0].severity, Diagnostic::Severity::warning) << "a client may say it";
  EXPECT_EQ(result.diagnostics[0].message, "pop3 has no command \"RETRE\": this fault waits for a client that says it");
  EXPECT_EQ(result.diagnostics[0].meant, "\"RETR\"");
  EXPECT_EQ(told_of("{ \"hang\": true, \"on\": \"XYZZY\" },\n{ \"hang\": true, \"on\": \"\" }"), "");
  EXPECT_TRUE(told_of("{ \"hang\": true,\n\"on\": \"retr\" }").starts_with("4:7: error: pop3 has no command \"retr\""));
}

TEST(LoadFaults, what_the_server_says_of_one_is_told_at_its_key) {
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true,\n\"nth\": 0 }"), "4:8: error: counting begins with 1 |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true, \"from\": 5,\n\"until\": 4 }"),
            "4:10: error: from 5 until 4 is never |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true,\n\"connection\":\n{ \"from\": 0 } }"),
            "5:1: error: counting begins with 1 |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"drip\": {\n\"evry\": \"1s\" } }"),
            "4:9: error: no such key; there are octets and every |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\" }"),
            "3:1: error: this fault does nothing: it has no reply, reply_bytes, misbehave, delay, drip, split_every, "
            "cut_after, ending, hang or garble |  | \n");
  EXPECT_EQ(told_of("{ \"hang\": true }"),
            "3:1: error: a fault says on which command it holds; \"any\" is every one |  | \n");
  EXPECT_EQ(told_of("17"), "3:1: error: \"faults\" does not take 17 | an object | \n");
}

TEST(LoadFaults, a_rule_behind_one_that_always_fits_can_never_fire) {
  const std::string never =
      " can never fire: faults[0] fits whenever it does, and comes first | the narrower fault before the wider one | "
      "\n";
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true },\n{ \"on\": \"RETR\", \"nth\": 3, \"cut_after\": 1 }"),
            "4:1: warning: this fault" + never);
  EXPECT_EQ(told_of("{ \"on\": \"any\", \"delay\": \"1s\" },\n{ \"on\": \"RETR\", \"hang\": true }"),
            "4:1: warning: this fault" + never);
  EXPECT_EQ(
      told_of(
          "{ \"on\": \"RETR\", \"from\": 2, \"hang\": true },\n{ \"on\": \"RETR\", \"nth\": 2, \"delay\": \"1s\" }"),
      "4:1: warning: this fault" + never);
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"mailbox\": \"ann\", \"hang\": true },\n{ \"on\": \"RETR\", \"mailbox\": "
                    "\"ann\", \"argument\": \"2\", \"delay\": \"1s\" }"),
            "4:1: warning: this fault" + never);
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"connection\": { \"from\": 2 }, \"hang\": true },\n{ \"on\": \"RETR\", "
                    "\"connection\": 3, \"delay\": \"1s\" }"),
            "4:1: warning: this fault" + never);
}

TEST(LoadFaults, a_rule_behind_one_that_fits_less_often_can_fire) {
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"nth\": 3, \"hang\": true },\n{ \"on\": \"RETR\", \"hang\": true }"), "");
  EXPECT_EQ(
      told_of("{ \"on\": \"RETR\", \"from\": 3, \"hang\": true },\n{ \"on\": \"RETR\", \"nth\": 2, \"hang\": true }"),
      "");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true },\n{ \"on\": \"any\", \"hang\": true }"), "");
  EXPECT_EQ(
      told_of("{ \"on\": \"any\", \"nth\": 3, \"hang\": true },\n{ \"on\": \"RETR\", \"nth\": 3, \"hang\": true }"),
      "");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"mailbox\": \"ann\", \"hang\": true },\n{ \"on\": \"RETR\", \"mailbox\": "
                    "\"bert\", \"hang\": true }"),
            "");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"argument\": \"1\", \"hang\": true },\n{ \"on\": \"RETR\", \"hang\": true }"),
            "");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"connection\": { \"until\": 2 }, \"hang\": true },\n{ \"on\": \"RETR\", "
                    "\"connection\": 3, \"hang\": true }"),
            "");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"state\": \"tls\", \"hang\": true },\n{ \"on\": \"RETR\", \"hang\": true }",
                    "\"tls\": \"starttls\","),
            "");
}

TEST(LoadFaults, a_condition_that_no_exchange_meets) {
  EXPECT_EQ(
      told_of("{ \"on\": \"RETR\", \"hang\": true,\n\"mailbox\":\n\"annn\" }"),
      "5:1: warning: this fault can never fire: \"isp\" has no mailbox \"annn\" | one of ann or bert | \"ann\"\n");
  EXPECT_EQ(told_of("{ \"on\": \"greeting\", \"hang\": true,\n\"mailbox\":\n\"ann\" }"),
            "5:1: warning: this fault can never fire: at the greeting nobody has said who they are |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"greeting\", \"hang\": true, \"nth\": 2,\n\"connection\":\n3 }"),
            "5:1: warning: this fault can never fire: a connection has one greeting, and these connections have "
            "fewer than \"nth\" | \"nth\" or \"connection\" alone | \n");
  EXPECT_EQ(told_of("{ \"on\": \"greeting\", \"hang\": true, \"nth\": 1, \"connection\": 2 }"), "");
  EXPECT_EQ(
      told_of("{ \"on\": \"greeting\", \"hang\": true, \"nth\": 2, \"connection\": { \"from\": 3, \"until\": 4 } }"),
      "");
  EXPECT_EQ(told_of("{ \"on\": \"greeting\", \"hang\": true,\n\"nth_in_session\":\n2 }"),
            "5:1: warning: this fault can never fire: a session has one greeting |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true,\n\"state\":\n\"tls\" }"),
            "5:1: warning: this fault can never fire: \"isp\" has no TLS |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true, \"state\": \"tls\" }", "\"tls\": \"starttls\","), "");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true,\n\"state\":\n\"clear\" }", "\"tls\": \"implicit\","),
            "5:1: warning: this fault can never fire: \"isp\" speaks TLS from the first octet |  | \n");
  EXPECT_EQ(told_of("{ \"on\": \"RETR\", \"hang\": true, \"state\": \"clear\" }", "\"tls\": \"starttls\","), "");
}

TEST(LoadFaults, of_the_crm_name_calls_and_paths) {
  auto told_of_crm = [](std::string_view fault) {
    return told_briefly(
        load(fmt::format("{{ \"id\": \"a\", \"title\": \"t\", \"servers\": {{ \"crm\": {{ \"personality\": "
                         "\"zoho-crm\", \"faults\": [\n{}\n] }} }} }}",
                         fault)));
  };
  EXPECT_EQ(told_of_crm(R"({ "on": "token", "reply": { "status": 500 } })"), "");
  EXPECT_EQ(told_of_crm(R"({ "on": "POST /crm/v2/Contacts", "reply": { "status": 500 } })"), "");
  EXPECT_TRUE(told_of_crm("{ \"reply\": { \"status\": 500 }, \"on\":\n\"tokn\" }")
                  .starts_with("3:1: error: crm has no command \"tokn\" | one of "));
}

TEST(LoadFaults, who_is_logged_in_has_a_mailbox) {
  const LoadResult result = load(around(
      R"("isp": { "mailboxes": { "anna": { "password": "pw" } }, "faults": [ { "on": "PASS", "reply": "+OK", "logs_in": "ana" } ] })"));
  EXPECT_EQ(told_briefly(result), "2:125: error: \"isp\" has no mailbox \"ana\" to log in | anna | \"anna\"\n");
  EXPECT_EQ(
      told(load(around(
          R"("isp": { "mailboxes": { "anna": { "password": "pw" } }, "faults": [ { "on": "PASS", "reply": "+OK", "logs_in": "anna" } ] })"))),
      "");
}

}  // namespace
}  // namespace mailrig::scenarios
