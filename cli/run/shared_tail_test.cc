#include "cli/run/shared_tail.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace mailrig::cli {
namespace {

using Who = TranscriptEntry::Who;

TranscriptEntry line(int number) {
  return {.at = std::chrono::seconds(number),
          .connection = "isp#1",
          .who = number % 2 == 0 ? Who::client : Who::server,
          .text = fmt::format("line {}", number)};
}

TEST(SharedTail, IsReadWhenTheOtherProcessIsGone) {
  SharedTail tail;
  EXPECT_TRUE(tail.entries().empty());
  const pid_t child = ::fork();
  if (child == 0) {
    tail.note({.at = 1ms, .connection = "", .who = Who::rig, .text = "step: poll home"});
    for (int i = 0; i < 30; ++i) tail.note(line(i));
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const std::vector<TranscriptEntry> entries = tail.entries();
  ASSERT_EQ(entries.size(), SharedTail::entries_max + 1);
  EXPECT_EQ(entries.front().text, "step: poll home") << "it would have left the tail";
  EXPECT_EQ(entries.front().at, 1ms);
  EXPECT_EQ(entries[1].text, "line 18");
  EXPECT_EQ(entries.back().text, "line 29");
  EXPECT_EQ(entries.back().connection, "isp#1");
  EXPECT_EQ(entries.back().who, Who::server);
  EXPECT_EQ(entries.back().at, 29s);
  tail.forget();
  EXPECT_TRUE(tail.entries().empty());
}

TEST(SharedTail, CutsWhatIsLong) {
  SharedTail tail;
  tail.note({.connection = std::string(1000, 'c'), .who = Who::rig, .text = std::string(5000, 't')});
  tail.note({.connection = "", .who = Who::rig, .text = "step: a"});
  const std::vector<TranscriptEntry> entries = tail.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].connection, std::string(SharedTail::connection_octets_max, 'c'));
  EXPECT_EQ(entries[0].text, std::string(SharedTail::text_octets_max, 't'));
  EXPECT_EQ(entries[1].text, "step: a") << "told once while it is among the last ones";
}

}  // namespace
}  // namespace mailrig::cli
