#include "fakeservers/smtp/data.h"

#include <gtest/gtest.h>

namespace mailrig::fakeservers::smtp {
namespace {

struct Outcome {
  std::string message;
  std::size_t taken = 0;
  bool done = false;
  bool bare_lf = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view wire, BareLf policy, std::size_t cut, std::size_t step = 0) {
  DataReader reader({.bare_lf = policy});
  Outcome outcome;
  for (std::size_t at = 0; at < wire.size() && !reader.done();) {
    std::size_t length = step > 0 ? std::min(step, wire.size() - at) : at < cut ? cut - at : wire.size() - at;
    std::size_t taken = reader.take(wire.substr(at, length));
    outcome.taken += taken;
    at += length;
  }
  outcome.message = reader.message();
  outcome.done = reader.done();
  outcome.bare_lf = reader.has_bare_lf();
  return outcome;
}

/// At every split, and byte by byte.
void expect(std::string_view wire, const Outcome& expected, BareLf policy = BareLf::accept) {
  for (std::size_t cut = 0; cut <= wire.size(); ++cut)
    EXPECT_TRUE(read(wire, policy, cut) == expected) << wire << " cut at " << cut;
  EXPECT_TRUE(read(wire, policy, 0, 1) == expected) << wire << " byte by byte";
}

TEST(SmtpData, EndsAtADotOfItsOwn) {
  expect("hello\r\n.\r\nQUIT\r\n", {"hello\r\n", 10, true, false});
  expect(".\r\n", {"", 3, true, false});
  expect("\r\n.\r\n", {"\r\n", 5, true, false});
  expect("hello\r\n.\r", {"hello\r\n", 9, false, false});
  expect("hello\r\n", {"hello\r\n", 7, false, false});
}

TEST(SmtpData, UndoesStuffing) {
  expect("..\r\n.\r\n", {".\r\n", 7, true, false});
  expect("...\r\n.\r\n", {"..\r\n", 8, true, false});
  expect(".x\r\n..y\r\nz.\r\n.\r\n", {"x\r\n.y\r\nz.\r\n", 16, true, false});
  expect("a.b\r\n. \r\n.\r\n", {"a.b\r\n \r\n", 12, true, false});
}

TEST(SmtpData, CarriageReturnsAreKept) {
  expect("a\rb\r\r\n.\r\n", {"a\rb\r\r\n", 9, true, false});
  expect(".\rx\r\n.\r\n", {"\rx\r\n", 8, true, false});
  expect(".\r\r\n.\r\n", {"\r\r\n", 7, true, false});
  expect("\r\r\n.\r\n", {"\r\r\n", 6, true, false});
}

TEST(SmtpData, ABareLineFeedEndsNothing) {
  expect("a\n.\r\n.\r\n", {"a\n.\r\n", 8, true, true});
  expect("a\n.\nb\r\n.\r\n", {"a\n.\nb\r\n", 10, true, true});
  expect("a\r\n.\nb\r\n.\r\n", {"a\r\n\nb\r\n", 11, true, true});
  expect("a\r.\r\n.\r\n", {"a\r.\r\n", 8, true, false});
  expect("a\n.\r\n.\r\n", {"a\n.\r\n", 8, true, true}, BareLf::refuse);
}

TEST(SmtpData, NormalisingServersTakeItForALineEnd) {
  expect("a\nb\r\n.\r\n", {"a\r\nb\r\n", 8, true, true}, BareLf::normalise);
  expect("a\n.\r\nQ", {"a\r\n", 5, true, true}, BareLf::normalise);
  expect("a\n.\nQ", {"a\r\n", 4, true, true}, BareLf::normalise);
  expect("a\n..b\n.\n", {"a\r\n.b\r\n", 8, true, true}, BareLf::normalise);
  expect("a\r\n.\r\n", {"a\r\n", 6, true, false}, BareLf::normalise);
}

TEST(SmtpData, WhatIsTooMuchIsCountedAndDropped) {
  DataReader reader({.octets_max = 5});
  reader.take("abc\r\n");
  EXPECT_FALSE(reader.too_large());
  EXPECT_EQ(reader.message(), "abc\r\n");
  reader.take("d");
  EXPECT_TRUE(reader.too_large());
  EXPECT_EQ(reader.octets(), 6U);
  EXPECT_EQ(reader.message(), "");
  EXPECT_LE(reader.message().capacity(), 15U) << "the memory is given back";
  std::string much(1'000'000, 'x');
  EXPECT_EQ(reader.take(much), much.size());
  EXPECT_LE(reader.message().capacity(), 15U);
  reader.take("\r\n.\r\n");
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.octets(), 1'000'008U);
}

TEST(SmtpData, TheLongestLineCountsItsEndAndNoStuffing) {
  auto longest = [](std::string_view wire) {
    DataReader reader;
    reader.take(wire);
    return reader.longest_line();
  };
  EXPECT_EQ(longest("abc\r\nab\r\n.\r\n"), 5U);
  EXPECT_EQ(longest("..c\r\n.\r\n"), 4U);
  EXPECT_EQ(longest("ab\r\nabcde"), 5U);
  EXPECT_EQ(longest("a\nb\r\n"), 5U) << "a bare LF does not end it";
}

TEST(SmtpData, ChunksAreTakenAsTheyAre) {
  DataReader reader({.octets_max = 8});
  reader.take_chunk("..\r\n.\r\n");
  EXPECT_EQ(reader.message(), "..\r\n.\r\n");
  EXPECT_FALSE(reader.done());
  reader.take_chunk("x");
  EXPECT_FALSE(reader.too_large());
  reader.take_chunk("x");
  EXPECT_TRUE(reader.too_large());
}

}  // namespace
}  // namespace mailrig::fakeservers::smtp
