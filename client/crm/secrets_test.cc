#include "client/crm/secrets.h"

#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

TEST(CrmSecrets, AreMaskedWhereverAndHoweverTheyAre) {
  CrmSecrets secrets;
  secrets.add("hush hush/", "client secret");
  secrets.add("hush", "refresh token");
  EXPECT_EQ(secrets.mask("a hush hush/ b hush%20hush%2F c hush"),
            "a <client secret> b <client secret> c <refresh token>");
  EXPECT_EQ(secrets.mask("nothing"), "nothing");
}

TEST(CrmSecrets, ShortAndEmptyOnesMaskNothing) {
  CrmSecrets secrets;
  secrets.add("", "access token");
  secrets.add("t", "access token");
  EXPECT_EQ(secrets.mask("text"), "text");
}

TEST(CrmSecrets, TokensOfZohosFormAreKnownByTheirForm) {
  const CrmSecrets secrets;
  EXPECT_EQ(secrets.mask(R"({"t":"1000.5ec2e75ec2e75ec2e7.c0ffee"} 1000.25 1000.5ec2e75ec2e75ec2e7)"),
            R"({"t":"<token>"} 1000.25 <token>)");
}

}  // namespace
}  // namespace mailrig::client
