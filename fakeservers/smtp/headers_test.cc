#include "fakeservers/smtp/headers.h"

#include <gtest/gtest.h>

namespace mailrig::fakeservers::smtp {
namespace {

constexpr std::string_view message =
    "Received: by a\r\n\tfor b\r\nFrom: \"Anna, B\" <anna@zillum.test>\r\nSubject:  x \r\n\r\nFrom: body\r\n";

TEST(SmtpHeader, IsReadWithItsPlaces) {
  Header header = Header::of(message);
  ASSERT_EQ(header.fields().size(), 3U);
  EXPECT_EQ(header.fields()[0].name, "Received");
  EXPECT_EQ(header.fields()[0].value, "by a\r\n\tfor b");
  EXPECT_EQ(header.value("received"), "by a\tfor b");
  EXPECT_EQ(header.value("SUBJECT"), "x");
  EXPECT_EQ(header.value("To"), "");
  EXPECT_EQ(header.find("To"), nullptr);
  EXPECT_EQ(message.substr(0, header.end()),
            "Received: by a\r\n\tfor b\r\nFrom: \"Anna, B\" <anna@zillum.test>\r\nSubject:  x \r\n");
  EXPECT_EQ(message.substr(header.body()), "From: body\r\n");
}

TEST(SmtpHeader, EdgesOfMessages) {
  EXPECT_EQ(Header::of("").fields().size(), 0U);
  EXPECT_EQ(Header::of("\r\nbody").body(), 2U);
  EXPECT_EQ(Header::of("A: b").value("a"), "b");
  EXPECT_EQ(Header::of("A: b\n\nbody").body(), 6U);
  Header broken = Header::of("A: b\r\nno field\r\n\r\nbody");
  EXPECT_EQ(broken.fields().size(), 1U);
  EXPECT_EQ(broken.end(), 6U);
  EXPECT_EQ(broken.body(), 6U);
  EXPECT_EQ(Header::of(" folded into nothing: x\r\n").fields().size(), 1U);
  EXPECT_EQ(Header::of(": x\r\n").fields().size(), 0U);
  EXPECT_EQ(Header::of("A:\r\n\r\n").value("A"), "");
}

TEST(SmtpHeader, TheAddressInAField) {
  EXPECT_EQ(address_in("anna@zillum.test"), "anna@zillum.test");
  EXPECT_EQ(address_in(" Anna <anna@zillum.test>"), "anna@zillum.test");
  EXPECT_EQ(address_in(R"("A <not@this.test>" < anna@zillum.test >)"), "anna@zillum.test");
  EXPECT_EQ(address_in(R"((a \) <no@no>) anna@zillum.test)"), "anna@zillum.test");
  EXPECT_EQ(address_in(R"("a \" <b" <c@d>)"), "c@d");
  EXPECT_EQ(address_in("a@b, c@d"), "a@b");
  EXPECT_EQ(address_in("A\r\n <a@b>"), "a@b");
  EXPECT_EQ(address_in("A <a@b"), "a@b");
  EXPECT_EQ(address_in(""), "");
}

TEST(SmtpHeader, SenderGoesBehindFrom) {
  EXPECT_EQ(with_sender(message, "s@t"),
            "Received: by a\r\n\tfor b\r\nFrom: \"Anna, B\" <anna@zillum.test>\r\nSender: s@t\r\nSubject:  x "
            "\r\n\r\nFrom: body\r\n");
  EXPECT_EQ(with_sender("From: a@b\r\n\r\nx", "s@t"), "From: a@b\r\nSender: s@t\r\n\r\nx");
  EXPECT_EQ(with_sender("Sender: old@x\r\nFrom: a@b\r\nsender: older@x\r\n\r\nx", "s@t"),
            "From: a@b\r\nSender: s@t\r\n\r\nx");
  EXPECT_EQ(with_sender("To: a@b\r\n\r\nx", "s@t"), "Sender: s@t\r\nTo: a@b\r\n\r\nx");
}

TEST(SmtpHeader, FromKeepsItsName) {
  EXPECT_EQ(with_from(message, "u@v"),
            "Received: by a\r\n\tfor b\r\nFrom: \"Anna, B\" <u@v>\r\nSubject:  x \r\n\r\nFrom: body\r\n");
  EXPECT_EQ(with_from("From: a@b\r\n\r\nx", "u@v"), "From: u@v\r\n\r\nx");
  EXPECT_EQ(with_from("To: a@b\r\n\r\nx", "u@v"), "From: u@v\r\nTo: a@b\r\n\r\nx");
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
