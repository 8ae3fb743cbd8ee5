#include "net/transcript.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mailrig {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Who = TranscriptEntry::Who;

constexpr Moment start{10s};

/// Entries "1", "2", ... of one connection, a second apart.
void add_numbers(Transcript& transcript, int from, int to) {
  for (int i = from; i <= to; ++i)
    transcript.add(start + std::chrono::seconds{i}, "isp#1", Who::client, std::to_string(i));
}

std::vector<std::string> texts(const Transcript& transcript) {
  std::vector<std::string> all;
  for (const TranscriptEntry& entry : transcript.entries()) all.push_back(entry.text);
  return all;
}

std::size_t elided(const Transcript& transcript) {
  std::size_t all = 0;
  for (const TranscriptGap& gap : transcript.gaps()) all += gap.elided;
  return all;
}

TEST(Transcript, KeepsEveryFieldAndCountsFromItsStart) {
  Transcript transcript(start);
  transcript.add(start + 1500ms, "isp#3", Who::server, "+OK");
  std::vector<TranscriptEntry> entries = transcript.entries();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].at, 1500ms);
  EXPECT_EQ(entries[0].connection, "isp#3");
  EXPECT_EQ(entries[0].who, Who::server);
  EXPECT_EQ(entries[0].text, "+OK");
  EXPECT_EQ(transcript.count(), 1U);
  EXPECT_EQ(elided(transcript), 0U);
}

TEST(Transcript, ElidesTheMiddle) {
  Transcript transcript(start, 4);
  add_numbers(transcript, 1, 4);
  EXPECT_THAT(texts(transcript), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(elided(transcript), 0U);
  add_numbers(transcript, 5, 5);
  EXPECT_THAT(texts(transcript), ElementsAre("1", "2", "4", "5"));
  EXPECT_EQ(elided(transcript), 1U);
  EXPECT_EQ(transcript.gaps().at(0).after, 2U);
  add_numbers(transcript, 6, 100);
  EXPECT_THAT(texts(transcript), ElementsAre("1", "2", "99", "100"));
  EXPECT_EQ(transcript.count(), 100U);
  EXPECT_EQ(elided(transcript), 96U);
}

TEST(Transcript, AnOddLimitKeepsOneMoreOfTheEnd) {
  Transcript transcript(start, 3);
  add_numbers(transcript, 1, 9);
  EXPECT_THAT(texts(transcript), ElementsAre("1", "8", "9"));
  EXPECT_EQ(elided(transcript), 6U);
  EXPECT_EQ(transcript.gaps().at(0).after, 1U);
}

TEST(Transcript, ALimitOfNothingKeepsNothing) {
  Transcript transcript(start, 0);
  add_numbers(transcript, 1, 3);
  EXPECT_THAT(texts(transcript), IsEmpty());
  EXPECT_EQ(elided(transcript), 3U);
  EXPECT_THAT(transcript.last_lines(5), IsEmpty());
}

TEST(Transcript, TwoThousandEntriesAreKeptUnlessToldOtherwise) {
  Transcript transcript;
  add_numbers(transcript, 1, 2000);
  EXPECT_EQ(elided(transcript), 0U);
  add_numbers(transcript, 2001, 2001);
  EXPECT_EQ(elided(transcript), 1U);
  EXPECT_EQ(transcript.gaps().at(0).after, 1000U);
}

TEST(Transcript, KeepsAsManyAsItIsTold) {
  Transcript transcript(start);
  transcript.keep_at_most(2);
  add_numbers(transcript, 1, 5);
  EXPECT_THAT(texts(transcript), ElementsAre("1", "5"));
}

/// "1..100 489..512 ...": what is kept, as runs.
std::string kept(const Transcript& transcript) {
  std::string runs;
  int first = 0, last = 0;
  auto tell = [&] { runs += (runs.empty() ? "" : " ") + std::to_string(first) + ".." + std::to_string(last); };
  for (const std::string& text : texts(transcript)) {
    const int number = std::stoi(text);
    if (last != 0 && number != last + 1) {
      tell();
      first = number;
    }
    if (first == 0) first = number;
    last = number;
  }
  if (last != 0) tell();
  return runs;
}

TEST(Transcript, KeepsTheWindowAroundAFindingBesideBothEnds) {
  Transcript transcript(start, 200);
  add_numbers(transcript, 1, 500);
  transcript.keep_around(Transcript::Reason::finding);
  add_numbers(transcript, 501, 1000);
  EXPECT_EQ(kept(transcript), "1..100 495..506 913..1000");
  std::vector<TranscriptGap> gaps = transcript.gaps();
  ASSERT_EQ(gaps.size(), 2U);
  EXPECT_EQ(gaps[0].after, 100U);
  EXPECT_EQ(gaps[0].elided, 394U);
  EXPECT_EQ(gaps[1].after, 112U);
  EXPECT_EQ(gaps[1].elided, 406U);
}

TEST(Transcript, WindowsThatOverlapAreOne) {
  Transcript transcript(start, 400);
  add_numbers(transcript, 1, 500);
  transcript.keep_around(Transcript::Reason::finding);
  add_numbers(transcript, 501, 505);
  transcript.keep_around(Transcript::Reason::fault);
  add_numbers(transcript, 506, 1000);
  EXPECT_EQ(kept(transcript), "1..200 489..517 830..1000");
}

// Faults of every command must not take the place of the one finding.
TEST(Transcript, WindowsAreBoundedAndFindingsHaveAHalfOfTheirOwn) {
  Transcript transcript(start, 400);
  for (int i = 0; i < 100; ++i) {
    add_numbers(transcript, 10 * i + 1, 10 * i + 10);
    transcript.keep_around(Transcript::Reason::fault);
  }
  add_numbers(transcript, 1001, 1100);
  transcript.keep_around(Transcript::Reason::finding);
  add_numbers(transcript, 1101, 2000);
  EXPECT_EQ(kept(transcript), "1..250 1089..1112 1875..2000");
  EXPECT_EQ(texts(transcript).size(), 400U);
}

TEST(Transcript, AWindowAtTheStartOrTheEndIsCutThere) {
  Transcript early(start, 200), late(start, 200);
  early.keep_around(Transcript::Reason::fault);
  add_numbers(early, 1, 1000);
  EXPECT_EQ(kept(early), "1..100 901..1000");
  add_numbers(late, 1, 1000);
  late.keep_around(Transcript::Reason::finding);
  EXPECT_EQ(kept(late), "1..100 901..1000");
}

TEST(Transcript, TellsItsListenerOfEveryEntryAlsoOfThoseNotKept) {
  Transcript transcript(start, 2);
  std::vector<std::string> heard;
  add_numbers(transcript, 1, 1);
  transcript.on_entry([&](const TranscriptEntry& entry) { heard.push_back(to_line(entry)); });
  add_numbers(transcript, 2, 4);
  EXPECT_THAT(heard, ElementsAre("+2.000s isp#1 C: 2", "+3.000s isp#1 C: 3", "+4.000s isp#1 C: 4"));
}

TEST(Transcript, LastLinesGoOverTheGap) {
  Transcript transcript(start, 4);
  add_numbers(transcript, 1, 9);
  EXPECT_THAT(transcript.last_lines(1), ElementsAre("+9.000s isp#1 C: 9"));
  EXPECT_THAT(transcript.last_lines(3), ElementsAre("+2.000s isp#1 C: 2", "+8.000s isp#1 C: 8", "+9.000s isp#1 C: 9"));
  EXPECT_EQ(transcript.last_lines(4).size(), 4U);
  EXPECT_EQ(transcript.last_lines(5).size(), 4U);
  EXPECT_THAT(transcript.last_lines(0), IsEmpty());
}

TEST(ToLine, NamesConnectionAndSpeaker) {
  EXPECT_EQ(to_line({.at = 1234ms, .connection = "gmail#1", .who = Who::client, .text = "RETR 1"}),
            "+1.234s gmail#1 C: RETR 1");
  EXPECT_EQ(to_line({.at = 0ns, .connection = "gmail#1", .who = Who::server, .text = "+OK"}), "+0.000s gmail#1 S: +OK");
  EXPECT_EQ(to_line({.at = 86'400s, .connection = "", .who = Who::rig, .text = "poll work"}),
            "+86400.000s * poll work");
  EXPECT_EQ(to_line({.at = 999'600us, .connection = "gmail#1", .who = Who::rig, .text = "cut"}),
            "+1.000s gmail#1 * cut");
}

TEST(BodyEntry, GivesSizeAndEndsOfTheSum) {
  Sha256 sum;
  sum.update("abc");
  EXPECT_EQ(body_entry(3, sum.finish()), "<3 octets, sha256 ba78...15ad>");
}

std::string digest_of(Moment at, std::string_view connection, Who who, std::string text,
                      std::string_view verdict = "pass") {
  Transcript transcript(start);
  transcript.add(at, connection, who, std::move(text));
  return transcript.digest(verdict);
}

// printf '1500000000 isp#1 C QUIT\npass' | sha256sum
TEST(TranscriptDigest, IsTheSumOfItsLinesAndTheVerdict) {
  EXPECT_EQ(digest_of(start + 1500ms, "isp#1", Who::client, "QUIT"),
            "f65f6db369ed659ee378f4c4a5db87c4d9f08ac4b080065cdfe551765af5e6c4");
  EXPECT_EQ(Transcript(start).digest("pass"), Sha256::hex_of("pass"));
  // printf '1500000000 isp#1 C QUIT\n2000000000  * poll work\nfail' | sha256sum
  Transcript two(start);
  two.add(start + 1500ms, "isp#1", Who::client, "QUIT");
  two.add(start + 2s, "", Who::rig, "poll work");
  EXPECT_EQ(two.digest("fail"), "50b6d34996264c51905f62a4ee4b74e380d3551065d82905a48d4cfb6258a586");
}

TEST(TranscriptDigest, ChangesWithEveryField) {
  const std::string digest = digest_of(start, "isp#1", Who::client, "QUIT");
  EXPECT_EQ(digest_of(start, "isp#1", Who::client, "QUIT"), digest);
  EXPECT_NE(digest_of(start + 1ns, "isp#1", Who::client, "QUIT"), digest);
  EXPECT_NE(digest_of(start, "isp#2", Who::client, "QUIT"), digest);
  EXPECT_NE(digest_of(start, "isp#1", Who::server, "QUIT"), digest);
  EXPECT_NE(digest_of(start, "isp#1", Who::client, "quit"), digest);
  EXPECT_NE(digest_of(start, "isp#1", Who::client, "QUIT", "fail"), digest);
}

TEST(TranscriptDigest, DoesNotDependOnWhenTheRunBegan) {
  Transcript early(Moment{0s}), late(Moment{99s});
  early.add(Moment{3s}, "isp#1", Who::client, "QUIT");
  late.add(Moment{102s}, "isp#1", Who::client, "QUIT");
  EXPECT_EQ(early.digest("pass"), late.digest("pass"));
}

TEST(TranscriptDigest, CoversWhatIsNotKeptAndCanBeTakenMidway) {
  Transcript all(start), few(start, 2), other(start, 2);
  add_numbers(all, 1, 5);
  EXPECT_EQ(all.digest("pass"), all.digest("pass"));
  add_numbers(all, 6, 9);
  add_numbers(few, 1, 9);
  EXPECT_EQ(few.digest("pass"), all.digest("pass"));
  add_numbers(other, 1, 4);
  other.add(start + 5s, "isp#1", Who::client, "not 5");
  add_numbers(other, 6, 9);
  EXPECT_NE(other.digest("pass"), all.digest("pass"));
}

}  // namespace
}  // namespace mailrig
