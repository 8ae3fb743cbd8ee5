#include "fakeservers/crm/http/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/crm_desk.h"
#include "net/testing/script.h"

namespace mailrig::fakeservers::crm {
namespace {

using mailrig::testing::Script;
using mailrig::testing::Tests;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view not_found =
    "HTTP/1.1 404 Not Found\r\nContent-Type: application/json;charset=UTF-8\r\nDate: Mon, 02 Jun 2014 09:00:00 "
    "GMT\r\nContent-Length: 126\r\n\r\n"
    R"({"code":"INVALID_URL_PATTERN","details":{},"message":"Please check if the URL trying to access is a correct one","status":"error"})";
std::string get(std::string_view path) { return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

/// A fresh server for each play, kept alive beside its session.
Script::Make fresh(std::string_view settings = "{}") {
  auto desk = std::make_shared<std::unique_ptr<Desk>>();
  return [desk, text = std::string(settings)] {
    *desk = std::make_unique<Desk>(text);
    return (*desk)->open();
  };
}
std::string found(std::size_t length) {
  std::string wire(not_found);
  wire.replace(wire.find("126"), 3, std::to_string(length));
  return wire;
}
std::size_t body_length() { return not_found.size() - not_found.find("\r\n\r\n") - 4; }
std::string answer() { return found(body_length()); }

TEST(CrmSession, AnswersOneAfterTheOtherAtEverySplitAndEndsWithEveryFailure) {
  EXPECT_EQ(Script{Tests::server}
                .client_bytes(get("/one"))
                .patiently(5min)
                .server_bytes(answer())
                .client_bytes("GET /two HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                .server_bytes([] {
                  std::string last = answer();
                  return last.insert(last.find("Content-Length"), "Connection: close\r\n");
                }())
                .then_done()
                .at_every_split(fresh()),
            "");
}

TEST(CrmSession, PipelinedRequestsAreAnsweredInTheirOrder) {
  EXPECT_EQ(Script{Tests::server}
                .pipelined(get("/one") + get("/two"))
                .server_bytes(answer() + answer())
                .peer_closes()
                .then_fails(Errc::end_of_stream)
                .at_every_split(fresh()),
            "");
}

TEST(CrmSession, AsksForTheBody) {
  EXPECT_EQ(Script{Tests::server}
                .client_bytes("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
                .server_bytes("HTTP/1.1 100 Continue\r\n\r\n")
                .client_bytes("{}")
                .server_bytes(answer())
                .peer_closes()
                .then_fails(Errc::end_of_stream)
                .at_every_split(fresh()),
            "");
}

TEST(CrmSession, RefusesWhatIsNoHttpAndCloses) {
  Desk desk;
  EXPECT_EQ(desk.talk("EHLO client.test\r\n"),
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(desk.ending, "orderly");
  EXPECT_EQ(desk.talk("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')),
            "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(desk.talk("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10485761\r\n\r\n"),
              StartsWith("HTTP/1.1 413 Payload Too Large\r\n"));
  EXPECT_THAT(desk.rig.lines(),
              ElementsAre("C: <no HTTP request that can be taken>", "S: 400 Bad Request",
                          "C: <no HTTP request that can be taken>", "S: 431 Request Header Fields Too Large",
                          "C: <no HTTP request that can be taken>", "S: 413 Payload Too Large"));
}

TEST(CrmSession, HeadHasNoBody) {
  Desk desk;
  std::string wire = desk.talk("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(wire, HasSubstr("Content-Length: " + std::to_string(body_length())));
  EXPECT_THAT(wire, ::testing::EndsWith("\r\n\r\n"));
}

TEST(CrmSession, AnIdleConnectionIsClosedInGoodOrderAndACutOneIsNot) {
  Desk desk;
  std::unique_ptr<Session> idle = desk.open();
  EXPECT_EQ(std::get<Receive>(idle->next()).patience, 5min);
  idle->on_error({Errc::timed_out, "late"});
  EXPECT_EQ(std::get<Close>(idle->next()).ending, Ending::orderly);
  EXPECT_TRUE(std::get<Done>(idle->next()).status);
  std::unique_ptr<Session> half = desk.open();
  half->next();
  half->on_bytes("GET / HT");
  half->next();
  half->on_error({Errc::timed_out, "late"});
  EXPECT_FALSE(std::get<Done>(half->next()).status) << "half a request is no idleness";
  std::unique_ptr<Session> reset = desk.open();
  reset->next();
  reset->on_error({Errc::reset, "gone"});
  EXPECT_EQ(std::get<Done>(reset->next()).status.error().code, Errc::reset);
  std::vector<std::string> ends;
  Value sessions = desk.observed("sessions");
  for (const Value& session : sessions.items()) ends.push_back(session.find("end")->text());
  EXPECT_THAT(ends, ElementsAre("timed-out", "timed-out", "reset"));
}

TEST(CrmSession, TheIdleTimeIsASetting) {
  Desk desk(R"({ "idle": "7s" })");
  EXPECT_EQ(std::get<Receive>(desk.open()->next()).patience, 7s);
}

TEST(CrmSession, ServiceTakesTime) {
  Desk desk(R"({ "service_time": "250ms" })");
  EXPECT_EQ(desk.get("/x").status, 404U);
  EXPECT_EQ(desk.waited, 500ms) << "the token's and the call's";
}

TEST(CrmSession, ObservesWhatWasAsked) {
  Desk desk;
  desk.talk(get("/one") + "DELETE /two?client_secret=s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  Value session = desk.observed("sessions").items()[0];
  EXPECT_EQ(to_json(session.find("commands")->made()), R"(["GET /one", "DELETE /two?client_secret=<client_secret>"])");
  EXPECT_EQ(session.find("peer")->text(), "127.0.0.1:40001");
  EXPECT_EQ(session.find("tls")->boolean(), true);
  EXPECT_EQ(session.find("end")->text(), "closed");
  EXPECT_EQ(to_json(desk.observed("calls")),
            R"(["GET /one -> 404", "DELETE /two?client_secret=<client_secret> -> 404"])");
  EXPECT_EQ(desk.observed("connections"), Value(1));
  EXPECT_EQ(desk.observed("commands").find("unknown")->integer(), 2);
  EXPECT_EQ(desk.observed("commands").find("token")->integer(), 0);
}

TEST(CrmFault, AReplyStandsInForTheCall) {
  Desk desk(R"({ "faults": [ { "on": "insert", "nth": 1, "reply": { "status": 503, "body": "<html>" } } ] })");
  WireAnswer scripted = desk.post("/crm/v8/Leads", R"({"data":[{"Last_Name":"x"}]})");
  EXPECT_EQ(scripted.status, 503U);
  EXPECT_EQ(scripted.body, "<html>");
  EXPECT_EQ(desk.observed("records").find("Leads")->items().size(), 0U) << "it was not carried out";
  EXPECT_EQ(desk.post("/crm/v8/Leads", R"({"data":[{"Last_Name":"x"}]})").status, 201U);
  std::vector<RuleReport> rules = desk.crm->rules();
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].fired, 1U);
}

TEST(CrmFault, HoldsOnWordsPathsAndArguments) {
  Desk desk(R"({ "faults": [
    { "on": "search", "argument": "a@b.com", "reply": { "status": 500 } },
    { "on": "POST /crm/v8/Leads", "reply": { "status": 501 } },
    { "on": "associate", "argument": "<m@x>", "reply": { "status": 502 } },
    { "on": "note", "reply": { "status": 503 } },
    { "on": "get", "argument": "17", "reply": { "status": 504 } } ] })");
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=a@b.com").status, 500U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/search?email=c@b.com").status, 204U);
  EXPECT_EQ(desk.post("/crm/v8/Leads?x=1", "{}").status, 501U);
  EXPECT_EQ(desk.post("/crm/v8/Contacts", "{}").status, 400U);
  EXPECT_EQ(
      desk.post("/crm/v8/Contacts/1/actions/associate_email", R"({"Emails":[{"original_message_id":"<m@x>"}]})").status,
      502U);
  EXPECT_EQ(
      desk.post("/crm/v8/Contacts/1/actions/associate_email", R"({"Emails":[{"original_message_id":"<n@x>"}]})").status,
      400U);
  EXPECT_EQ(desk.post("/crm/v8/Leads/1/Notes", "{}").status, 503U);
  EXPECT_EQ(desk.post("/crm/v8/Notes", "{}").status, 503U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/17").status, 504U);
  EXPECT_EQ(desk.get("/crm/v8/Leads/18").status, 204U);
}

TEST(CrmFault, CutsAfterTheCallWasCarriedOut) {
  Desk desk(R"({ "faults": [ { "on": "insert", "cut_after": 12 } ] })");
  desk.refresh();
  std::string body = R"({"data":[{"Last_Name":"x"}]})";
  std::string said = desk.talk("POST /crm/v8/Leads HTTP/1.1\r\nHost: a\r\nAuthorization: Zoho-oauthtoken " +
                               desk.token + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_EQ(said, "HTTP/1.1 201");
  EXPECT_EQ(desk.ending, "reset");
  EXPECT_EQ(desk.observed("records").find("Leads")->items().size(), 1U);
  EXPECT_EQ(desk.observed("sessions").items().back().find("end")->text(), "cut");
}

TEST(CrmFault, HangsWithTheConnectionOpenAndDropsWhatComes) {
  Desk desk(R"({ "faults": [ { "on": "token", "hang": true } ] })");
  std::unique_ptr<Session> session = desk.open();
  session->next();
  session->on_bytes("POST /oauth/v2/token?grant_type=x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(std::get<Receive>(session->next()).patience, Duration::max());
  session->on_bytes(get("/one"));
  EXPECT_TRUE(std::holds_alternative<Receive>(session->next()));
  session->on_error({Errc::end_of_stream, "gone"});
  EXPECT_TRUE(std::holds_alternative<Done>(session->next()));
}

TEST(CrmFault, RawBytesAndDelays) {
  Desk desk(
      R"({ "faults": [ { "on": "unknown", "reply_bytes": "garbage", "ending": "orderly" }, { "on": "token", "delay": "3s", "split_every": 1 } ] })");
  EXPECT_EQ(desk.talk(get("/one")), "garbage");
  EXPECT_EQ(desk.ending, "orderly");
  desk.refresh();
  EXPECT_EQ(desk.waited, 3s);
  EXPECT_THAT(desk.token, StartsWith("1000."));
  EXPECT_THAT(desk.rig.lines(),
              ElementsAre("C: GET /one", StartsWith("*: fault: unknown"), "S: <7 scripted octets>",
                          StartsWith("C: POST /oauth/v2/token"), StartsWith("*: fault: token"), "S: 200 OK: <token>"));
}

TEST(CrmFault, ReachesTheHandshake) {
  Desk desk(
      R"({ "faults": [ { "on": "tls", "connection": 1, "hang": true }, { "on": "tls", "connection": 2, "ending": "orderly" }, { "on": "tls", "connection": 3, "cut_after": 1 }, { "on": "tls", "connection": 4, "delay": "1s" } ] })");
  auto handshake = [&](unsigned number) {
    return desk.crm->handshake({.connection = "crm#1", .number = number, .peer = ""});
  };
  EXPECT_EQ(handshake(1), Handshake::stalled);
  EXPECT_EQ(handshake(2), Handshake::cut);
  EXPECT_EQ(handshake(3), Handshake::cut);
  EXPECT_EQ(handshake(4), Handshake::proper);
  EXPECT_EQ(handshake(5), Handshake::proper);
  EXPECT_EQ(Desk().crm->handshake({.connection = "crm#1", .number = 1, .peer = ""}), Handshake::proper);
}

TEST(CrmServer, SetsChangeSettingsTextsFaultsAndRecords) {
  Desk desk(
      R"({ "records": { "Leads": [ { "Last_Name": "one", "id": "42" } ] }, "faults": [ { "on": "get", "reply": { "status": 500 } } ] })");
  EXPECT_EQ(desk.get("/crm/v8/Leads/42").status, 500U);
  EXPECT_TRUE(desk.crm->change(
      "set",
      *parse_json_value(R"({ "server": "crm", "faults": [], "index_lag": "1m", "texts": { "INVALID_DATA.id": "no" },
      "records": { "Leads": [ { "Last_Name": "two", "id": "42", "$converted": true } ], "Contacts": [ { "Last_Name": "new" } ] } })")));
  EXPECT_THAT(desk.get("/crm/v8/Leads/42").body, HasSubstr(R"("Last_Name":"two","$converted":true)"));
  EXPECT_THAT(desk.get("/crm/v8/Leads/x").body, HasSubstr(R"("message":"no")"));
  EXPECT_EQ(desk.observed("records").find("Contacts")->items().size(), 1U);
  EXPECT_EQ(desk.observed("records").find("Leads")->items().size(), 1U);
}

TEST(CrmServer, WhatIsWrongInASetIsToldAndChangesNothing) {
  Desk desk;
  auto wrong = [&](std::string_view arguments) {
    Status status = desk.crm->change("set", *parse_json_value(arguments));
    EXPECT_FALSE(status);
    return status ? std::string() : status.error().reason + ": " + status.error().message;
  };
  EXPECT_EQ(wrong(R"({ "index_leg": "1m" })"),
            "index_leg: a CRM has no setting \"index_leg\"; did you mean \"index_lag\"?");
  EXPECT_THAT(wrong(R"({ "index_lag": "1m", "credits": "many" })"), StartsWith("credits: "));
  EXPECT_THAT(wrong(R"({ "faults": [ {} ] })"), StartsWith("faults[0]"));
  EXPECT_THAT(wrong(R"({ "texts": { "INVALID_TOKAN": "x" } })"), HasSubstr("did you mean \"INVALID_TOKEN\"?"));
  EXPECT_THAT(wrong(R"({ "texts": { "INVALID_TOKEN": 7 } })"), StartsWith("texts.INVALID_TOKEN: "));
  EXPECT_THAT(wrong(R"({ "texts": [] })"), StartsWith("texts: "));
  EXPECT_THAT(wrong(R"({ "records": [] })"), StartsWith("records: "));
  EXPECT_THAT(wrong(R"({ "records": { "Lead": [] } })"),
              StartsWith("records.Lead: the CRM has no module \"Lead\"; it has Leads, Contacts"));
  EXPECT_THAT(wrong(R"({ "records": { "Leads": {} } })"), StartsWith("records.Leads: "));
  EXPECT_THAT(wrong(R"({ "records": { "Leads": [ 7 ] } })"), StartsWith("records.Leads: a record is an object"));
  EXPECT_THAT(wrong(R"({ "records": { "Leads": [ { "id": "x" } ] } })"),
              StartsWith("records.Leads: the id of a record"));
  EXPECT_TRUE(desk.crm->change("set", *parse_json_value(R"({ "records": { "Leads": [ { "id": "1" } ] } })")));
  EXPECT_THAT(wrong(R"({ "records": { "Contacts": [ { "id": "1" } ] } })"),
              StartsWith("records.Contacts: the id of a record"));
  EXPECT_FALSE(desk.crm->change("set", Value(7)));
  Status verb = desk.crm->change("lock", Value::map());
  ASSERT_FALSE(verb);
  EXPECT_EQ(verb.error().code, Errc::bad_input);
  EXPECT_EQ(verb.error().message, "a CRM cannot be told to \"lock\"; it knows \"set\"");
}

TEST(CrmServer, IsNotMadeFromWhatIsWrong) {
  EXPECT_EQ(Desk(R"({ "credits": "x" })").refusal.empty(), false);
  EXPECT_THAT(Desk(R"({ "texts": { "X": "y" } })").refusal, HasSubstr("no text \"X\""));
  EXPECT_THAT(Desk(R"({ "faults": [ { "on": "RETR" } ] })").refusal, HasSubstr("RETR"));
  EXPECT_THAT(Desk(R"({ "records": { "X": [] } })").refusal, HasSubstr("no module \"X\""));
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
