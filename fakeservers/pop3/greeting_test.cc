// A client that talks before the greeting: where the server holds it back, and where a rule does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Pop3Desk;

constexpr std::string_view seen = "*: the client talks before the greeting";

bool early(const Pop3Desk& desk) {
  return desk.server->observe().find("sessions")->made().items().back().find("early")->made() == Value(true);
}

std::string with(std::string_view more) {
  return R"({ "mailboxes": { "anna": { "password": "pw" } }, )" + std::string(more) + " }";
}

/// The session listens for this long before its greeting goes on.
Duration listens(Session& session) {
  const Action action = session.next();
  const auto* receive = std::get_if<Receive>(&action);
  EXPECT_NE(receive, nullptr);
  return receive == nullptr ? Duration{} : receive->patience;
}

TEST(Pop3Greeting, AClientThatWaitsIsNotEarly) {
  for (std::string_view held_back :
       {R"("greet_delay": "3s")", R"("faults": [ { "on": "greeting", "delay": "3s" } ])"}) {
    Pop3Desk desk(with(held_back));
    ASSERT_EQ(desk.refusal, "");
    std::unique_ptr<Session> session = desk.open();
    EXPECT_EQ(listens(*session), 3s) << held_back;
    session->on_error({Errc::timed_out, "nothing came"});
    EXPECT_EQ(desk.take(*session), "+OK POP3 server ready\r\n") << held_back;
    session->on_bytes("CAPA\r\n");
    desk.take(*session);
    EXPECT_FALSE(early(desk)) << held_back;
    EXPECT_THAT(desk.rig.lines(), Not(Contains(seen))) << held_back;
  }
}

TEST(Pop3Greeting, AClientThatTalksFirstIsSeenAndAnswered) {
  for (std::string_view held_back :
       {R"("greet_delay": "3s")", R"("faults": [ { "on": "greeting", "delay": "3s" } ])"}) {
    Pop3Desk desk(with(held_back));
    std::unique_ptr<Session> session = desk.open();
    EXPECT_EQ(listens(*session), 3s) << held_back;
    session->on_bytes("NO");
    EXPECT_TRUE(early(desk)) << held_back;
    const Action action = session->next();
    ASSERT_TRUE(std::holds_alternative<Wait>(action)) << "the greeting comes when it is due: " << held_back;
    EXPECT_EQ(std::get<Wait>(action).span, 3s);
    session->on_bytes("OP\r\n");
    EXPECT_EQ(desk.take(*session), "+OK POP3 server ready\r\n-ERR command not valid in this state\r\n") << held_back;
    EXPECT_EQ(std::ranges::count(desk.rig.lines(), seen), 1) << held_back;
  }
}

TEST(Pop3Greeting, WithinOneThatDripsOrNeverComes) {
  Pop3Desk drips(with(R"("faults": [ { "on": "greeting", "drip": { "octets": 5, "every": "1s" } } ])"));
  std::unique_ptr<Session> session = drips.open();
  const Action first = session->next();
  ASSERT_TRUE(std::holds_alternative<Send>(first));
  EXPECT_EQ(std::get<Send>(first).bytes, "+OK P");
  EXPECT_EQ(listens(*session), 1s);
  session->on_error({Errc::timed_out, "nothing came"});
  const Action second = session->next();
  ASSERT_TRUE(std::holds_alternative<Send>(second));
  EXPECT_EQ(std::get<Send>(second).bytes, "OP3 s");
  EXPECT_EQ(listens(*session), 1s);
  session->on_bytes("CAPA\r\n");
  EXPECT_TRUE(early(drips));
  EXPECT_THAT(drips.take(*session), HasSubstr("erver ready\r\n+OK Capability list follows\r\n"));

  Pop3Desk hangs(with(R"("faults": [ { "on": "greeting", "hang": true } ])"));
  std::unique_ptr<Session> silent = hangs.open();
  EXPECT_EQ(hangs.take(*silent), "");
  EXPECT_FALSE(early(hangs));
  silent->on_bytes("CAPA\r\n");
  EXPECT_EQ(hangs.take(*silent), "");
  EXPECT_TRUE(early(hangs));
  EXPECT_THAT(hangs.rig.lines(), Not(Contains(HasSubstr("+OK POP3"))));
}

TEST(Pop3Greeting, AClientThatLeavesMeanwhileIsGone) {
  Pop3Desk desk(with(R"("faults": [ { "on": "greeting", "delay": "3s" } ])"));
  std::unique_ptr<Session> session = desk.open();
  EXPECT_EQ(listens(*session), 3s);
  session->on_error({Errc::end_of_stream, "the peer closed the connection"});
  EXPECT_TRUE(std::holds_alternative<Done>(session->next()));
  EXPECT_EQ(desk.server->observe().find("sessions")->made().items().at(0).find("end")->made(), Value("closed"));
  EXPECT_FALSE(early(desk));
}

}  // namespace
}  // namespace mailrig::fakeservers
