#include "fakeservers/pop3/login_penalties.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fakeservers/testing/pop3_desk.h"

namespace mailrig::fakeservers::pop3 {
namespace {

using namespace std::chrono_literals;

// The waits are those of Dovecot 2.3.19.1 as Debian 12 packages it, measured over sockets with auth_failure_delay 2s.
struct Penalties : ::testing::Test {
  Penalties() {
    settings.login_penalty = 4s;
    settings.login_penalty_max = 15s;
    settings.login_penalty_lasts = 15s;
  }
  void wrong(const char* password, Duration after, const char* address = "127.0.0.2") {
    penalties.on_wrong(address, "anna", password, settings, start + after);
  }
  Duration waits(Duration after, const char* address = "127.0.0.2") const {
    return penalties.of(address, settings, start + after);
  }

  Settings settings;
  LoginPenalties penalties;
  Instant start = parse_instant("2014-06-02T09:00:00Z").value();
};

TEST_F(Penalties, DoubleUpToTheMost) {
  EXPECT_EQ(waits(0s), 0s);
  wrong("w1", 0s);
  EXPECT_EQ(waits(1s), 4s);
  wrong("w2", 1s);
  EXPECT_EQ(waits(2s), 8s);
  wrong("w3", 2s);
  EXPECT_EQ(waits(3s), 15s);
  for (int i = 4; i < 100; ++i) wrong(fmt::format("w{}", i).c_str(), 3s);
  EXPECT_EQ(waits(4s), 15s);
}

TEST_F(Penalties, EndAfterALoginThatIsRight) {
  wrong("w1", 0s);
  wrong("w2", 0s);
  penalties.on_right("127.0.0.2");
  EXPECT_EQ(waits(1s), 0s);
  wrong("w1", 1s);
  EXPECT_EQ(waits(2s), 4s);
}

TEST_F(Penalties, StayWholeUntilTheyEnd) {
  wrong("w1", 0s);
  wrong("w2", 0s);
  EXPECT_EQ(waits(14999ms), 8s);
  EXPECT_EQ(waits(15s), 0s);
  wrong("w3", 16s);
  EXPECT_EQ(waits(17s), 4s);  // and not 15 s: what was before is forgotten
}

TEST_F(Penalties, AreNotRaisedByTheSameMistakeAgain) {
  wrong("w1", 0s);
  wrong("w2", 0s);
  for (int i = 0; i < 5; ++i) wrong("w2", 5s);
  wrong("w1", 5s);
  EXPECT_EQ(waits(14s), 8s);
  EXPECT_EQ(waits(15s), 0s);  // nor does it make them last
}

TEST_F(Penalties, AreRaisedByEachResponseThatCannotBeRead) {
  for (int i = 0; i < 2; ++i) penalties.on_wrong("127.0.0.2", {}, {}, settings, start);
  EXPECT_EQ(waits(1s), 8s);
}

TEST_F(Penalties, ConcernOneAddress) {
  wrong("w1", 0s);
  EXPECT_EQ(waits(1s, "127.0.0.3"), 0s);
  EXPECT_EQ(address_of("127.0.0.2:40001"), "127.0.0.2");
  EXPECT_EQ(address_of("[::1]:40001"), "::1");
}

TEST_F(Penalties, WithoutAnEndLastUntilALoginIsRight) {
  settings.login_penalty_lasts = 0s;
  wrong("w1", 0s);
  EXPECT_EQ(waits(24h), 4s);
}

TEST_F(Penalties, OfThousandsOfAddressesTheOldestAreForgotten) {
  for (std::size_t i = 0; i <= LoginPenalties::addresses_max; ++i)
    wrong("w1", std::chrono::milliseconds(i), fmt::format("10.0.{}.{}", i / 250, i % 250).c_str());
  EXPECT_EQ(waits(2s, "10.0.0.0"), 0s);
  EXPECT_EQ(waits(2s, "10.0.0.1"), 4s);
  EXPECT_EQ(waits(2s, "10.0.4.0"), 4s);
}

TEST_F(Penalties, AreNotKeptWhereThereAreNone) {
  settings.login_penalty = 0s;
  wrong("w1", 0s);
  settings.login_penalty = 4s;
  EXPECT_EQ(waits(0s), 0s);
}

}  // namespace
}  // namespace mailrig::fakeservers::pop3
