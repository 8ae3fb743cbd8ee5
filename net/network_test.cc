#include "net/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig {
namespace {

using ::testing::HasSubstr;

std::string refusal(std::string_view text) {
  Result<Endpoint> endpoint = parse_endpoint(text);
  if (endpoint) return "accepted as " + to_string(*endpoint);
  EXPECT_EQ(endpoint.error().code, Errc::bad_input);
  return endpoint.error().message;
}

TEST(Endpoint, PutsBracketsAroundIpv6Only) {
  EXPECT_EQ(to_string(Endpoint{"pop.isp.test", 995}), "pop.isp.test:995");
  EXPECT_EQ(to_string(Endpoint{"127.0.0.1", 1}), "127.0.0.1:1");
  EXPECT_EQ(to_string(Endpoint{"::1", 110}), "[::1]:110");
}

TEST(Endpoint, IsReadBack) {
  EXPECT_EQ(*parse_endpoint("pop.isp.test:995"), (Endpoint{"pop.isp.test", 995}));
  EXPECT_EQ(*parse_endpoint("127.0.0.1:1"), (Endpoint{"127.0.0.1", 1}));
  EXPECT_EQ(*parse_endpoint("[::1]:65535"), (Endpoint{"::1", 65535}));
  EXPECT_EQ(*parse_endpoint("[2001:db8::25]:25"), (Endpoint{"2001:db8::25", 25}));
}

TEST(Endpoint, SaysWhatIsWrong) {
  EXPECT_EQ(
      refusal("pop.isp.test"),
      "\"pop.isp.test\" is not HOST:PORT: the port is missing; write for example pop.example.com:995 or [::1]:110");
  EXPECT_THAT(refusal(""), HasSubstr("the port is missing"));
  EXPECT_THAT(refusal("::1:110"), HasSubstr("an IPv6 address stands in brackets"));
  EXPECT_THAT(refusal("[::1:110"), HasSubstr("an IPv6 address stands in brackets"));
  EXPECT_THAT(refusal("::1]:110"), HasSubstr("an IPv6 address stands in brackets"));
  EXPECT_THAT(refusal(":995"), HasSubstr("the host is missing"));
  EXPECT_THAT(refusal("[]:995"), HasSubstr("the host is missing"));
  for (const char* text :
       {"host:", "host:0", "host:65536", "host:-1", "host:+1", "host: 1", "host:1x", "host:99999999999"})
    EXPECT_THAT(refusal(text), HasSubstr("the port is not 1 to 65535")) << text;
  EXPECT_THAT(refusal("ho\x1Bst"), HasSubstr("\"ho\\x1Bst\""));
}

}  // namespace
}  // namespace mailrig
