// Bodies as the documentation and verbatim reports have them.
#include "client/crm/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using enum CrmVerdict;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

HttpResponse answered(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

struct Row {
  unsigned status;
  const char* body;
  CrmVerdict verdict;
};

constexpr Row rows[] = {
    {401, R"({"code":"INVALID_TOKEN","details":{},"message":"invalid oauth token","status":"error"})", token_refused},
    {401, R"({"code":"AUTHENTICATION_FAILURE","details":{},"message":"Authentication failed","status":"error"})",
     token_refused},
    {401, R"({"code":"SOMETHING","details":{},"message":"x","status":"error"})", token_refused},
    {401,
     R"({"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"invalid oauth scope to access this URL","status":"error"})",
     scope_missing},
    {403, R"({"code":"OAUTH_SCOPE_MISMATCH","details":{},"message":"Unauthorized","status":"error"})", scope_missing},
    {403, R"({"code":"NO_PERMISSION","details":{"permissions":["x"]},"message":"permission denied","status":"error"})",
     forbidden},
    {403, R"({"code":"ELSE","message":"x"})", forbidden},
    {400, R"({"code":"INVALID_MODULE","details":{},"message":"permission denied to access the api","status":"error"})",
     forbidden},
    {200,
     R"({"data":[{"code":"AUTHORIZATION_FAILED","message":"User does not have sufficient privilege","status":"error"}]})",
     forbidden},
    {404,
     R"({"code":"INVALID_URL_PATTERN","details":{},"message":"Please check if the URL trying to access is a correct one","status":"error"})",
     refused},
    {400,
     R"({"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the id given seems to be invalid","status":"error"})",
     gone},
    {400,
     R"({"Emails":[{"code":"INVALID_DATA","details":{},"message":"the related id given seems to be invalid","status":"error"}]})",
     gone},
    {400,
     R"({"code":"INVALID_DATA","details":{"maximum_length":1,"api_name":"Emails","json_path":"$.Emails"},"message":"invalid data","status":"error"})",
     refused},
    {400,
     R"({"code":"ID_ALREADY_CONVERTED","details":{"resource_path_index":1},"message":"id already converted","status":"error"})",
     converted},
    {400, R"({"data":[{"code":"ID_ALREADY_DELETED","details":{},"message":"x","status":"error"}]})", gone},
    {429,
     R"({"code":"TOO_MANY_REQUESTS","details":{},"message":"too many requests. please try again after some time","status":"error"})",
     busy},
    {400, R"({"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests. Please try again later."})", busy},
    {200, R"({"code":"TOO_MANY_REQUESTS"})", busy},
    {429, "<html>slow down</html>", busy},
    {500, R"({"code":"INTERNAL_ERROR","details":{},"message":"Internal Server Error","status":"error"})", down},
    {400, R"({"code":"INTERNAL_SERVER_ERROR"})", down},
    {200, R"({"code":"SERVICE_UNAVAILABLE"})", down},
    {200, R"({"code":"INTERNAL_ERROR"})", down},
    {502, "<html>Bad Gateway</html>", down},
    {503, R"({"code":"SERVICE_UNAVAILABLE","details":{},"message":"Service temporarily unavailable","status":"error"})",
     down},
    {200, "", down},
    {200, "[]", down},
    {200, R"("text")", down},
    {404, "<html>not here</html>", down},
    {400, R"({"code":"CANNOT_PROCESS","details":{},"message":"sync in progress","status":"error"})", later},
    {400, R"({"data":[{"code":"RECORD_LOCKED","message":"x","status":"error"}]})", later},
    {201,
     R"({"Emails":[{"code":"SUCCESS","details":{"message_id":"39c1"},"message":"Your mail has been added successfully","status":"success"}]})",
     ok},
    {200, R"({"data":[{"code":"SUCCESS","details":{},"message":"x","status":"success"}]})", ok},
    {400, R"({"Emails":[{"code":"DUPLICATE_DATA","details":{},"message":"duplicate data","status":"error"}]})",
     duplicate},
    {400,
     R"({"Emails":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"subject"},"message":"required field not found","status":"error"}]})",
     refused},
    {202,
     R"({"data":[{"code":"MANDATORY_NOT_FOUND","details":{"api_name":"Last_Name"},"message":"required field not found","status":"error"}]})",
     refused},
    {207, R"({"data":[{"code":"INVALID_DATA","details":{},"message":"invalid data","status":"error"}]})", refused},
    {200, R"({"data":[],"info":{"count":0}})", ok},
    {300, R"({"data":[]})", refused},
    {299, R"({"data":[]})", ok},
    {204, "", nothing},
};

TEST(CrmAnswer, MeansWhatTheBodySays) {
  for (const Row& row : rows)
    EXPECT_EQ(read_answer(answered(row.status, row.body)).verdict, row.verdict) << row.status << row.body;
}

TEST(CrmAnswer, HasItsCodeIdAndSentence) {
  CrmAnswer answer = read_answer(answered(
      400,
      R"({"data":[{"code":"DUPLICATE_DATA","details":{"api_name":"Email","duplicate_record":{"id":"4881139000000428295"},"id":"1"},"message":"duplicate\u0007 data"}]})"));
  EXPECT_EQ(answer.code, "DUPLICATE_DATA");
  EXPECT_EQ(answer.id, "4881139000000428295");
  EXPECT_EQ(answer.message, "the CRM answered 400 DUPLICATE_DATA: duplicate\\x07 data");
  EXPECT_EQ(read_answer(answered(200, R"({"data":[{"code":"SUCCESS","details":{"id":5725767000000524157}}]})")).id,
            "5725767000000524157");
  EXPECT_EQ(read_answer(answered(502, "<html>\r\n")).message, "the CRM answered 502 with no JSON: \"<html>\\r\\n\"");
  EXPECT_EQ(read_answer(answered(204, "")).message, "the CRM answered 204: nothing");
  CrmAnswer several = read_answer(answered(
      400,
      R"({"data":[{"code":"MULTIPLE_OR_MULTI_ERRORS","details":{"errors":[{"code":"INVALID_DATA"},{"code":"DUPLICATE_DATA","details":{"id":"7"}}]},"message":"Multiple errors"}]})"));
  EXPECT_EQ(several.verdict, duplicate);
  EXPECT_EQ(several.id, "7");
}

TEST(CrmAnswer, RetryAfterIsKeptWithinADay) {
  HttpResponse response = answered(429, "");
  EXPECT_EQ(read_answer(response).retry_after, std::nullopt);
  response.retry_after_seconds = 90;
  EXPECT_EQ(read_answer(response).retry_after, 90s);
  response.retry_after_seconds = ~0ULL;
  EXPECT_EQ(read_answer(response).retry_after, 24h);
}

TEST(CrmHits, AreCheckedAndInAFixedOrder) {
  HttpResponse found = answered(200, R"({"data":[
    {"id":"9","Email":"other@b.test","Secondary_Email":"BERT@b.test"},
    {"id":"30","Email":"Bert@B.test"},
    {"id":"4","Email":"bert@b.test","$converted":true},
    {"id":"5","Email":"xbert@b.test"},
    {"id":"29","Email":"bert@b.test","$converted":false},
    {"id":"100","Email":"bert@b.test"},
    {"Email":"bert@b.test"},
    {"id":"6","Owner":{"email":"bert@b.test"},"Email":null}]})");
  EXPECT_THAT(read_hits(found, "bert@b.test"), ElementsAre("29", "30", "100", "9"));
  EXPECT_THAT(read_hits(answered(200, R"({"data":[{"id":5725767000000524157,"Email":"a@b"}]})"), "a@b"),
              ElementsAre("5725767000000524157"));
  EXPECT_THAT(read_hits(answered(204, ""), "a@b"), IsEmpty());
  EXPECT_THAT(read_hits(answered(200, R"({"data":{"id":"1"}})"), "a@b"), IsEmpty());
}

TEST(CrmAvailable, IsAboutThisRecord) {
  const CrmRecord record{"Contacts", "77"};
  EXPECT_TRUE(read_available(
      answered(200, R"({"available":true,"record":{"module":{"api_name":"Contacts","id":"1"},"id":"77"}})"), record));
  EXPECT_TRUE(read_available(answered(200, R"({"available":true,"record":{"id":77}})"), record));
  EXPECT_FALSE(read_available(answered(200, R"({"available":true,"record":{"id":"78"}})"), record));
  EXPECT_FALSE(read_available(answered(200, R"({"available":false,"record":{"id":"77"}})"), record));
  EXPECT_FALSE(read_available(answered(200, R"({"available":true})"), record));
  EXPECT_FALSE(read_available(answered(404, R"({"available":true,"record":{"id":"77"}})"), record));
  EXPECT_FALSE(read_available(answered(204, ""), record));
}

TEST(CrmNotes, AreComparedWhole) {
  HttpResponse notes =
      answered(200, R"({"data":[{"Note_Title":"t","Note_Content":"other"},{"Note_Title":"t","Note_Content":"c"}]})");
  EXPECT_TRUE(read_has_note(notes, "t", "c"));
  EXPECT_FALSE(read_has_note(notes, "T", "c"));
  EXPECT_FALSE(read_has_note(notes, "t", "d"));
  EXPECT_FALSE(read_has_note(answered(204, ""), "t", "c"));
}

TEST(CrmGrant, OfAToken) {
  CrmGrant grant = read_grant(answered(
      200,
      R"({"access_token":"1000.a.b","scope":"x","api_domain":"https://www.zohoapis.com","token_type":"Bearer","expires_in":3600})"));
  EXPECT_EQ(grant.kind, CrmGrant::Kind::granted);
  EXPECT_EQ(grant.access_token, "1000.a.b");
  EXPECT_EQ(grant.lifetime, 1h);
  EXPECT_THAT(grant.message, Not(HasSubstr("1000.a.b")));
}

TEST(CrmGrant, LifetimesInSecondsAndMilliseconds) {
  auto lifetime = [](const std::string& members) {
    return read_grant(answered(200, R"({"access_token":"t")" + members + "}")).lifetime;
  };
  EXPECT_EQ(lifetime(R"(,"expires_in_sec":3600,"expires_in":3600000)"), 3600s);
  EXPECT_EQ(lifetime(R"(,"expires_in":3600000)"), 3600s);
  EXPECT_EQ(lifetime(R"(,"expires_in":86400)"), 86400s);
  EXPECT_EQ(lifetime(R"(,"expires_in":86401)"), 86s);
  EXPECT_EQ(lifetime(""), 3600s);
  EXPECT_EQ(lifetime(R"(,"expires_in":"soon")"), 3600s);
  EXPECT_EQ(lifetime(R"(,"expires_in":-5)"), 0s);
}

TEST(CrmGrant, ErrorsComeWith200) {
  for (const char* error : {"invalid_code", "invalid_client", "invalid_client_secret"}) {
    CrmGrant grant = read_grant(answered(200, R"({"error":")" + std::string(error) + "\"}"));
    EXPECT_EQ(grant.kind, CrmGrant::Kind::dead) << error;
    EXPECT_THAT(grant.message, HasSubstr(error));
    EXPECT_THAT(grant.message, HasSubstr("reconnect"));
  }
  EXPECT_EQ(read_grant(answered(200, R"({"error":"general_error"})")).kind, CrmGrant::Kind::down);
}

TEST(CrmGrant, Throttled) {
  const std::string body =
      R"({"error_description":"You have made too many requests continuously.","error":"Access Denied","status":"failure"})";
  EXPECT_EQ(read_grant(answered(400, body)).kind, CrmGrant::Kind::throttled);
  EXPECT_EQ(read_grant(answered(200, body)).kind, CrmGrant::Kind::throttled);
  EXPECT_EQ(read_grant(answered(429, "{}")).kind, CrmGrant::Kind::throttled);
}

TEST(CrmGrant, NoAnswerOfUse) {
  EXPECT_EQ(read_grant(answered(502, "<html>")).kind, CrmGrant::Kind::down);
  EXPECT_EQ(read_grant(answered(200, "")).kind, CrmGrant::Kind::down);
  EXPECT_EQ(read_grant(answered(200, "{}")).kind, CrmGrant::Kind::down);
  EXPECT_EQ(read_grant(answered(500, R"({"access_token":"t"})")).kind, CrmGrant::Kind::down);
}

TEST(CrmCalls, AsOnTheWire) {
  EXPECT_EQ(search_call("Contacts", "o'neil+x@b.test").request.target,
            "/crm/v8/Contacts/search?email=o%27neil%2Bx%40b.test");
  EXPECT_EQ(search_call("Leads", "a@b").step, Step::search);
  EXPECT_EQ(available_call("<a@b>").request.target, "/crm/v8/actions/email_available?orginal_message_id=%3Ca%40b%3E");
  CrmMail mail;
  mail.message_id = "q1@customer.test";
  mail.from = {"Bert", "bert@b.test"};
  mail.to = {{"", "anna@a.test"}};
  mail.subject = "q";
  mail.content = "How \"much\"?\n";
  mail.date_time = "2014-06-02T08:00:00+00:00";
  CrmCall call = associate_call({"Contacts", "77"}, mail);
  EXPECT_EQ(call.request.method, "POST");
  EXPECT_EQ(call.request.target, "/crm/v8/Contacts/77/actions/associate_email");
  EXPECT_EQ(
      call.request.body,
      R"({"Emails":[{"from":{"user_name":"Bert","email":"bert@b.test"},"to":[{"user_name":"anna@a.test","email":"anna@a.test"}],)"
      R"("subject":"q","content":"How \"much\"?\n","mail_format":"text","date_time":"2014-06-02T08:00:00+00:00","sent":false,)"
      R"("original_message_id":"q1@customer.test"}]})");
  mail.cc = {{"C", "c@c.test"}};
  mail.html = mail.sent = true;
  EXPECT_THAT(
      associate_call({"Leads", "7"}, mail).request.body,
      HasSubstr(
          R"("mail_format":"html","date_time":"2014-06-02T08:00:00+00:00","sent":true,"original_message_id":"q1@customer.test","cc":[{"user_name":"C","email":"c@c.test"}]})"));
  EXPECT_EQ(insert_call("Leads", {{"Last_Name", "D"}}).request.body, R"({"data":[{"Last_Name":"D"}],"trigger":[]})");
  EXPECT_EQ(note_call({"Leads", "7"}, "t", "c").request.body,
            R"({"data":[{"Parent_Id":{"module":{"api_name":"Leads"},"id":"7"},"Note_Title":"t","Note_Content":"c"}]})");
  EXPECT_EQ(notes_call({"Leads", "7"}).request.target,
            "/crm/v8/Leads/7/Notes?fields=Note_Title,Note_Content&per_page=200");
}

TEST(CrmCalls, SecretsAreNotShown) {
  CrmCall call = token_call({"1000.id", "s&cret", "1000.re/fresh"});
  EXPECT_EQ(call.request.body,
            "grant_type=refresh_token&refresh_token=1000.re%2Ffresh&client_id=1000.id&client_secret=s%26cret");
  EXPECT_FALSE(call.authorised);
  EXPECT_EQ(call.shown,
            "POST /oauth/v2/token grant_type=refresh_token&refresh_token=<refresh "
            "token>&client_id=1000.id&client_secret=<client secret>");
}

}  // namespace
}  // namespace mailrig::client
