#include "mime/compose/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig::mime {
namespace {

constexpr Instant june = std::chrono::sys_days{std::chrono::year{2014} / 6 / 2} + 9h;

Draft draft_of(std::string text) {
  return {.from = {{"Anna", "anna@zillum.test"}},
          .to = {Address{"Bert", "bert@customer.test"}},
          .subject = "hello",
          .text = std::move(text),
          .date = june,
          .message_id = "17@zillum.test"};
}

std::string composed(const Draft& draft, Transport transport = {}) {
  Prng prng(1);
  Result<std::string> message = compose(draft, transport, prng);
  return message ? *message : "error: " + message.error().message;
}

std::string field(const std::string& message, std::string_view name) {
  const std::size_t at = message.find(std::string(name) + ": ");
  return at == std::string::npos ? "" : message.substr(at, message.find("\r\n", at) - at);
}

TEST(Compose, a_plain_message) {
  EXPECT_EQ(composed(draft_of("hello\nyou")),
            "Date: Mon, 02 Jun 2014 09:00:00 +0000\r\n"
            "From: Anna <anna@zillum.test>\r\n"
            "To: Bert <bert@customer.test>\r\n"
            "Message-ID: <17@zillum.test>\r\n"
            "Subject: hello\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=us-ascii\r\n"
            "Content-Transfer-Encoding: 7bit\r\n"
            "\r\n"
            "hello\r\nyou\r\n");
}

TEST(Compose, the_transfer_encoding_is_what_the_server_takes) {
  Draft draft = draft_of("Grüße aus dem Norden und bis bald\n");
  EXPECT_TRUE(
      composed(draft).ends_with("charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                                "Gr=C3=BC=C3=9Fe aus dem Norden und bis bald\r\n"));
  EXPECT_TRUE(composed(draft, {.eight_bit = true})
                  .ends_with("Content-Transfer-Encoding: 8bit\r\n\r\nGrüße aus dem Norden und bis bald\r\n"));
}

TEST(Compose, a_date_in_the_senders_zone) {
  Draft draft = draft_of("x");
  draft.offset_minutes = -210;
  EXPECT_EQ(field(composed(draft), "Date"), "Date: Mon, 02 Jun 2014 05:30:00 -0330");
}

TEST(Compose, identifiers_come_from_the_prng_and_the_authors_domain) {
  Draft draft = draft_of("x");
  draft.message_id.clear();
  const std::string first = field(composed(draft), "Message-ID");
  EXPECT_EQ(first.size(), std::string_view("Message-ID: <@zillum.test>").size() + 32);
  EXPECT_TRUE(first.ends_with("@zillum.test>"));
  EXPECT_EQ(first, field(composed(draft), "Message-ID"));
  Prng other(2);
  EXPECT_NE(first, field(*compose(draft, {}, other), "Message-ID"));
}

TEST(Compose, bcc_is_for_the_envelope_only) {
  Draft draft = draft_of("x");
  draft.bcc = {Address{"", "secret@x.test"}};
  draft.cc = {Address{"", "bert@customer.test"}};
  Prng prng(1);
  std::string message;
  Result<Composed> done = compose(draft, {}, prng, [&](std::string_view octets) -> Status {
    message += octets;
    return {};
  });
  ASSERT_TRUE(done);
  EXPECT_EQ(done->recipients, (std::vector<std::string>{"bert@customer.test", "secret@x.test"}));
  EXPECT_EQ(message.find("secret"), std::string::npos);
  EXPECT_EQ(message.find("Bcc"), std::string::npos);
}

TEST(Compose, groups_and_local_parts_in_quotes) {
  Draft draft = draft_of("x");
  draft.to = {Recipient("Team: A", {{"", "john doe@x.test"}, {"Äda", "a.b@x.test"}}),
              Recipient("undisclosed-recipients", {}), Address{"", "\"in quotes\"@x.test"}};
  EXPECT_EQ(composed(draft).substr(composed(draft).find("To:"), 164),
            "To: \"Team: A\": \"john doe\"@x.test, =?UTF-8?Q?=C3=84da?= <a.b@x.test>;,\r\n"
            " undisclosed-recipients:;, \"in quotes\"@x.test\r\n"
            "Message-ID: <17@zillum.test>\r\nSubject: hello\r\n");
}

TEST(Compose, of_several_authors_one_is_the_sender) {
  Draft draft = draft_of("x");
  draft.sender = draft.from[0];
  EXPECT_EQ(field(composed(draft), "Sender"), "");
  draft.sender = Address{"", "office@zillum.test"};
  EXPECT_EQ(field(composed(draft), "Sender"), "Sender: office@zillum.test");
  draft.sender.reset();
  draft.from.push_back({"", "bea@zillum.test"});
  EXPECT_EQ(field(composed(draft), "Sender"), "Sender: Anna <anna@zillum.test>");
}

TEST(Compose, resent_fields_stand_first_in_their_order) {
  Draft draft = draft_of("x");
  draft.resent.push_back({.from = {{"", "c@x.test"}},
                          .to = {Address{"", "d@x.test"}},
                          .bcc = {Address{"", "e@x.test"}},
                          .date = june + 24h,
                          .message_id = "1@x.test"});
  EXPECT_TRUE(composed(draft).starts_with(
      "Resent-Date: Tue, 03 Jun 2014 09:00:00 +0000\r\nResent-From: c@x.test\r\nResent-To: d@x.test\r\n"
      "Resent-Message-ID: <1@x.test>\r\nDate: Mon, 02"));
  Prng prng(1);
  EXPECT_EQ(*resent_fields(draft.resent[0], {}, prng),
            "Resent-Date: Tue, 03 Jun 2014 09:00:00 +0000\r\nResent-From: c@x.test\r\nResent-To: d@x.test\r\n"
            "Resent-Message-ID: <1@x.test>\r\n");
}

/// The types of all parts, in order.
std::string types_of(const std::string& message) {
  std::string types;
  for (std::size_t at = message.find("Content-Type: "); at != std::string::npos;
       at = message.find("Content-Type: ", at)) {
    at += std::string_view("Content-Type: ").size();
    types += message.substr(at, message.find_first_of(";\r", at) - at) + ' ';
  }
  return types;
}

TEST(Compose, alternatives_pages_and_attachments_nest) {
  Draft draft = draft_of("x");
  draft.html = "<img src=\"cid:logo@x.test\">";
  EXPECT_EQ(types_of(composed(draft)), "multipart/alternative text/plain text/html ");
  draft.inline_parts = {
      {.name = "logo.png", .type = "image/png", .content = Source::of("PNG"), .content_id = "logo@x.test"}};
  EXPECT_EQ(types_of(composed(draft)), "multipart/alternative text/plain multipart/related text/html image/png ");
  draft.attachments = {{.name = "a.pdf", .type = "application/pdf", .content = Source::of("PDF")},
                       {.type = "message/rfc822", .content = Source::of("Subject: x\r\n\r\ny\r\n")}};
  const std::string message = composed(draft);
  EXPECT_EQ(types_of(message),
            "multipart/mixed multipart/alternative text/plain multipart/related text/html image/png application/pdf "
            "message/rfc822 ");
  EXPECT_NE(
      message.find("Content-ID: <logo@x.test>\r\nContent-Disposition: inline; filename=logo.png\r\n\r\nUE5H\r\n--"),
      std::string::npos);
  EXPECT_NE(message.find("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n"
                         "Content-Disposition: attachment\r\n\r\nSubject: x\r\n\r\ny\r\n\r\n--"),
            std::string::npos);
}

TEST(Compose, an_attachment_alone_is_a_part) {
  Draft draft = draft_of("");
  draft.text.reset();
  draft.attachments = {{.name = "a.bin", .content = Source::of("x")}};
  EXPECT_EQ(types_of(composed(draft)), "multipart/mixed application/octet-stream ");
  draft.attachments.clear();
  EXPECT_EQ(types_of(composed(draft)), "text/plain ");
}

TEST(Compose, a_forwarded_message_is_encoded_only_as_message_global) {
  Draft draft = draft_of("x");
  draft.attachments = {{.type = "message/rfc822", .content = Source::of("Subject: x\r\n\r\ngr\xC3\xBC\xC3\x9F\r\n")}};
  EXPECT_NE(composed(draft).find("Content-Type: message/global\r\nContent-Transfer-Encoding: base64\r\n"),
            std::string::npos);
  const std::string eight_bit = composed(draft, {.eight_bit = true});
  EXPECT_NE(eight_bit.find("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n"), std::string::npos);
  // What holds 8bit is 8bit (RFC 2045 §6.4).
  EXPECT_NE(eight_bit.find("\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--=_"), std::string::npos);
}

TEST(Compose, a_boundary_that_stands_in_the_content_is_not_taken) {
  Draft draft = draft_of("x");
  draft.attachments = {{.content = Source::of("x")}};
  std::string message = composed(draft);
  const std::size_t at = message.find("\r\n--=_") + 2;
  const std::string first = message.substr(at, message.find("\r\n", at) - at);
  draft.text = "a\n" + first + "\nb\n";
  message = composed(draft);
  // The text's own line is all that is left of it.
  EXPECT_EQ(message.find(first), message.rfind(first));
}

TEST(Compose, content_is_read_in_pieces_and_never_kept) {
  constexpr std::size_t pieces = 1600;  // 100 MiB
  static const std::string piece(65'536, '\xAB');
  std::size_t opened = 0;
  Draft draft = draft_of("x");
  draft.attachments = {{.content = Source([&opened] {
                          ++opened;
                          return [left = pieces]() mutable -> Result<std::string_view> {
                            return left-- == 0 ? std::string_view() : std::string_view(piece);
                          };
                        })}};
  std::size_t octets = 0, longest = 0;
  Prng prng(1);
  ASSERT_TRUE(compose(draft, {}, prng, [&](std::string_view written) -> Status {
    octets += written.size();
    longest = std::max(longest, written.size());
    return {};
  }));
  EXPECT_EQ(opened, 2U);
  EXPECT_GT(octets, pieces * 65'536 / 57 * 78);
  EXPECT_LT(longest, 100'000U);
}

TEST(Compose, content_that_changes_is_told) {
  bool again = false;
  Draft draft = draft_of("x");
  draft.attachments = {
      {.content = Source([&again] { return Source::of(std::exchange(again, true) ? "longer" : "short").open(); })}};
  EXPECT_EQ(composed(draft), "error: a part had 5 octets and now has 6: it must not change while it is read");
}

TEST(Compose, the_sinks_error_ends_the_writing) {
  Prng prng(1);
  std::size_t calls = 0;
  Result<Composed> done = compose(draft_of("x"), {}, prng, [&](std::string_view) -> Status {
    ++calls;
    return Error{Errc::environment, "the disk is full"};
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "the disk is full");
  EXPECT_EQ(calls, 1U);
}

TEST(Compose, what_cannot_be_written_is_refused) {
  auto with = [](auto change) {
    Draft draft = draft_of("x");
    change(draft);
    return composed(draft);
  };
  EXPECT_EQ(with([](Draft& d) { d.from.clear(); }), "error: From has no address");
  EXPECT_EQ(with([](Draft& d) { d.from[0].address = "anna"; }),
            "error: \"anna\" is not an address such as anna@example.test");
  EXPECT_EQ(with([](Draft& d) {
              d.bcc = {Address{"", "a@x..test"}};
            }),
            "error: \"a@x..test\" is not an address such as anna@example.test");
  EXPECT_EQ(with([](Draft& d) { d.from[0].address = "a@x.test\r\nBcc: b@x.test"; }),
            "error: \"a@x.test\\r\\nBcc: b@x.test\" is not an address such as anna@example.test");
  EXPECT_EQ(with([](Draft& d) { d.from[0].address = "ä@x.test"; }),
            "error: the address \"ä@x.test\" can only be written for a server that offers SMTPUTF8");
  // RFC 5890: the domain has A-labels.
  EXPECT_THAT(with([](Draft& d) {
                d.to = {Address{"", "user@müller.test"}};
              }),
              ::testing::HasSubstr("To: user@xn--mller-kva.test\r\n"));
  EXPECT_EQ(with([](Draft& d) { d.references = {"a b@x"}; }),
            "error: References: \"a b@x\" is no message identifier such as 17@example.test");
  EXPECT_EQ(with([](Draft& d) {
              d.fields = {{"Bcc", "x"}};
            }),
            "error: the field Bcc has a place of its own in a draft");
  EXPECT_EQ(with([](Draft& d) { d.fields = {{"X Y", "x"}}; }), "error: \"X Y\" is no name of a header field");
  EXPECT_EQ(with([](Draft& d) { d.attachments = {{.type = "pdf"}}; }),
            "error: \"pdf\" is no media type such as image/png");
}

TEST(Compose, smtputf8_leaves_utf8_in_the_header) {
  Draft draft = draft_of("x");
  draft.from[0] = {"Änne", "änne@bücher.test"};
  draft.subject = "Grüße";
  const std::string message = composed(draft, {.eight_bit = true, .utf8 = true});
  EXPECT_EQ(field(message, "From"), "From: Änne <änne@bücher.test>");
  EXPECT_EQ(field(message, "Subject"), "Subject: Grüße");
}

}  // namespace
}  // namespace mailrig::mime
