// The desk and the session that carries its calls: tokens, repeats, stops, and HTTP at every split.
#include "client/crm/session.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/task.h"
#include "net/testing/script.h"

namespace mailrig::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Script;

struct Noon : Calendar {
  Instant now() const override { return at; }
  Task<void> move_to(Instant when) override {
    at = when;
    co_return;
  }
  Instant at = *parse_instant("2014-06-02T12:00:00Z");
};

/// Makes one call to each of some targets, whatever is answered.
struct Asks : CrmTask {
  explicit Asks(std::vector<std::string> given) : targets(std::move(given)) {}
  std::optional<CrmCall> next() override {
    if (at == targets.size()) return std::nullopt;
    return CrmCall{.step = Step::search,
                   .question = writes ? CrmQuestion::write : CrmQuestion::list,
                   .request = {.method = "GET", .target = targets[at]},
                   .shown = "GET " + targets[at]};
  }
  void on_answer(const CrmAnswer& answer, const HttpResponse&) override {
    verdicts.push_back(answer.verdict);
    ++at;
  }
  void on_lost() override { ++lost; }
  void on_failed(const std::string& why) override {
    failures.push_back(why);
    ++at;
  }
  std::vector<std::string> targets;
  std::size_t at = 0;
  int lost = 0;
  bool writes = false;
  std::vector<std::string> failures;
  std::vector<CrmVerdict> verdicts;
};

/// Everything that a session needs, made anew for each play of a script.
struct Office {
  explicit Office(std::vector<std::string> targets = {"/a"}) : task(std::move(targets)) {}

  Noon calendar;
  CrmAccess access;
  Asks task;
  bool given = false;
  int finished = 0;
  Status keep;
  CrmCaller desk{{"id", "secret", "refresh"},
                 access,
                 calendar,
                 [this]() -> CrmTask* { return std::exchange(given, true) ? nullptr : &task; },
                 [this](CrmTask&) {
                   ++finished;
                   return keep;
                 }};
};

struct OwnedSession : Session {
  explicit OwnedSession(std::vector<std::string> targets, bool with_token = false) : office(std::move(targets)) {
    if (!with_token) return;
    office.access.token = "old";
    office.access.good_until = office.calendar.at + 1h;
  }
  Action next() override { return session.next(); }
  void on_bytes(std::string_view bytes) override { session.on_bytes(bytes); }
  void on_committed(Status status) override { session.on_committed(std::move(status)); }
  void on_tls() override { session.on_tls(); }
  void on_error(Error error) override { session.on_error(std::move(error)); }

  Office office;
  std::vector<std::string> lines;
  CrmSession session{
      office.desk, {.host = "crm.test", .patience = 9s}, [this](TranscriptEntry::Who who, std::string line) {
        lines.push_back(std::string(to_string(who)) + ' ' + line);
      }};
};

Script::Make make(std::vector<std::string> targets, bool with_token = false) {
  return [targets, with_token] { return std::make_unique<OwnedSession>(targets, with_token); };
}
OwnedSession& owned(Session& session) { return dynamic_cast<OwnedSession&>(session); }

constexpr std::string_view token_body =
    "grant_type=refresh_token&refresh_token=refresh&client_id=id&client_secret=secret";
std::string token_request() {
  return fmt::format(
      "POST /oauth/v2/token HTTP/1.1\r\nHost: crm.test\r\nUser-Agent: mailrig\r\nAccept: application/json\r\n"
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{}",
      token_body.size(), token_body);
}
std::string request(std::string_view target, std::string_view token = "new") {
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: crm.test\r\nUser-Agent: mailrig\r\nAccept: application/json\r\n"
      "Authorization: Zoho-oauthtoken {}\r\n\r\n",
      target, token);
}
std::string response(unsigned status, std::string_view body, std::string_view headers = "") {
  return fmt::format("HTTP/1.1 {} x\r\nContent-Type: application/json\r\n{}Content-Length: {}\r\n\r\n{}", status,
                     headers, body.size(), body);
}
const std::string granted = response(200, R"({"access_token":"new","expires_in":3600})");
const std::string data = response(200, R"({"data":[]})");
const std::string invalid_token = response(401, R"({"code":"INVALID_TOKEN","message":"invalid oauth token"})");

TEST(CrmSession, AsksForATokenAndThenForWhatIsToBeDone) {
  Script script;
  script.client_bytes(token_request()).at(Step::token).server_bytes(granted).at(Step::token).patiently(9s);
  script.client_bytes(request("/a")).at(Step::search).server_bytes(data).patiently(9s);
  script.client_bytes(request("/b")).server_bytes("HTTP/1.1 204 No Content\r\n\r\n").then_done();
  EXPECT_EQ(script.also_failing_each_step(make({"/a", "/b"}),
                                          [](Session& session) {
                                            Office& office = owned(session).office;
                                            EXPECT_EQ(office.finished, 1);
                                            EXPECT_THAT(office.task.verdicts,
                                                        ElementsAre(CrmVerdict::ok, CrmVerdict::nothing));
                                            EXPECT_FALSE(office.desk.stop());
                                            EXPECT_EQ(office.desk.answers(), 2U);
                                            EXPECT_EQ(office.desk.failure(), "");
                                            EXPECT_EQ(owned(session).session.exchanges(), 3U);
                                          }),
            "");
}

TEST(CrmSession, ATokenThatIsGoodIsUsed) {
  Script script;
  script.client_bytes(request("/a", "old")).server_bytes(data).then_done();
  EXPECT_EQ(script.at_every_split(make({"/a"}, true)), "");
}

TEST(CrmSession, NothingToDoIsNothingToSay) { EXPECT_EQ(Script{}.then_done().at_every_split(make({})), ""); }

TEST(CrmSession, ADeadTokenIsRenewedOnceAndTheCallRepeated) {
  Script script;
  script.client_bytes(request("/a", "old")).server_bytes(invalid_token);
  script.client_bytes(token_request()).server_bytes(granted);
  script.client_bytes(request("/a")).server_bytes(data).client_bytes(request("/b")).server_bytes(data).then_done();
  EXPECT_EQ(script.at_every_split(make({"/a", "/b"}, true),
                                  [](Session& session) { EXPECT_EQ(owned(session).office.finished, 1); }),
            "");
}

TEST(CrmSession, AFreshTokenThatIsRefusedTooIsForTheUser) {
  Script script;
  script.client_bytes(request("/a", "old")).server_bytes(invalid_token);
  script.client_bytes(token_request()).server_bytes(granted);
  script.client_bytes(request("/a")).server_bytes(invalid_token).then_done();
  EXPECT_EQ(script.at_every_split(make({"/a"}, true),
                                  [](Session& session) {
                                    const Office& office = owned(session).office;
                                    ASSERT_TRUE(office.desk.stop());
                                    EXPECT_EQ(office.desk.stop()->why, CrmFailure::Why::action);
                                    EXPECT_THAT(office.desk.stop()->message, HasSubstr("data centre"));
                                    EXPECT_EQ(office.access.token, "");
                                    EXPECT_EQ(office.finished, 0);
                                  }),
            "");
}

TEST(CrmSession, EachCallMayFindItsTokenDead) {
  Script script;
  script.client_bytes(request("/a", "old"))
      .server_bytes(invalid_token)
      .client_bytes(token_request())
      .server_bytes(granted);
  script.client_bytes(request("/a")).server_bytes(data).client_bytes(request("/b")).server_bytes(invalid_token);
  script.client_bytes(token_request()).server_bytes(granted).client_bytes(request("/b")).server_bytes(data).then_done();
  EXPECT_EQ(script.at_every_split(make({"/a", "/b"}, true)), "");
}

struct Stopped {
  std::string reply;
  CrmFailure::Why why;
  std::optional<Duration> wait;
};

TEST(CrmSession, AnswersThatEndTheWork) {
  for (const Stopped& row :
       {Stopped{response(429, R"({"code":"TOO_MANY_REQUESTS"})"), CrmFailure::Why::busy, std::nullopt},
        Stopped{response(429, R"({"code":"TOO_MANY_REQUESTS"})", "Retry-After: 7\r\n"), CrmFailure::Why::busy, 7s},
        Stopped{response(402, "{}"), CrmFailure::Why::full, std::nullopt}}) {
    Script script;
    script.client_bytes(request("/a", "old")).server_bytes(row.reply).then_done();
    EXPECT_EQ(script.at_every_split(make({"/a", "/b"}, true),
                                    [&](Session& session) {
                                      const Office& office = owned(session).office;
                                      ASSERT_TRUE(office.desk.stop());
                                      EXPECT_EQ(office.desk.stop()->why, row.why);
                                      EXPECT_EQ(office.desk.stop()->wait, row.wait);
                                      EXPECT_EQ(office.task.at, 0U);
                                      EXPECT_EQ(office.task.lost, 0);
                                      EXPECT_EQ(office.desk.answers(), 0U);
                                    }),
              "")
        << row.reply;
  }
}

TEST(CrmSession, AServerThatSaysWhenItIsBackIsNotAskedOn) {
  Script script;
  script.client_bytes(request("/a", "old")).server_bytes(response(503, "<html>", "Retry-After: 8\r\n")).then_done();
  EXPECT_EQ(script.at_every_split(make({"/a", "/b"}, true),
                                  [&](Session& session) {
                                    const Office& office = owned(session).office;
                                    ASSERT_TRUE(office.desk.stop());
                                    EXPECT_EQ(office.desk.stop()->why, CrmFailure::Why::down);
                                    EXPECT_EQ(office.desk.stop()->wait, 8s);
                                    EXPECT_TRUE(office.desk.stopped_in_task());
                                    EXPECT_THAT(office.task.verdicts, ElementsAre(CrmVerdict::down));
                                  }),
            "");
}

TEST(CrmSession, ThreeCallsInARowWithoutAUsefulAnswerAreTheCrmsFault) {
  Script script;
  for (const char* target : {"/a", "/b", "/c"}) {
    script.client_bytes(request(target, "old")).server_bytes(response(500, "<html>"));
  }
  script.then_done();
  EXPECT_EQ(script.at_every_split(make({"/a", "/b", "/c", "/d"}, true),
                                  [&](Session& session) {
                                    ASSERT_TRUE(owned(session).office.desk.stop());
                                    EXPECT_EQ(owned(session).office.desk.stop()->why, CrmFailure::Why::down);
                                  }),
            "");
  Script between;
  for (const char* target : {"/a", "/b", "/c", "/d", "/e"})
    between.client_bytes(request(target, "old"))
        .server_bytes(*target == '/' && target[1] == 'c' ? data : response(200, "{}"));
  between.then_done();
  EXPECT_EQ(between.at_every_split(make({"/a", "/b", "/c", "/d", "/e"}, true),
                                   [&](Session& session) {
                                     EXPECT_FALSE(owned(session).office.desk.stop());
                                     EXPECT_EQ(owned(session).office.desk.answers(), 1U);
                                     EXPECT_EQ(owned(session).office.finished, 1);
                                   }),
            "");
}

TEST(CrmSession, TokensThatAreNotGranted) {
  for (const Stopped& row :
       {Stopped{response(200, R"({"error":"invalid_code"})"), CrmFailure::Why::reconnect, std::nullopt},
        Stopped{response(400, R"({"error":"Access Denied"})"), CrmFailure::Why::throttled, 10min},
        Stopped{response(502, "<html>"), CrmFailure::Why::down, std::nullopt}}) {
    Script script;
    script.client_bytes(token_request()).server_bytes(row.reply).then_done();
    EXPECT_EQ(script.at_every_split(make({"/a"}),
                                    [&](Session& session) {
                                      ASSERT_TRUE(owned(session).office.desk.stop());
                                      EXPECT_EQ(owned(session).office.desk.stop()->why, row.why);
                                      EXPECT_EQ(owned(session).office.desk.stop()->wait, row.wait);
                                    }),
              "");
  }
}

TEST(CrmSession, ALostAnswerIsToldToTheTask) {
  OwnedSession cut({"/a"}, true);
  EXPECT_EQ(Script{}
                .client_bytes(request("/a", "old"))
                .server_bytes("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123")
                .peer_closes()
                .then_fails(Errc::end_of_stream)
                .play(cut),
            "");
  EXPECT_EQ(cut.office.task.lost, 0);  // a question is not in doubt
  EXPECT_FALSE(cut.office.desk.stop());
  EXPECT_THAT(cut.office.task.failures, ElementsAre(HasSubstr("search: ")));
  OwnedSession write({"/a"}, true);
  write.office.task.writes = true;
  EXPECT_EQ(Script{}.client_bytes(request("/a", "old")).peer_closes().then_fails(Errc::end_of_stream).play(write), "");
  EXPECT_EQ(write.office.task.lost, 1);
  OwnedSession token({"/a"});
  EXPECT_EQ(Script{}.client_bytes(token_request()).fails(Errc::reset).then_fails(Errc::reset).play(token), "");
  EXPECT_EQ(token.office.task.lost, 0);
  EXPECT_EQ(token.office.desk.stop()->why, CrmFailure::Why::down);
}

TEST(CrmSession, AKeptConnectionThatIsClosedIsNoFailure) {
  for (bool writes : {false, true}) {
    OwnedSession session({"/a", "/b"}, true);
    session.office.task.writes = writes;
    const std::string good = writes ? response(200, R"({"data":[{"code":"SUCCESS"}]})") : data;
    EXPECT_EQ(Script{}
                  .client_bytes(request("/a", "old"))
                  .server_bytes(good)
                  .client_bytes(request("/b", "old"))
                  .peer_closes()
                  .then_fails(Errc::end_of_stream)
                  .play(session),
              "");
    EXPECT_EQ(session.office.task.lost, writes ? 1 : 0);
    EXPECT_EQ(session.office.task.failures.size(), writes ? 1U : 0U);
    EXPECT_FALSE(session.office.desk.stop());
    EXPECT_FALSE(session.office.desk.keeps_connections());
    if (writes) continue;
    ASSERT_TRUE(session.office.desk.wants_call());
    EXPECT_EQ(session.office.desk.next_call()->request.target, "/b");
  }
}

TEST(CrmSession, ACallForAnotherServerIsLeftToAnotherConnection) {
  OwnedSession session({"/a"});
  Script script;
  script.client_bytes(token_request())
      .server_bytes(response(200, R"({"access_token":"new","api_domain":"https://api.test:8443"})"))
      .then_done();
  EXPECT_EQ(script.play(session), "");
  ASSERT_TRUE(session.office.desk.wants_call());
  EXPECT_EQ(to_string(session.office.desk.destination()), "api.test:8443");
}

TEST(CrmCaller, AnApiAddressThatCannotBeUsedIsToldAndNoTokenGoesThere) {
  for (const char* domain :
       {"http://api.test", "https://", "https://a b", "https://api.test:0x", "https://u@evil.test"}) {
    Office office;
    office.desk.next_call();
    HttpResponse granting;
    granting.status = 200;
    granting.body = R"({"access_token":"new","api_domain":")" + std::string(domain) + "\"}";
    office.desk.on_response(granting);
    ASSERT_TRUE(office.desk.stop()) << domain;
    EXPECT_EQ(office.desk.stop()->why, CrmFailure::Why::down);
    EXPECT_EQ(office.access.token, "");
  }
}

TEST(CrmCaller, NoTokenIsInAMessage) {
  Office office;
  office.access.token = "1000.5ec2e75ec2e75ec2e7.c0ffee";
  office.access.good_until = office.calendar.at + 1h;
  ASSERT_TRUE(office.desk.next_call());
  HttpResponse echo;
  echo.status = 500;
  echo.body = "<html>You asked with Zoho-oauthtoken 1000.5ec2e75ec2e75ec2e7.c0ffee and with secret and refresh</html>";
  office.desk.on_response(echo);
  for (const char* part : {"5ec2e7", "c0ffee", "with secret", "and refresh<"})
    EXPECT_THAT(office.desk.failure(), Not(HasSubstr(part)));
  EXPECT_THAT(office.desk.failure(), HasSubstr("<access token>"));
}

TEST(CrmSession, AnAnswerWithoutLengthEndsWithTheConnection) {
  OwnedSession session({"/a", "/b"}, true);
  EXPECT_EQ(Script{}
                .client_bytes(request("/a", "old"))
                .server_bytes("HTTP/1.1 200 OK\r\n\r\n{\"data\":[]}")
                .peer_closes()
                .then_done()
                .play(session),
            "");
  EXPECT_THAT(session.office.task.verdicts, ElementsAre(CrmVerdict::ok));
  EXPECT_TRUE(session.office.desk.wants_call());
  EXPECT_FALSE(session.office.desk.stop());
}

TEST(CrmSession, AServerThatClosesAfterEachAnswerLeavesTheRestForAnotherConnection) {
  Script script;
  script.client_bytes(request("/a", "old"))
      .server_bytes(response(200, R"({"data":[]})", "Connection: close\r\n"))
      .then_done();
  EXPECT_EQ(script.at_every_split(make({"/a", "/b"}, true),
                                  [](Session& session) {
                                    EXPECT_TRUE(owned(session).office.desk.wants_call());
                                    EXPECT_EQ(owned(session).office.task.at, 1U);
                                  }),
            "");
}

TEST(CrmSession, WhatIsNoHttpEndsIt) {
  OwnedSession session({"/a"}, true);
  EXPECT_EQ(Script{}
                .client_bytes(request("/a", "old"))
                .server_bytes("220 mx ESMTP\r\n\r\n")
                .then_fails(Errc::peer_protocol)
                .play(session),
            "");
  EXPECT_THAT(session.office.task.failures, ElementsAre(HasSubstr("no web server")));
}

TEST(CrmSession, NoSecretIsNoted) {
  OwnedSession session({"/a"});
  Script script;
  script.client_bytes(token_request()).server_bytes(granted).client_bytes(request("/a")).server_bytes(data).then_done();
  EXPECT_EQ(script.play(session), "");
  EXPECT_THAT(session.lines, ElementsAre("C POST /oauth/v2/token grant_type=refresh_token&refresh_token=<refresh "
                                         "token>&client_id=id&client_secret=<client secret>",
                                         "S 200 <40 octets>", "C GET /a", "S 200 {\"data\":[]}"));
}

// ---- the desk alone

HttpResponse answered(unsigned status, std::string body) {
  HttpResponse made;
  made.status = status;
  made.body = std::move(body);
  return made;
}

TEST(CrmCaller, RenewsATokenAMinuteBeforeItsEnd) {
  Office office;
  office.access.token = "old";
  office.access.good_until = office.calendar.at + 61s;
  EXPECT_EQ(office.desk.next_call()->request.target, "/a");
  Office late;
  late.access.token = "old";
  late.access.good_until = late.calendar.at + 60s;
  EXPECT_EQ(late.desk.next_call()->request.target, "/oauth/v2/token");
  late.desk.on_response(answered(200, R"({"access_token":"new","expires_in":3600})"));
  EXPECT_EQ(late.access.good_until, late.calendar.at + 1h);
  EXPECT_EQ(late.access.token, "new");
}

TEST(CrmCaller, ALifetimeOfNothingStillAllowsOneCall) {
  Office office;
  office.desk.next_call();
  office.desk.on_response(answered(200, R"({"access_token":"new","expires_in":0})"));
  EXPECT_EQ(office.desk.next_call()->request.target, "/a");
}

TEST(CrmCaller, FiveTokensInTenMinutesAreEnough) {
  Office office;
  const Instant now = office.calendar.at;
  for (int i = 5; i > 0; --i) office.access.refreshes.push_back(now - i * 100s);
  EXPECT_FALSE(office.desk.next_call());
  ASSERT_TRUE(office.desk.stop());
  EXPECT_EQ(office.desk.stop()->why, CrmFailure::Why::throttled);
  EXPECT_EQ(office.desk.stop()->wait, 100s);
  EXPECT_EQ(office.access.refreshes.size(), 5U);

  Office later;
  for (int i = 6; i > 1; --i) later.access.refreshes.push_back(now - i * 100s);  // the first is ten minutes old
  EXPECT_EQ(later.desk.next_call()->request.target, "/oauth/v2/token");
  EXPECT_EQ(later.access.refreshes.size(), 5U);
}

TEST(CrmCaller, AStoreThatFailsEndsTheWork) {
  Office office(std::vector<std::string>{});
  office.keep = Error{Errc::environment, "the disk is full"};
  EXPECT_FALSE(office.desk.next_call());
  ASSERT_TRUE(office.desk.stop());
  EXPECT_EQ(office.desk.stop()->why, CrmFailure::Why::store);
  EXPECT_EQ(office.desk.stop()->message, "the disk is full");
}

TEST(CrmCaller, WhatWasNotSentIsNotInDoubt) {
  Office office;
  office.access.token = "old";
  office.access.good_until = office.calendar.at + 1h;
  office.desk.on_lost("connection refused", CrmCaller::Loss::unsent);
  EXPECT_EQ(office.task.lost, 0);
  EXPECT_EQ(office.desk.stop()->message, "connection refused");
  EXPECT_FALSE(office.desk.next_call());
}

}  // namespace
}  // namespace mailrig::client
