#include "client/crm/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using ::testing::HasSubstr;

TEST(HttpRequest, AsBytes) {
  EXPECT_EQ(
      to_bytes({.method = "GET", .target = "/crm/v8/Leads?x=1", .headers = {{"Authorization", "Zoho-oauthtoken t"}}},
               "crm.test"),
      "GET /crm/v8/Leads?x=1 HTTP/1.1\r\nHost: crm.test\r\nUser-Agent: mailrig\r\nAccept: application/json\r\n"
      "Authorization: Zoho-oauthtoken t\r\n\r\n");
  EXPECT_EQ(
      to_bytes({.method = "POST", .target = "/t", .body = "a=b"}, "h"),
      "POST /t HTTP/1.1\r\nHost: h\r\nUser-Agent: mailrig\r\nAccept: application/json\r\nContent-Length: 3\r\n\r\na=b");
  EXPECT_THAT(to_bytes({.method = "POST"}, "h"), HasSubstr("\r\nContent-Length: 0\r\n\r\n"));
}

TEST(PercentEncoding, OfWhatHasAMeaningElsewhere) {
  EXPECT_EQ(percent_encoded("a.B-c_d~9"), "a.B-c_d~9");
  EXPECT_EQ(percent_encoded("o'neil+tag(x),y@b.test"), "o%27neil%2Btag%28x%29%2Cy%40b.test");
  EXPECT_EQ(percent_encoded("\xc3\xbc %/"), "%C3%BC%20%25%2F");
  EXPECT_EQ(percent_encoded(std::string_view("\0", 1)), "%00");
}

HttpResponse whole(std::string_view wire) {
  HttpResponseReader reader;
  EXPECT_FALSE(reader.begun());
  Status good = reader.feed(wire);
  EXPECT_TRUE(good) << (good ? "" : good.error().message);
  EXPECT_TRUE(reader.begun());
  EXPECT_TRUE(reader.done()) << wire;
  return reader.response();
}

constexpr std::string_view json_ok =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: 11\r\n\r\n{\"data\":[]}";

TEST(HttpResponse, WithALengthAtEverySplit) {
  for (std::size_t cut = 0; cut <= json_ok.size(); ++cut) {
    HttpResponseReader reader;
    ASSERT_TRUE(reader.feed(json_ok.substr(0, cut)));
    EXPECT_EQ(reader.done(), cut == json_ok.size());
    ASSERT_TRUE(reader.feed(json_ok.substr(cut)));
    ASSERT_TRUE(reader.done()) << cut;
    EXPECT_EQ(reader.response().status, 200U);
    EXPECT_EQ(reader.response().content_type, "application/json;charset=UTF-8");
    EXPECT_EQ(reader.response().body, "{\"data\":[]}");
    EXPECT_TRUE(reader.response().keep_alive);
  }
}

TEST(HttpResponse, InChunksOctetByOctet) {
  const std::string wire =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n";
  HttpResponseReader reader;
  for (std::size_t i = 0; i < wire.size(); ++i) {
    EXPECT_FALSE(reader.done());
    ASSERT_TRUE(reader.feed(std::string_view(wire).substr(i, 1))) << i;
  }
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.response().body, "hello world");
  EXPECT_EQ(whole(wire).body, "hello world");
}

TEST(HttpResponse, WithoutABody) {
  HttpResponse nothing = whole("HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(nothing.status, 204U);
  EXPECT_EQ(nothing.body, "");
  EXPECT_TRUE(nothing.keep_alive);
  EXPECT_EQ(whole("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n").status, 304U);
  EXPECT_EQ(whole("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").body, "");
}

TEST(HttpResponse, UntilTheConnectionEnds) {
  HttpResponseReader reader;
  ASSERT_TRUE(reader.feed("HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>down"));
  EXPECT_FALSE(reader.done());
  ASSERT_TRUE(reader.feed("</html>"));
  EXPECT_FALSE(reader.done());
  ASSERT_TRUE(reader.finish());
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.response().body, "<html>down</html>");
  EXPECT_FALSE(reader.response().keep_alive);
  EXPECT_TRUE(reader.finish());
}

TEST(HttpResponse, CutOffIsNoResponse) {
  for (std::string_view wire : {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    HttpResponseReader reader;
    ASSERT_TRUE(reader.feed(wire));
    EXPECT_EQ(reader.begun(), !wire.empty());
    Status ended = reader.finish();
    ASSERT_FALSE(ended) << wire;
    EXPECT_EQ(ended.error().code, Errc::truncated) << wire;
    EXPECT_FALSE(reader.done());
  }
}

TEST(HttpResponse, InterimResponsesAreSkipped) {
  EXPECT_EQ(
      whole("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + std::string(json_ok)).status,
      200U);
  HttpResponseReader endless;
  std::string many;
  for (int i = 0; i < 16; ++i) many += "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_TRUE(endless.feed(many));
  EXPECT_EQ(endless.feed("HTTP/1.1 100 Continue\r\n\r\n").error().code, Errc::peer_protocol);
  HttpResponseReader switching;
  EXPECT_FALSE(switching.feed("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
}

TEST(HttpResponse, KeepAliveIsWhatBothSidesSay) {
  EXPECT_FALSE(whole("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").keep_alive);
  EXPECT_FALSE(whole("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive);
  EXPECT_TRUE(whole("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n").keep_alive);
}

TEST(HttpResponse, RetryAfterInSeconds) {
  EXPECT_EQ(whole("HTTP/1.1 429 Slow down\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n").retry_after_seconds, 120U);
  EXPECT_EQ(whole("HTTP/1.1 429 x\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n")
                .retry_after_seconds,
            std::nullopt);
  EXPECT_EQ(whole("HTTP/1.1 429 x\r\nRetry-After: -1\r\nContent-Length: 0\r\n\r\n").retry_after_seconds, std::nullopt);
  EXPECT_EQ(whole("HTTP/1.1 429 x\r\nContent-Length: 0\r\n\r\n").retry_after_seconds, std::nullopt);
}

TEST(HttpResponse, RetryAfterAsADate) {
  // RFC 9110 section 5.6.7: three forms, the same instant.
  for (const char* date :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
    const HttpResponse response =
        whole(std::string("HTTP/1.1 503 x\r\nDate: Sun, 06 Nov 1994 08:40:00 GMT\r\nRetry-After: ") + date +
              "\r\nContent-Length: 0\r\n\r\n");
    EXPECT_EQ(response.retry_after_date, *parse_instant("1994-11-06T08:49:37Z")) << date;
    EXPECT_EQ(response.date, *parse_instant("1994-11-06T08:40:00Z"));
    EXPECT_EQ(response.retry_after_seconds, std::nullopt);
  }
  EXPECT_EQ(whole("HTTP/1.1 503 x\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n").retry_after_date, std::nullopt);
}

TEST(HttpResponse, WhatIsNoHttpIsAnError) {
  for (std::string_view wire : {"220 mx.test ESMTP\r\n\r\n", "+OK ready\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"}) {
    HttpResponseReader reader;
    Status good = reader.feed(wire);
    ASSERT_FALSE(good) << wire;
    EXPECT_EQ(good.error().code, Errc::peer_protocol);
  }
}

TEST(HttpResponse, NothingMayFollowTheAnswer) {
  HttpResponseReader reader;
  Status good = reader.feed(std::string(json_ok) + "HTTP/1.1 200 OK\r\n");
  ASSERT_FALSE(good);
  EXPECT_EQ(good.error().message, "the CRM sent 17 octets more than its answer has");
}

TEST(HttpResponse, IsBounded) {
  const std::string header = "HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n";
  HttpResponseReader announced;
  EXPECT_EQ(announced.feed(header).error().code, Errc::limit_exceeded);
  HttpResponseReader fits;
  ASSERT_TRUE(fits.feed("HTTP/1.1 200 OK\r\nContent-Length: 4194304\r\n\r\n"));
  EXPECT_TRUE(fits.feed(std::string(4194304, 'x')));
  EXPECT_TRUE(fits.done());
  HttpResponseReader endless;
  ASSERT_TRUE(endless.feed("HTTP/1.1 200 OK\r\n\r\n"));
  EXPECT_TRUE(endless.feed(std::string(4194304, 'x')));
  EXPECT_EQ(endless.feed("x").error().code, Errc::limit_exceeded);
  HttpResponseReader fields;
  ASSERT_TRUE(fields.feed("HTTP/1.1 200 OK\r\nX: " + std::string(60'000, 'x')));
  EXPECT_EQ(fields.feed(std::string(6'000, 'x')).error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace mailrig::client
