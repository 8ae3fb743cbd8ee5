// Bodies as the documentation and verbatim reports have them.
#include "client/crm/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using enum CrmVerdict;
using enum CrmQuestion;
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
  CrmQuestion question = write;
};

const Instant now = *parse_instant("2014-06-02T09:00:00Z");
CrmAnswer read_answer(const HttpResponse& response, CrmQuestion question = write) {
  return client::read_answer(response, question, now);
}
CrmGrant read_grant(const HttpResponse& response) { return client::read_grant(response, now); }

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
     unclear},
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
    {200, "", unclear},
    {200, "[]", unclear},
    {200, R"("text")", unclear},
    {404, "<html>not here</html>", unclear},
    {401, "<html>log in</html>", token_refused},
    {403, "<html>blocked</html>", unclear},
    {413, "<html>Request Entity Too Large</html>", unclear},
    {408, R"({"message":"timeout"})", unclear},
    {302, "", unclear},
    {304, "", unclear},
    {507, "", full},
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
    // A write is done only where the answer says so of the item.
    {200, "{}", unclear},
    {201, R"({"Emails":[]})", unclear},
    {200, R"({"ok":true})", unclear},
    {200, R"({"status":"error","message":"something went wrong"})", unclear},
    {200, R"({"Emails":[{"code":"SUCCESS","status":"error","message":"not stored"}]})", unclear},
    {400, R"({"Emails":[{"code":"SUCCESS","status":"success"}]})", unclear},
    {500, R"({"Emails":[{"code":"SUCCESS","status":"success"}]})", down},
    {302, R"({"Emails":[{"code":"SUCCESS","status":"success"}]})", unclear},
    {200, R"({"data":[[{"code":"SUCCESS","details":{},"message":"status changed","status":"success"}]]})", ok},
    {204, "", unclear},
    // The whole account.
    {402, R"({"code":"ANYTHING"})", full},
    {400, R"({"Emails":[{"code":"STORAGE_SPACE_EXCEEDS","message":"x","status":"error"}]})", full},
    {403, R"({"code":"LICENSE_EXPIRED","message":"x"})", full},
    // Numbers: those of v1, and statuses.
    {200, R"({"response":{"uri":"/x","error":{"code":4500,"message":"Problem occured while processing the request"}}})",
     down},
    {200, R"({"response":{"error":{"code":"4820","message":"x"}}})", busy},
    {200, R"({"response":{"error":{"code":"4401","message":"x"}}})", refused},
    {200, R"({"response":{"error":{"code":"401.1","message":"x"}}})", forbidden},
    {200, R"({"code":4834})", token_refused},
    {400, R"({"code":503,"message":"x"})", down},
    {400, R"({"code":429})", busy},
    {400, R"({"code":400,"message":"x"})", unclear},
    {400, R"({"code":9999,"message":"x"})", unclear},
    {400, R"({"code":"UNHEARD_OF","message":"x","status":"error"})", unclear},
    // Questions.
    {200, R"({"data":[],"info":{"count":0}})", ok, list},
    {200, R"({"data":[{"id":"1","code":"A7","Email":"a@b"}]})", ok, list},
    {200, R"({"data":{"id":"1"}})", unclear, list},
    {200, "{}", unclear, list},
    {200, R"({"data":[{"code":"INTERNAL_ERROR","status":"error"}]})", ok, list},
    {300, R"({"data":[]})", unclear, list},
    {299, R"({"data":[]})", ok, list},
    {204, "", nothing, list},
    {304, "", unclear, list},
    {400, R"({"code":"INVALID_QUERY","details":{"param_name":"email"},"message":"Invalid query formed"})", unsearchable,
     list},
    {400, R"({"code":"INVALID_QUERY","details":{"reason":"the field is not available for search","api_name":"x"}})",
     unclear, list},
    {400, R"({"code":"INVALID_QUERY","details":{"param_name":"email"}})", unclear, write},
    {400, R"({"code":"INVALID_REQUEST","details":{},"message":"unable to process your request"})", unclear, list},
    {400, R"({"code":"API_NOT_SUPPORTED","details":{},"message":"api not supported"})", unclear, list},
    {400, R"({"code":"INVALID_DATA","details":{},"message":"invalid data"})", unclear, list},
    {200, R"({"available":false,"record":null})", ok, available},
    {200, R"({"available":"yes"})", unclear, available},
    {200, "{}", unclear, available},
    {204, "", nothing, available},
};

TEST(CrmAnswer, MeansWhatTheBodySays) {
  for (const Row& row : rows)
    EXPECT_EQ(read_answer(answered(row.status, row.body), row.question).verdict, row.verdict) << row.status << row.body;
}

TEST(CrmAnswer, HasItsCodeIdAndSentence) {
  CrmAnswer answer = read_answer(answered(
      400,
      R"({"data":[{"code":"DUPLICATE_DATA","details":{"api_name":"Email","duplicate_record":{"id":"4881139000000428295"},"id":"1"},"message":"duplicate\u0007 data"}]})"));
  EXPECT_EQ(answer.code, "DUPLICATE_DATA");
  EXPECT_EQ(answer.id, "4881139000000428295");
  EXPECT_EQ(answer.message, "the CRM answered 400 DUPLICATE_DATA: duplicate\\x07 data (field Email)");
  EXPECT_EQ(read_answer(answered(200, R"({"data":[{"code":"SUCCESS","details":{"id":5725767000000524157}}]})")).id,
            "5725767000000524157");
  EXPECT_EQ(read_answer(answered(502, "<html>\r\n")).message,
            "the CRM answered 502 with a body that is not a JSON object: \"<html>\\r\\n\"");
  EXPECT_EQ(read_answer(answered(200, "")).message, "the CRM answered 200 with an empty body");
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

TEST(CrmAnswer, RetryAfterAsADateIsByTheServersClock) {
  HttpResponse response = answered(429, "");
  response.retry_after_date = now + 20min;
  EXPECT_EQ(read_answer(response).retry_after, 20min);
  response.date = now + 5min;  // its clock is ahead of ours
  EXPECT_EQ(read_answer(response).retry_after, 15min);
  response.date = now + 1h;
  EXPECT_EQ(read_answer(response).retry_after, 0s);
  response.retry_after_date = now + 100h;
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
  EXPECT_THAT(read_hits(found, "bert@b.test").ids, ElementsAre("29", "30", "100", "9"));
  EXPECT_THAT(read_hits(answered(200, R"({"data":[{"id":5725767000000524157,"Email":"a@b"}]})"), "a@b").ids,
              ElementsAre("5725767000000524157"));
  EXPECT_THAT(read_hits(answered(204, ""), "a@b").ids, IsEmpty());
  EXPECT_THAT(read_hits(answered(200, R"({"data":{"id":"1"}})"), "a@b").ids, IsEmpty());
  EXPECT_TRUE(read_hits(found, "bert@b.test").unusable);  // one has no id
}

TEST(CrmHits, AnIdIsDigits) {
  for (const char* id : {R"("../../../oauth/v2/token/revoke?token=")", R"("1?x=")", "-5", "1.5", R"("")", R"("12a")",
                         "null", "[1]", R"("123456789012345678901")"}) {
    const CrmHits hits = read_hits(
        answered(200, R"({"data":["odd",7,{"id":)" + std::string(id) + R"(,"Email":"a@b"},{"id":"4","Email":"c@d"}]})"),
        "a@b");
    EXPECT_THAT(hits.ids, IsEmpty()) << id;
    EXPECT_TRUE(hits.unusable) << id;
  }
  EXPECT_FALSE(read_hits(answered(200, R"({"data":[{"id":"x","Email":"c@d"}]})"), "a@b").unusable);
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
  EXPECT_EQ(read_grant(answered(400, R"({"error":"invalid_grant"})")).kind, CrmGrant::Kind::dead);
}

TEST(CrmGrant, OtherErrorsPass) {
  const std::pair<unsigned, const char*> errors[] = {
      {200, R"({"error":"general_error"})"},          {503, R"({"status":503,"error":"Service Unavailable"})"},
      {500, R"({"error":"server_error"})"},           {502, R"({"error":"Bad Gateway"})"},
      {503, R"({"error":"invalid_client"})"},         {404, R"({"error":"Not Found"})"},
      {404, R"({"error":"invalid_code"})"},           {302, R"({"error":"invalid_code"})"},
      {400, R"({"error":"temporarily_unavailable"})"}};
  for (const auto& [status, body] : errors) {
    const CrmGrant grant = read_grant(answered(status, body));
    EXPECT_EQ(grant.kind, CrmGrant::Kind::down) << status << body;
    EXPECT_THAT(grant.message, Not(HasSubstr("reconnect"))) << body;
  }
}

TEST(CrmGrant, SaysWhereTheTokenIsGood) {
  EXPECT_EQ(read_grant(answered(200, R"({"access_token":"t","api_domain":"https://www.zohoapis.eu"})")).api_domain,
            "https://www.zohoapis.eu");
  EXPECT_EQ(read_grant(answered(200, R"({"access_token":"t"})")).api_domain, "");
}

TEST(CrmGrant, ATokenThatWouldChangeTheRequestIsNone) {
  for (const char* token : {"a\\r\\nX-Evil: 1", "a b", "\\u00fc"})
    EXPECT_EQ(read_grant(answered(200, R"({"access_token":")" + std::string(token) + "\"}")).kind, CrmGrant::Kind::down)
        << token;
}

TEST(CrmGrant, AnErrorThatIsNoWordIsNotQuoted) {
  const CrmGrant grant = read_grant(answered(400, R"({"error":"no such token 1000.5ec2e7"})"));
  EXPECT_EQ(grant.message, "the CRM's token server answered 400 <an error of 25 octets>");
}

TEST(CrmGrant, Throttled) {
  const std::string body =
      R"({"error_description":"You have made too many requests continuously.","error":"Access Denied","status":"failure"})";
  EXPECT_EQ(read_grant(answered(400, body)).kind, CrmGrant::Kind::throttled);
  EXPECT_EQ(read_grant(answered(200, body)).kind, CrmGrant::Kind::throttled);
  for (const char* any : {"{}", "", "<html>Too many requests</html>", R"({"error":"invalid_code"})"})
    EXPECT_EQ(read_grant(answered(429, any)).kind, CrmGrant::Kind::throttled) << any;
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
  mail.bcc = {{"", "d@d.test"}};
  mail.html = mail.sent = true;
  EXPECT_THAT(
      associate_call({"Leads", "7"}, mail).request.body,
      HasSubstr(
          R"("mail_format":"html","date_time":"2014-06-02T08:00:00+00:00","sent":true,"original_message_id":"q1@customer.test","cc":[{"user_name":"C","email":"c@c.test"}],"bcc":[{"user_name":"d@d.test","email":"d@d.test"}]})"));
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
