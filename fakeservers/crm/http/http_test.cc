#include "fakeservers/crm/http/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::fakeservers::crm {
namespace {

using ::testing::ElementsAre;
using Event = HttpReader::Event;

/// Everything that comes out when the wire is cut at one place (npos: not at all), a line a thing.
std::vector<std::string> events_of(std::string_view wire, std::size_t cut = std::string_view::npos,
                                   std::size_t body_max = HttpReader::body_octets_max_default) {
  HttpReader reader(body_max);
  std::vector<std::string> seen;
  auto drain = [&] {
    for (;;) {
      switch (reader.advance()) {
        case Event::need_more: return;
        case Event::expects_continue: seen.emplace_back("100?"); break;
        case Event::refused: seen.push_back("refused " + std::to_string(reader.refusal())); return;
        case Event::request: {
          HttpRequest request = reader.take();
          seen.push_back(request.method + ' ' + request.target + (request.keep_alive ? " keep" : " close") + " [" +
                         request.body + ']');
        }
      }
    }
  };
  reader.feed(wire.substr(0, cut));
  drain();
  if (cut < wire.size()) {
    reader.feed(wire.substr(cut));
    if (seen.empty() || !seen.back().starts_with("refused")) drain();
  }
  return seen;
}

void expect_at_every_split(std::string_view wire, const std::vector<std::string>& expected) {
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) EXPECT_EQ(events_of(wire, cut), expected) << "cut at " << cut;
}

TEST(HttpReader, ReadsARequestAtEverySplit) {
  expect_at_every_split("GET /a?b=c HTTP/1.1\r\nHost: crm.test\r\n\r\n", {"GET /a?b=c keep []"});
  expect_at_every_split("POST /t HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", {"POST /t keep [hello]"});
  expect_at_every_split("POST /t HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", {"POST /t keep []"});
}

TEST(HttpReader, ReadsPipelinedRequestsAtEverySplit) {
  expect_at_every_split(
      "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nokDELETE /3 "
      "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
      {"GET /1 keep []", "POST /2 keep [ok]", "DELETE /3 close []"});
}

TEST(HttpReader, JoinsChunksAtEverySplit) {
  expect_at_every_split(
      "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: "
      "1\r\n\r\nGET /n HTTP/1.1\r\nHost: a\r\n\r\n",
      {"POST /c keep [hello!]", "GET /n keep []"});
}

TEST(HttpReader, HttpOneZeroClosesUnlessAskedOtherwise) {
  expect_at_every_split("GET / HTTP/1.0\r\n\r\n", {"GET / close []"});
  expect_at_every_split("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", {"GET / keep []"});
  HttpReader reader;
  reader.feed("GET / HTTP/1.0\r\n\r\n");
  ASSERT_EQ(reader.advance(), Event::request);
  EXPECT_TRUE(reader.take().http_1_0);
}

TEST(HttpReader, FieldsKeepTheirOrderAndAreFoundInAnyCase) {
  HttpReader reader;
  reader.feed("GET / HTTP/1.1\r\nHost: a\r\nX-Two: 2\r\nX-One:  1 \r\n\r\n");
  ASSERT_EQ(reader.advance(), Event::request);
  HttpRequest request = reader.take();
  EXPECT_FALSE(request.http_1_0);
  EXPECT_THAT(request.fields, ElementsAre(HttpField{"Host", "a"}, HttpField{"X-Two", "2"}, HttpField{"X-One", "1"}));
  EXPECT_EQ(request.field("x-one"), "1");
  EXPECT_EQ(request.field("X-Three"), "");
}

TEST(HttpReader, AsksForTheBodyOnceWhereTheHeadWantsIt) {
  std::string_view head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 3\r\n\r\n";
  EXPECT_EQ(events_of(std::string(head) + "abc", head.size()), (std::vector<std::string>{"100?", "POST / keep [abc]"}));
  // RFC 9110 §10.1.1: no 100 where the body has begun already, nor to HTTP/1.0.
  EXPECT_EQ(events_of(std::string(head) + "abc"), (std::vector<std::string>{"POST / keep [abc]"}));
  EXPECT_EQ(events_of(std::string(head) + "abc", head.size() + 1), (std::vector<std::string>{"POST / keep [abc]"}));
  std::string old = "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  EXPECT_EQ(events_of(old + "abc", old.size()), (std::vector<std::string>{"POST / close [abc]"}));
  // Nothing is left to wait for.
  EXPECT_EQ(events_of("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"),
            (std::vector<std::string>{"GET / keep []"}));
  EXPECT_EQ(events_of("POST / HTTP/1.1\r\nHost: a\r\nExpect: money\r\nContent-Length: 3\r\n\r\n"),
            (std::vector<std::string>{"refused 417"}));
}

TEST(HttpReader, AContinueIsNotAskedForTwice) {
  HttpReader reader;
  reader.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(reader.advance(), Event::expects_continue);
  EXPECT_EQ(reader.advance(), Event::need_more);
  reader.feed("ab");
  EXPECT_EQ(reader.advance(), Event::need_more);
  reader.feed("c");
  EXPECT_EQ(reader.advance(), Event::request);
}

TEST(HttpReader, RefusesWhatIsNoHttp) {
  EXPECT_THAT(events_of("EHLO client.test\r\n"), ElementsAre("refused 400"));
  EXPECT_THAT(events_of("GET / HTTP/2.0\r\n\r\n"), ElementsAre("refused 400"));
  EXPECT_THAT(events_of("GET / HTTP/1.1\nHost: a\n\n"), ElementsAre("refused 400"));
  EXPECT_THAT(events_of("GET / HTTP/1.1\r\n\r\n"), ElementsAre("refused 400")) << "RFC 9112 §3.2: no Host";
  EXPECT_THAT(events_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), ElementsAre("refused 400"));
  EXPECT_THAT(events_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"),
              ElementsAre("refused 400"));
  EXPECT_THAT(events_of("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"),
              ElementsAre("refused 400"));
  EXPECT_THAT(events_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), ElementsAre("refused 501"));
  EXPECT_THAT(events_of("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
              ElementsAre("refused 400"));
  EXPECT_THAT(events_of(std::string("\x16\x03\x01\x02\0\x01", 6)), ElementsAre("refused 400")) << "a TLS hello";
}

TEST(HttpReader, StaysRefusedAndKeepsNothing) {
  HttpReader reader;
  reader.feed("EHLO x\r\n");
  EXPECT_EQ(reader.advance(), Event::refused);
  reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(reader.buffered(), 0U);
  EXPECT_EQ(reader.advance(), Event::refused);
  EXPECT_EQ(reader.refusal(), 400U);
}

std::string head_of(std::size_t octets) {
  std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
  return head + std::string(octets - head.size() - 4, 'x') + "\r\n\r\n";
}

TEST(HttpReader, TheHeadIsBounded) {
  EXPECT_THAT(events_of(head_of(HttpReader::head_octets_max)), ElementsAre("GET / keep []"));
  EXPECT_THAT(events_of(head_of(HttpReader::head_octets_max + 1)), ElementsAre("refused 431"));
  for (std::size_t cut : {1U, 100U, 16'383U, 16'384U}) {
    EXPECT_THAT(events_of(head_of(HttpReader::head_octets_max), cut), ElementsAre("GET / keep []")) << cut;
    EXPECT_THAT(events_of(head_of(HttpReader::head_octets_max + 1), cut), ElementsAre("refused 431")) << cut;
  }
}

TEST(HttpReader, AHeadWithoutEndCostsNoMoreThanItsBound) {
  for (std::string_view piece : {"a", "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy", "x: y\r\nz", "a: b\r\n"}) {
    HttpReader reader;
    reader.feed("GET / HTTP/1.1\r\nHost: a\r\n");
    std::size_t fed = 0;
    while (reader.advance() != Event::refused && fed < 100'000) {
      reader.feed(piece);
      fed += piece.size();
      ASSERT_LE(reader.buffered(), HttpReader::head_octets_max + piece.size());
    }
    EXPECT_LE(fed, HttpReader::head_octets_max + piece.size()) << piece;
  }
}

TEST(HttpReader, TheBodyIsBoundedBothWaysOfFraming) {
  auto with_length = [](std::size_t n) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" + std::string(n, 'b');
  };
  EXPECT_THAT(events_of(with_length(10), std::string::npos, 10), ElementsAre("POST / keep [bbbbbbbbbb]"));
  EXPECT_THAT(events_of(with_length(11), std::string::npos, 10), ElementsAre("refused 413"));
  std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbbbbbb\r\n";
  EXPECT_THAT(events_of(chunked + "4\r\nbbbb\r\n0\r\n\r\n", std::string::npos, 10),
              ElementsAre("POST / keep [bbbbbbbbbb]"));
  EXPECT_THAT(events_of(chunked + "5\r\nbbbbb\r\n0\r\n\r\n", std::string::npos, 10), ElementsAre("refused 413"));
}

TEST(HttpReader, ChunkLinesAndTrailersAreBounded) {
  std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_THAT(events_of(head + "5;" + std::string(20'000, 'x')), ElementsAre("refused 400"));
  EXPECT_THAT(events_of(head + "0\r\nX: " + std::string(20'000, 'x')), ElementsAre("refused 400"));
}

TEST(HttpReader, KnowsWhenItIsBetweenTwoRequests) {
  HttpReader reader;
  EXPECT_TRUE(reader.idle());
  reader.feed("GET / HTTP/1.1\r\nHost: a\r\n\r");
  EXPECT_FALSE(reader.idle());
  EXPECT_EQ(reader.advance(), Event::need_more);
  EXPECT_FALSE(reader.idle());
  reader.feed("\n");
  EXPECT_EQ(reader.advance(), Event::request);
  reader.take();
  EXPECT_TRUE(reader.idle());
}

TEST(HttpAnswer, IsWrittenWithLengthAndInOrder) {
  EXPECT_EQ(
      to_wire(
          {.status = 200, .fields = {{"Content-Type", "application/json;charset=UTF-8"}, {"X-B", "1"}}, .body = "{}"},
          {}),
      "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nX-B: 1\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(to_wire({.status = 207, .body = "x"}, {}), "HTTP/1.1 207 Multi-Status\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(to_wire({.status = 401}, {}), "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpAnswer, SomeStatusesHaveNeitherBodyNorLength) {
  EXPECT_EQ(to_wire({.status = 204}, {}), "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(to_wire({.status = 304, .body = "never"}, {}), "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(to_wire({.status = 100}, {}), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(HttpAnswer, SaysWhatBecomesOfTheConnectionWhereThatIsNotTheDefault) {
  EXPECT_EQ(to_wire({.status = 204}, {.keep_alive = false}), "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(to_wire({.status = 204}, {.keep_alive = true, .http_1_0 = true}),
            "HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(to_wire({.status = 204}, {.keep_alive = false, .http_1_0 = true}), "HTTP/1.0 204 No Content\r\n\r\n");
}

TEST(HttpAnswer, ToHeadHasTheLengthOfWhatIsLeftOut) {
  EXPECT_EQ(to_wire({.status = 400, .body = "12345"}, {.without_body = true}),
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 5\r\n\r\n");
}

TEST(HttpAnswer, ReasonsAreTheRegisteredOnes) {
  EXPECT_EQ(reason_of(207), "Multi-Status");
  EXPECT_EQ(reason_of(429), "Too Many Requests");
}

}  // namespace
}  // namespace mailrig::fakeservers::crm
