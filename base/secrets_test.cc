#include "base/secrets.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace mailrig {
namespace {

using namespace std::string_literals;

Secrets with(std::string_view password, std::string_view user = "anna") {
  Secrets secrets;
  secrets.add_login(user, password);
  return secrets;
}

// The encoded forms were made with base64(1), xxd(1) and Python's urllib and quopri, not with this code.
TEST(Secrets, EveryFormIsMasked) {
  const Secrets secrets = with("s3cr/t=\"&q");
  for (const char* said : {
           "s3cr/t=\"&q",                                         // as it is
           "S3CR/T=\"&Q",                                         // a server that writes all in capitals
           "s3cr\\/t=\\\"&q",                                     // JSON, the slash escaped too
           "s3cr/t=\\\"&q",                                       // JSON
           "s3cr/t=&quot;&amp;q",                                 // XML
           "s3cr/t=&#34;&#38;q",                                  // XML by numbers
           "s3cr%2Ft%3D%22%26q",                                  // percent-encoded
           "s3cr%2ft%3d%22%26q",                                  //
           "%73%33%63%72%2f%74%3d%22%26%71",                      // every octet
           "s3cr/t=3D\"&q",                                       // quoted-printable
           "=73=33=63=72=2F=74=3D=22=26=71",                      //
           "733363722f743d222671",                                // hexadecimal
           "733363722F743D222671",                                //
           "73 33 63 72 2f 74 3d 22 26 71",                       //
           "73:33:63:72:2F:74:3D:22:26:71",                       //
           "\\x73\\x33\\x63\\x72\\x2f\\x74\\x3d\\x22\\x26\\x71",  //
           "\\u0073\\u0033\\u0063\\u0072\\u002f\\u0074\\u003d\\u0022\\u0026\\u0071",
           "czNjci90PSImcQ==",                                  // base64, alone
           "AGFubmEAczNjci90PSImcQ==",                          // SASL PLAIN
           "eHMzY3IvdD0iJnE=",                                  // base64 after one octet: "xs3cr..."
           "eHhzM2NyL3Q9IiZx",                                  // after two
           "dXNlcj1hbm5hAWF1dGg9QmVhcmVyIHMzY3IvdD0iJnEBAQ==",  // XOAUTH2
       }) {
    EXPECT_EQ(secrets.masked("-ERR "s + said), "-ERR <password>") << said;
    EXPECT_EQ(secrets.masked("-ERR ["s + said + "] no"), "-ERR [<password>] no") << said;
  }
  EXPECT_EQ(with("\xfb\xff\xfe\xfb\xff").masked("x -__--_8 y +//++/8= z"),
            "x <password> y <password> z");  // both alphabets
}

TEST(Secrets, WhatIsNoSecretStays) {
  const Secrets secrets = with("s3cret");
  for (const char* said :
       {"", "+OK", "-ERR s3cre no", "-ERR 3cret", "+OK 7333 octets", "PASS <password>", "s 3 c r e t"})
    EXPECT_EQ(secrets.masked(said), said);
  EXPECT_EQ(Secrets{}.masked("s3cret"), "s3cret");
  Secrets none;
  none.add("");
  none.add_login("anna", "");
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(with("password").masked("PASS <password> is no password"), "PASS <password> is no <password>");
}

TEST(Secrets, AnywhereInATextAndMoreThanOnce) {
  Secrets secrets = with("s3cret");
  secrets.add("s3cret-too");
  secrets.add("hunter2");
  EXPECT_EQ(secrets.masked("xs3crety hunter2, s3cret-too."), "x<password>y <password>, <password>.");
  EXPECT_EQ(secrets.masked("s3crets3cret"), "<password>");
  EXPECT_EQ(secrets.masked("aas3cretbb"), "aa<password>bb");
}

TEST(Secrets, AShortOneIsMaskedAsAWordOnly) {
  const Secrets secrets = with("pw");
  EXPECT_EQ(secrets.masked("PASS pw"), "PASS <password>");
  EXPECT_EQ(secrets.masked("\"PW\", power, spw, pw2, pw."), "\"<password>\", power, spw, pw2, <password>.");
  EXPECT_EQ(secrets.masked("7077 cHc= cHc"), "<password> <password> <password>");
  EXPECT_EQ(secrets.masked("xcHcx"), "xcHcx");
  EXPECT_EQ(secrets.masked("334 AGFubmEAcHc="), "334 <password>");      // \0anna\0pw
  EXPECT_EQ(secrets.masked("334 YW5uYQBhbm5hAHB3"), "334 <password>");  // anna\0anna\0pw
  EXPECT_EQ(with("x").masked("x xx -ERR x"), "<password> xx -ERR <password>");
}

// Of python3 base64.b64encode, twice, at several alignments of either.
TEST(Secrets, Base64OfBase64IsMasked) {
  const Secrets secrets = with("s3cret");
  for (std::string_view twice :
       {"Y3pOamNtVjA=", "cWN6TmpjbVYwISE=", "cXFjek5qY21WMA==", "QUdGdWJtRUFjek5qY21WMA==",
        "cUFHRnVibUVBY3pOamNtVjAhIQ==", "cXFBR0Z1Ym1FQWN6TmpjbVYw", "ZUhNelkzSmxkQT09", "cWVITXpZM0psZEE9PSEh",
        "cXFlSE16WTNKbGRBPT0=", "ZUhoek0yTnlaWFI1", "cWVIaHpNMk55WlhSNSEh", "cXFlSGh6TTJOeVpYUjU="})
    EXPECT_EQ(secrets.masked("535 " + std::string(twice) + " no"), "535 <password> no") << twice;
  EXPECT_EQ(secrets.masked("535 YW5vdGhlcndvcmQ= YW5vdGhlciB3b3Jk"), "535 YW5vdGhlcndvcmQ= YW5vdGhlciB3b3Jk");
  EXPECT_EQ(with("pw").masked("334 QUdGdWJtRUFjSGM9, Y0hjPQ=="), "334 <password>, <password>");
}

TEST(Secrets, WhereATextIsCutAPartIsMaskedToo) {
  const Secrets secrets = with("correct-horse");
  for (std::size_t cut = 4; cut < 13; ++cut) {
    const std::string part = "correct-horse"s.substr(0, cut);
    EXPECT_EQ(secrets.masked("-ERR " + part), "-ERR <password>");
    EXPECT_EQ(secrets.masked("-ERR " + part + "... (12 octets more)"), "-ERR <password>... (12 octets more)");
    EXPECT_EQ(secrets.masked("it says \"" + part + "\"; no"), "it says \"<password>\"; no");
    EXPECT_EQ(secrets.masked("{\"error\": \"no " + part + " ..."), "{\"error\": \"no <password> ...") << "by to_json()";
  }
  EXPECT_EQ(secrets.masked("a correct answer"), "a correct answer");
}

// A server that breaks its lines within a secret.
TEST(Secrets, SplitOverTwoLinesItShowsAtMostThreeOctetsOfEither) {
  const std::string secret = "correct-horse";
  const Secrets secrets = with(secret);
  for (std::size_t cut = 1; cut < secret.size(); ++cut) {
    const std::string first = secrets.masked("535-" + secret.substr(0, cut));
    const std::string second = secrets.masked("535 " + secret.substr(cut));
    EXPECT_EQ(first, cut < 4 ? "535-" + secret.substr(0, cut) : "535-<password>") << cut;
    EXPECT_EQ(second, secret.size() - cut < 4 ? "535 " + secret.substr(cut) : "535 <password>") << cut;
  }
}

TEST(Secrets, ABlankedLineKeepsItsLength) {
  const Secrets secrets = with("s3cret");
  EXPECT_EQ(secrets.blanked(R"("password": "s3cret", "x": 1)"), R"("password": "******", "x": 1)");
}

// Twice the text, twice the time, within what a loaded machine allows: quadratic would be fourfold and more.
TEST(Secrets, CostIsLinear) {
  Secrets secrets;
  for (int i = 0; i < 500; ++i) secrets.add_login("user" + std::to_string(i), "pw-of-user-" + std::to_string(i));
  auto took = [&](std::size_t octets) {
    std::string text;
    while (text.size() < octets) text += "+OK 1 message (120 octets) of user 17 pw-of- follows; AGFubmE ";
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(secrets.masked(text), text);
    return std::chrono::steady_clock::now() - start;
  };
  took(100'000);
  EXPECT_LT(took(4'000'000) / 4, std::chrono::seconds(2));
}

}  // namespace
}  // namespace mailrig
