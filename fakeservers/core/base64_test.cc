#include "fakeservers/core/base64.h"

#include <gtest/gtest.h>

namespace mailrig::fakeservers {
namespace {

TEST(Base64, TheVectorsOfTheRfc) {  // RFC 4648 section 10
  for (auto [bytes, text] :
       {std::pair{"", ""}, std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="}, std::pair{"foo", "Zm9v"},
        std::pair{"foob", "Zm9vYg=="}, std::pair{"fooba", "Zm9vYmE="}, std::pair{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
  }
}

TEST(Base64, AllOctets) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  EXPECT_EQ(to_base64(all).substr(0, 8), "AAECAwQF");
  EXPECT_EQ(to_base64(all).substr(336), "/P3+/w==");
  EXPECT_EQ(from_base64(to_base64(all)), all);
}

TEST(Base64, WhatIsNone) {
  for (std::string_view text : {"Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zm9v\r\n", "Zm 9", "Zm9*",
                                "Zg==Zg==", "Z=g=", "Zh==", "Zm9=", "Zm-_"})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace mailrig::fakeservers
