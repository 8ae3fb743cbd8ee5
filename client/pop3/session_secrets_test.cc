// A server that repeats what it was given, anywhere and in any form: nothing that a user sees holds the password.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/pop3/session.h"

namespace mailrig::client {
namespace {

constexpr std::string_view password = "s3cret/horse";

/// By base64(1), xxd(1) and Python: not by the code under test.
const std::vector<std::string> forms = {
    "s3cret/horse",
    "S3CRET/HORSE",
    "s3cret\\/horse",
    "s3cret%2Fhorse",
    "czNjcmV0L2hvcnNl",          // base64
    "AGFubmEAczNjcmV0L2hvcnNl",  // SASL PLAIN of anna
    "eHMzY3JldC9ob3JzZQ==",      // base64, after one octet
    "eHhzM2NyZXQvaG9yc2U=",      // after two
    "7333637265742f686f727365",  // hexadecimal
    "7333637265742F686F727365",
    "=73=33=63=72=65=74=2F=68=6F=72=73=65",
};

struct Everything : MailSink {
  std::vector<Pop3Task> plan(std::span<const Pop3Item> listing, const ServerCapabilities& /*offer*/) override {
    std::vector<Pop3Task> tasks;
    for (std::size_t i = 0; i < listing.size(); ++i) tasks.push_back({i, FetchDecision::retrieve});
    return tasks;
  }
  FetchDecision identified(const Pop3Item& /*item*/, std::optional<std::string_view> /*header*/) override {
    return FetchDecision::retrieve;
  }
  void begin(const Pop3Item& /*item*/) override {}
  void body(std::string_view /*piece*/) override {}
  Status end() override { return {}; }
  void failed(const Pop3Item& /*item*/, const Error& why) override { told += why.message + "\n"; }
  bool commit_due() override { return false; }
  Status commit() override { return {}; }
  bool may_delete(const Pop3Item& /*item*/) override { return true; }
  void deleted(const Pop3Item& /*item*/) override {}
  void quit(bool /*confirmed*/) override {}
  std::string told;
};

/// One of the server's answers is `said`; everything that can be read afterwards.
std::string all_that_is_told(std::size_t place, const std::string& said, std::string& asked) {
  std::vector<std::string> answers = {"+OK ready\r\n",
                                      "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n",
                                      "+OK name\r\n",
                                      "+OK in\r\n",
                                      "+OK\r\nUSER\r\nUIDL\r\nTOP\r\n.\r\n",
                                      "+OK 1 10\r\n",
                                      "+OK\r\n1 10\r\n.\r\n",
                                      "+OK\r\n1 u1\r\n.\r\n",
                                      "+OK 10 octets\r\nS: x\r\n\r\nhi\r\n.\r\n",
                                      "+OK checked\r\n",
                                      "+OK gone\r\n",
                                      "+OK bye\r\n"};
  if (place < answers.size()) answers[place] = said;
  Everything target;
  std::string told;
  Pop3Session session({.tls = TlsMode::none, .user = "anna", .password = std::string(password)}, target,
                      [&told](TranscriptEntry::Who /*who*/, const std::string& line) { told += line + "\n"; });
  std::size_t next = 0;
  for (int steps = 0; steps < 200; ++steps) {
    const Action action = session.next();
    if (const Send* send = std::get_if<Send>(&action)) {
      asked += send->bytes;
    } else if (std::get_if<Receive>(&action) != nullptr) {
      if (next < answers.size())
        session.on_bytes(answers[next++]);
      else
        session.on_error({Errc::end_of_stream, "the server closed the connection"});
    } else if (std::get_if<Commit>(&action) != nullptr) {
      session.on_committed({});
    } else if (const Done* done = std::get_if<Done>(&action)) {
      if (!done->status) told += to_string(done->status.error()) + done->status.error().reason + "\n";
      break;
    }
  }
  if (session.report().refusal) told += session.report().refusal->text;
  return told + target.told;
}

TEST(Pop3SessionSecrets, TheDialogueIsWholeWhereNothingIsPlanted) {
  std::string asked;
  const std::string told = all_that_is_told(99, "", asked);
  EXPECT_EQ(
      asked,
      "CAPA\r\nUSER anna\r\nPASS s3cret/horse\r\nCAPA\r\nSTAT\r\nLIST\r\nUIDL\r\nRETR 1\r\nNOOP\r\nDELE 1\r\nQUIT\r\n");
  EXPECT_NE(told.find("PASS <password>\n"), std::string::npos) << told;
}

TEST(Pop3SessionSecrets, NoAnswerCanShowThePassword) {
  for (std::size_t place = 0; place < 12; ++place)
    for (const std::string& form : forms)
      for (const std::string& said :
           {"+OK you said " + form + "\r\n", "-ERR no, not " + form + " again\r\n", "-ERR [AUTH] \"" + form + "\"\r\n",
            form + " is no status\r\n", "+OK\r\n" + form + "\r\n.\r\n",
            "-ERR " + std::string(150, 'x') + form + "\r\n",  // where a long text is cut
            "-ERR " + std::string(390, 'x') + form + "\r\n"}) {
        std::string asked;
        const std::string told = all_that_is_told(place, said, asked);
        for (const std::string& secret : forms)
          EXPECT_EQ(told.find(secret), std::string::npos) << "answer " << place << ": " << said << told;
        // Not even most of it, where a text was cut.
        const std::string_view most =
            std::string_view(form).substr(form.starts_with("AGF") ? 8 : 0, 8);  // not the user
        EXPECT_EQ(told.find(most), std::string::npos) << "answer " << place << ": " << said << told;
      }
}

}  // namespace
}  // namespace mailrig::client
