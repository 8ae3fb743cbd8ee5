#include "mime/compose/complete.h"

#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

const Instant now = *parse_instant("2014-06-02T09:00:00Z");
constexpr std::string_view own = "anna@zillum.test";

std::string completed(std::string_view raw) {
  Prng prng(1);
  Completed done = complete(raw, own, now, prng);
  const std::size_t at = done.message.find(done.message_id);
  if (done.message_id.size() == 44) done.message.replace(at, 44, "ID");
  return done.message;
}

TEST(Complete, AddsWhatIsMissingOnTop) {
  EXPECT_EQ(completed("Subject: x\r\n\r\nbody\r\n"),
            "From: anna@zillum.test\r\nDate: Mon, 02 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n"
            "Subject: x\r\n\r\nbody\r\n");
  const std::string whole = "FROM : a@b\r\ndate: x\nMessage-Id:\r\n <m@b>\r\n\r\nbody";
  EXPECT_EQ(completed(whole), whole);
}

TEST(Complete, KnowsTheMessageIdThatIsThere) {
  Prng prng(1);
  EXPECT_EQ(complete("Message-ID: <m@b>\r\n\r\n", own, now, prng).message_id, "m@b");
  EXPECT_EQ(complete("Message-ID: <m@b>\r\nMessage-ID: <second>\r\n\r\n", own, now, prng).message_id, "m@b");
  Completed broken = complete("From: a\r\nDate: x\r\nMessage-ID: none\r\n\r\n", own, now, prng);
  EXPECT_EQ(broken.message,
            "Message-ID: <" + broken.message_id + ">\r\nFrom: a\r\nDate: x\r\nMessage-ID: none\r\n\r\n");
}

TEST(Complete, TakesBccOutAndNothingElse) {
  EXPECT_EQ(completed("From: a\r\nDate: x\r\nMessage-ID: <m>\r\nBcc: c@x,\r\n d@x\r\nBccx: e\r\nbCC: f\nTo: "
                      "g\r\n\r\nBcc: body\r\n"),
            "From: a\r\nDate: x\r\nMessage-ID: <m>\r\nBccx: e\r\nTo: g\r\n\r\nBcc: body\r\n");
  EXPECT_EQ(completed("Bcc: c\r\nFrom: a\r\nDate: x\r\nMessage-ID: <m>\r\n\r\n"),
            "From: a\r\nDate: x\r\nMessage-ID: <m>\r\n\r\n");
}

TEST(Complete, ATextWithoutHeaderGetsOne) {
  EXPECT_EQ(
      completed("hello world\r\n"),
      "From: anna@zillum.test\r\nDate: Mon, 02 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n\r\nhello world\r\n");
  EXPECT_EQ(completed("\r\nbody"),
            "From: anna@zillum.test\r\nDate: Mon, 02 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\n\r\nbody");
  EXPECT_EQ(
      completed("Subject: x\r\n: y\r\n"),
      "From: anna@zillum.test\r\nDate: Mon, 02 Jun 2014 09:00:00 +0000\r\nMessage-ID: <ID>\r\nSubject: x\r\n\r\n: "
      "y\r\n");
}

}  // namespace
}  // namespace mailrig::mime
