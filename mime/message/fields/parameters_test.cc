#include "mime/message/fields/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "mime/message/coding/transfer_encoding.h"
#include "mime/message/fields/content_type.h"
#include "mime/message/fields/disposition.h"
#include "mime/testing/cost.h"

namespace mailrig::mime {
namespace {

using ::testing::ElementsAre;
using testing::growth;
using testing::growth_max;
using ::testing::IsEmpty;
using testing::repeated;
using ::testing::UnorderedElementsAre;

std::vector<Parameter> parameters(std::string_view text, Defects* defects = nullptr) {
  Tokens tokens(text, defects);
  return parse_parameters(tokens, defects);
}

Parameter p(std::string name, std::string value, std::string language = {}) {
  return {std::move(name), std::move(value), std::move(language)};
}

TEST(Parameters, Plain) {
  EXPECT_THAT(parameters("; charset=us-ascii (Plain text)"), ElementsAre(p("charset", "us-ascii")));
  EXPECT_THAT(parameters(";\r\n\tCharset = \"us-ascii\" ; x=(c)y"), ElementsAre(p("charset", "us-ascii"), p("x", "y")));
  EXPECT_THAT(parameters("; name=\"a \\\"b\\\"; c\\\\d\""), ElementsAre(p("name", "a \"b\"; c\\d")));
  EXPECT_THAT(parameters("; boundary=\"foo\r\n bar\""), ElementsAre(p("boundary", "foo bar")));
  EXPECT_THAT(parameters("; name=\"\""), ElementsAre(p("name", "")));
  EXPECT_THAT(parameters(";;; ;"), IsEmpty());
}

// RFC 2231 §3 and §4.
TEST(Parameters, ContinuedAndEncoded) {
  EXPECT_THAT(parameters("; URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\""),
              ElementsAre(p("url", "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar")));
  EXPECT_THAT(parameters(";\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"),
              ElementsAre(p("title", "This is ***fun***", "en-us")));
  EXPECT_THAT(parameters("; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n"
                         " title*2=\"isn't it!\""),
              ElementsAre(p("title", "This is even more ***fun*** isn't it!", "en")));
}

TEST(Parameters, SectionsInAnyOrderAndCutAnywhere) {
  EXPECT_THAT(parameters("; n*2=c; n*0*=utf-8''a; x=y; n*1=b"), UnorderedElementsAre(p("n", "abc"), p("x", "y")));
  EXPECT_THAT(parameters("; n*10=k; n*9=j; n*0=a"), ElementsAre(p("n", "ajk")));
  EXPECT_THAT(parameters("; n*0*=utf-8''%C3; n*1*=%BC"), ElementsAre(p("n", "\xc3\xbc")));
  EXPECT_THAT(parameters("; n*0*=iso-8859-1''%FC; n*1=%FC; n*2*=%FC"), ElementsAre(p("n", "\xc3\xbc%FC\xc3\xbc")));
  EXPECT_THAT(parameters("; n*0=\"=?utf-8?Q?a=C3\"; n*1=\"=BC?=\""), ElementsAre(p("n", "a\xc3\xbc")));
  EXPECT_THAT(parameters("; n=short; n*=utf-8''l%C3%B6ng"), ElementsAre(p("n", "l\xc3\xb6ng")));
  EXPECT_THAT(parameters("; n*=utf-8''l%C3%B6ng; n=short"), ElementsAre(p("n", "l\xc3\xb6ng")));
}

struct Wild {
  std::string_view text;
  std::vector<Parameter> expected;
  DefectCode defect;
};

TEST(Parameters, OfTheWild) {
  using enum DefectCode;
  const Wild cases[] = {
      {"; name=my file.pdf; x=y", {p("name", "my file.pdf"), p("x", "y")}, unquoted_parameter},
      {"; name=report (1).pdf", {p("name", "report (1).pdf")}, unquoted_parameter},
      {"; boundary=a:b/c=d", {p("boundary", "a:b/c=d")}, unquoted_parameter},
      {"; name=gr\xc3\xbcn.txt", {p("name", "gr\xc3\xbcn.txt")}, utf8_header},
      {"; name=\"gr\xfcn.txt\"", {p("name", "gr\xc3\xbcn.txt")}, eight_bit_header},
      {"; name=\"=?utf-8?Q?gr=C3=BCn?= =?utf-8?Q?.txt?=\"", {p("name", "gr\xc3\xbcn.txt")}, encoded_word_in_parameter},
      {"; name==?utf-8?Q?a=3Bb;c?=.txt", {p("name", "a;b;c.txt")}, encoded_word_in_parameter},
      {"; a=b\r\n c=d", {p("a", "b"), p("c", "d")}, missing_semicolon},
      {"; a=\"b\" c=d", {p("a", "b"), p("c", "d")}, missing_semicolon},
      {"; a=b, c=d", {p("a", "b"), p("c", "d")}, missing_semicolon},
      {"; a=\"b\" junk; c=d", {p("a", "b"), p("c", "d")}, invalid_parameter},
      {"; junk a=b", {p("a", "b")}, invalid_parameter},
      {"; bare; a=b", {p("a", "b")}, invalid_parameter},
      {"; =b; a=b", {p("a", "b")}, invalid_parameter},
      {"; a=; b=c", {p("b", "c")}, invalid_parameter},
      {"; \"quoted; x\"; a=b", {p("a", "b")}, invalid_parameter},
      {"; a=b; A=c", {p("a", "b")}, duplicate_parameter},
      {"; a*0=b; a*0=c; a*1=d", {p("a", "bd")}, duplicate_parameter},
      {"; a*0=b; a*2=d", {p("a", "bd")}, parameter_gap},
      {"; a*1=b; a*2=d", {p("a", "bd")}, parameter_gap},
      {"; a*=utf-8''100%; b=c", {p("b", "c"), p("a", "100%")}, bad_percent_encoding},
      {"; a*=utf-8''%zz%4", {p("a", "%zz%4")}, bad_percent_encoding},
      {"; a*=x-unheard-of'de'b", {p("a", "b", "de")}, unknown_charset},
      {"; a*=utf-8''%FF", {p("a", "\xef\xbf\xbd")}, unmappable_text},
      {"; a=\"b", {p("a", "b")}, unclosed_quote},
      {"; a=b (c; d=e", {p("a", "b (c"), p("d", "e")}, unquoted_parameter},
      {"; a=\"b\" (c", {p("a", "b")}, unclosed_comment},
      {"; a**=b", {p("a", "b")}, invalid_parameter}};
  for (const Wild& c : cases) {
    Defects defects(c.text);
    EXPECT_EQ(parameters(c.text, &defects), c.expected) << c.text;
    EXPECT_TRUE(defects.has(c.defect)) << c.text << " lacks " << kind_of(c.defect).name;
  }
}

TEST(Parameters, WithoutCharsetOrLanguage) {
  EXPECT_THAT(parameters("; a*=plain%20text"), ElementsAre(p("a", "plain text")));
  EXPECT_THAT(parameters("; a*=\"=?utf-8?Q?=C3=BC?=\""), ElementsAre(p("a", "\xc3\xbc")));
  EXPECT_THAT(parameters("; a*=''x%20y"), ElementsAre(p("a", "x y")));
  EXPECT_THAT(parameters("; a*=utf-8'b%20c"), ElementsAre(p("a", "b c")));
  EXPECT_THAT(parameters("; a*=it's"), ElementsAre(p("a", "it's")));
  EXPECT_THAT(parameters("; a*=\"utf-8''b%20c\""), ElementsAre(p("a", "b c")));
}

TEST(Parameters, HaveTheirLimit) {
  std::string many;
  for (int i = 0; i < 300; ++i) many += "; n" + std::to_string(i) + "=x";
  Defects defects(many);
  EXPECT_EQ(parameters(many, &defects).size(), parameters_max);
  EXPECT_TRUE(defects.has(DefectCode::parameter_count_limit));
}

TEST(Parameters, HostileFieldsCostInProportionToTheirLength) {
  for (std::string_view piece : {"; a=\"", "(", "; a=(", " b", "=", "; =?x?q?", "a=b ", "; a*=%", ", a"}) {
    const std::string text = repeated(piece, 50'000, "; x=");
    EXPECT_LT(growth(text, [](std::string_view part) { parameters(part); }), growth_max) << piece;
    Defects defects(text);
    const std::vector<Parameter> found = parameters(text, &defects);
    EXPECT_LE(found.size(), parameters_max) << piece;
    std::size_t octets = 0;
    for (const Parameter& parameter : found) {
      octets += parameter.name.size() + parameter.value.size() + parameter.language.size();
      EXPECT_FALSE(parameter.name.empty()) << piece;
      EXPECT_TRUE(is_well_formed_utf8(parameter.value)) << piece;
    }
    EXPECT_LE(octets, text.size()) << piece;
    EXPECT_FALSE(defects.empty()) << piece;
    for (const Defect& defect : defects.list()) EXPECT_LE(defect.offset + defect.length, text.size()) << piece;
  }
}

TEST(Parameters, OfHostileFieldsTheFirstOfEachNameCounts) {
  EXPECT_THAT(parameters(repeated("; a=b", 50'000, "; x=y")), ElementsAre(p("x", "y"), p("a", "b")));
  EXPECT_THAT(parameters(repeated("; a*=%", 50'000, "; x=y")), UnorderedElementsAre(p("x", "y"), p("a", "%")));
}

TEST(Parameters, CutAnywhere) {
  constexpr std::string_view whole =
      "; a*0*=utf-8'de'gr%C3%BC; a*1=\"\\\"n\"; b=x (c\\)) y; d==?utf-8?Q?=C3=A9?= e=f, g=h";
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string text(whole.substr(0, cut));  // so that reading behind the end is seen
    Defects defects(text);
    parameters(text, &defects);
    for (const Defect& defect : defects.list()) EXPECT_LE(defect.offset + defect.length, text.size()) << text;
  }
}

TEST(ContentTypes, OfEveryShape) {
  ContentType type = parse_content_type(" (hello) Text (plain) / (world) PLAIN (eod); charset=utf-8\r\n");
  EXPECT_TRUE(type.is("text", "plain"));
  EXPECT_TRUE(type.is_valid());
  ASSERT_NE(type.find("charset"), nullptr);
  EXPECT_EQ(*type.find("charset"), "utf-8");
  EXPECT_EQ(type.find("boundary"), nullptr);
  EXPECT_TRUE(parse_content_type("application/vnd.ms-excel+x;").is("application", "vnd.ms-excel+x"));
}

TEST(ContentTypes, OfTheWild) {
  using enum DefectCode;
  struct Case {
    std::string_view text, type, subtype;
    DefectCode defect;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"", "", "", invalid_content_type},
                                   {"text", "text", "", invalid_content_type},
                                   {"text/", "text", "", invalid_content_type},
                                   {"/plain", "", "plain", invalid_content_type},
                                   {"text/plain/format", "text", "plain", invalid_content_type},
                                   {"text/plain charset=x", "text", "plain", missing_semicolon},
                                   {"text/plain, charset=x", "text", "plain", missing_semicolon},
                                   {"text/html \"x\"; charset=x", "text", "html", invalid_content_type}}) {
    Defects defects(c.text);
    const ContentType type = parse_content_type(c.text, &defects);
    EXPECT_EQ(type.type, c.type) << c.text;
    EXPECT_EQ(type.subtype, c.subtype) << c.text;
    EXPECT_TRUE(defects.has(c.defect)) << c.text;
    EXPECT_EQ(type.find("charset") != nullptr, c.text.ends_with("charset=x")) << c.text;
  }
}

TEST(Dispositions, OfEveryShape) {
  Disposition disposition = parse_disposition(" Attachment; filename=genome.jpeg;\r\n size=\"1\"");
  EXPECT_EQ(disposition.kind, "attachment");
  EXPECT_EQ(*disposition.find("filename"), "genome.jpeg");
  EXPECT_EQ(*disposition.find("size"), "1");
  EXPECT_EQ(parse_disposition("inline").kind, "inline");
  EXPECT_EQ(parse_disposition("\"attachment\"; filename=x").kind, "attachment");
  EXPECT_EQ(*parse_disposition("attachment filename=x").find("filename"), "x");
}

TEST(Dispositions, WithoutAKind) {
  for (std::string_view text : {"", "; filename=x", "filename=x", "filename = \"x\""}) {
    Defects defects(text);
    const Disposition disposition = parse_disposition(text, &defects);
    EXPECT_EQ(disposition.kind, "") << text;
    EXPECT_TRUE(defects.has(DefectCode::invalid_disposition)) << text;
    EXPECT_EQ(disposition.find("filename") != nullptr, !text.empty()) << text;
  }
}

TEST(TransferEncodings, ByTheirNames) {
  using enum TransferEncoding;
  const std::pair<std::string_view, TransferEncoding> right[] = {
      {" 7bit\r\n", seven_bit}, {"8BIT", eight_bit},
      {"binary", binary},       {"Quoted-Printable", quoted_printable},
      {"base64", base64},       {"(c) base64 (d)", base64},
      {"x-uuencode", uuencode}, {"uuencode", uuencode}};
  for (const auto& [text, encoding] : right) {
    Defects defects(text);
    EXPECT_EQ(parse_transfer_encoding(text, &defects), encoding) << text;
    EXPECT_TRUE(defects.empty()) << text;
  }
  const std::pair<std::string_view, TransferEncoding> wrong[] = {{"8-bit", eight_bit},
                                                                 {"\"base64\"", base64},
                                                                 {"base64;", base64},
                                                                 {"quoted_printable", quoted_printable},
                                                                 {"7bit and more", seven_bit},
                                                                 {"base-64", base64},
                                                                 {"utf-8", unknown},
                                                                 {"x-gzip64", unknown},
                                                                 {";", unknown}};
  for (const auto& [text, encoding] : wrong) {
    Defects defects(text);
    EXPECT_EQ(parse_transfer_encoding(text, &defects), encoding) << text;
    EXPECT_TRUE(defects.has(DefectCode::unknown_transfer_encoding)) << text;
  }
  EXPECT_EQ(parse_transfer_encoding(" \r\n"), seven_bit);
  EXPECT_EQ(to_string(quoted_printable), "quoted-printable");
  EXPECT_EQ(to_string(unknown), "unknown");
}

}  // namespace
}  // namespace mailrig::mime
