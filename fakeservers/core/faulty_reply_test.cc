#include "fakeservers/core/faulty_reply.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace mailrig::fakeservers {
namespace {

/// Gives `times` pieces of `piece`.
class Pieces final : public ReplySource {
 public:
  Pieces(std::string piece, std::size_t times) : piece_(std::move(piece)), times_(times) {}
  bool append(std::string& out, std::size_t room) override {
    EXPECT_GE(room, room_min);
    if (times_ == 0) return false;
    --times_;
    out += piece_;
    return true;
  }

 private:
  std::string piece_;
  std::size_t times_;
};

/// "send abc; wait 1s; ..." and then what is wanted of the connection.
std::string plays(const FaultRule* rule, std::string head, std::unique_ptr<ReplySource> body = nullptr) {
  FaultyReply plan;
  EXPECT_FALSE(plan.active());
  EXPECT_FALSE(plan.next());
  plan.begin(rule, std::move(head), std::move(body), Step::retrieve);
  EXPECT_TRUE(plan.active());
  std::string told;
  while (std::optional<Action> action = plan.next()) {
    if (auto* send = std::get_if<Send>(&*action)) {
      EXPECT_EQ(send->step, Step::retrieve);
      told += "send " + std::string(send->bytes) + "; ";
    } else {
      told += "wait " + format_duration(std::get<Wait>(*action).span) + "; ";
    }
  }
  EXPECT_FALSE(plan.active());
  EXPECT_FALSE(plan.next());
  switch (plan.after()) {
    case FaultyReply::After::go_on: return told + "go on";
    case FaultyReply::After::hang: return told + "hang";
    case FaultyReply::After::close: break;
  }
  return told + (plan.ending() == Ending::reset     ? "reset"
                 : plan.ending() == Ending::orderly ? "close"
                                                    : "no close_notify");
}

std::unique_ptr<ReplySource> body() { return std::make_unique<Pieces>("xyz", 2); }

TEST(FaultyReply, WithoutAFault) {
  EXPECT_EQ(plays(nullptr, "+OK"), "send +OK; go on");
  EXPECT_EQ(plays(nullptr, "+OK", body()), "send +OK; send xyz; send xyz; go on");
  EXPECT_EQ(plays(nullptr, ""), "go on");
  EXPECT_EQ(plays(nullptr, "", body()), "send xyz; send xyz; go on");
}

TEST(FaultyReply, Delay) {
  FaultRule rule;
  rule.delay = 5s;
  EXPECT_EQ(plays(&rule, "+OK"), "wait 5s; send +OK; go on");
}

TEST(FaultyReply, SplitsHeadAndBody) {
  FaultRule rule;
  rule.split_every = 2;
  EXPECT_EQ(plays(&rule, "+OK", body()), "send +O; send K; send xy; send z; send xy; send z; go on");
}

TEST(FaultyReply, DripsWithAPauseBetweenDrops) {
  FaultRule rule;
  rule.drip = FaultRule::Drip{2, 1s};
  EXPECT_EQ(plays(&rule, "+OK", body()),
            "send +O; wait 1s; send K; wait 1s; send xy; wait 1s; send z; wait 1s; send xy; wait 1s; send z; go on");
  rule.split_every = 1;
  rule.drip->every = {};
  EXPECT_EQ(plays(&rule, "+OK"), "send +; send O; send K; go on");
}

TEST(FaultyReply, CutsWhereItIsToldTo) {
  FaultRule rule;
  rule.cut_after = 0;
  EXPECT_EQ(plays(&rule, "+OK", body()), "reset");
  rule.cut_after = 2;
  EXPECT_EQ(plays(&rule, "+OK", body()), "send +O; reset");
  rule.cut_after = 3;
  EXPECT_EQ(plays(&rule, "+OK", body()), "send +OK; reset");
  rule.cut_after = 4;
  rule.ending = Ending::no_close_notify;
  EXPECT_EQ(plays(&rule, "+OK", body()), "send +OK; send x; no close_notify");
  rule.cut_after = 100;
  rule.ending = Ending::orderly;
  EXPECT_EQ(plays(&rule, "+OK", body()), "send +OK; send xyz; send xyz; close");
}

TEST(FaultyReply, EndsOrHangs) {
  FaultRule rule;
  rule.ending = Ending::reset;
  EXPECT_EQ(plays(&rule, "+OK", body()), "send +OK; send xyz; send xyz; reset");
  FaultRule silent;
  silent.hang = true;
  silent.delay = 1s;
  EXPECT_EQ(plays(&silent, "+OK", body()), "wait 1s; hang");
  silent.cut_after = 4;
  EXPECT_EQ(plays(&silent, "+OK", body()), "wait 1s; send +OK; send x; hang");
  silent.cut_after = FaultRule::all_octets;
  EXPECT_EQ(plays(&silent, "+OK", body()), "wait 1s; send +OK; send xyz; send xyz; hang");
}

TEST(FaultyReply, GarblesOneOctetWhereverItStands) {
  FaultRule rule;
  auto garbled = [&](std::uint64_t at) {
    rule.garble = FaultRule::Garble{at, 0x20};
    return plays(&rule, "+OK", body());
  };
  EXPECT_EQ(garbled(0), "send \x0BOK; send xyz; send xyz; go on");
  EXPECT_EQ(garbled(2), "send +Ok; send xyz; send xyz; go on");
  EXPECT_EQ(garbled(3), "send +OK; send Xyz; send xyz; go on");
  EXPECT_EQ(garbled(5), "send +OK; send xyZ; send xyz; go on");
  EXPECT_EQ(garbled(8), "send +OK; send xyz; send xyZ; go on");
  EXPECT_EQ(garbled(9), "send +OK; send xyz; send xyz; go on");
}

TEST(FaultyReply, NoSendIsLongerThanASendMayBe) {
  FaultyReply plan;
  plan.begin(nullptr, std::string(send_octets_max + 1, 'h'), nullptr, Step::list);
  std::optional<Action> first = plan.next();
  EXPECT_EQ(std::get<Send>(*first).bytes.size(), send_octets_max);
  std::optional<Action> second = plan.next();
  EXPECT_EQ(std::get<Send>(*second).bytes, "h");
  EXPECT_FALSE(plan.next());
}

TEST(FaultyReply, MayBeBegunAgain) {
  FaultRule rule;
  rule.cut_after = 1;
  FaultyReply plan;
  plan.begin(&rule, "abc", nullptr, Step::list);
  while (plan.next()) {
  }
  EXPECT_EQ(plan.after(), FaultyReply::After::close);
  plan.begin(nullptr, "abc", nullptr, Step::list);
  EXPECT_EQ(std::get<Send>(*plan.next()).bytes, "abc");
  EXPECT_FALSE(plan.next());
  EXPECT_EQ(plan.after(), FaultyReply::After::go_on);
}

}  // namespace
}  // namespace mailrig::fakeservers
