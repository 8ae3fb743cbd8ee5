#include "client/targets/mail_target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "client/targets/files.h"
#include "client/targets/mbox_quoter.h"
#include "client/testing/scratch_folder.h"

namespace mailrig::client {
namespace {

using testing::contents;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::put;
using testing::ScratchFolder;
using ::testing::UnorderedElementsAre;

TEST(MailTargetPlace, IsReadAndWritten) {
  EXPECT_EQ(MailTargetPlace::parse("maildir:/a/b")->path, "/a/b");
  EXPECT_EQ(MailTargetPlace::parse("maildir:/a/b///")->text(), "maildir:/a/b");
  EXPECT_EQ(MailTargetPlace::parse("eml:x")->kind, MailTargetKind::eml);
  EXPECT_EQ(MailTargetPlace::parse("mbox:a:b")->path, "a:b");
  EXPECT_EQ(MailTargetPlace::parse("mbox:/")->path, "/");
}

TEST(MailTargetPlace, WhatIsNoneIsToldWithWhatWasMeant) {
  EXPECT_EQ(MailTargetPlace::parse("mdir:/a").error().message,
            "\"mdir:/a\" is none of maildir:DIR, eml:DIR and mbox:FILE");
  EXPECT_EQ(MailTargetPlace::parse("maildri:/a").error().message,
            "\"maildri:/a\" is none of maildir:DIR, eml:DIR and mbox:FILE; did you mean maildir:?");
  EXPECT_EQ(MailTargetPlace::parse("mbox").error().code, Errc::bad_input);
  EXPECT_EQ(MailTargetPlace::parse("mbox:").error().message, "\"mbox:\" names no file");
  EXPECT_EQ(MailTargetPlace::parse("eml:").error().message, "\"eml:\" names no folder");
}

// ---- mboxrd

std::string mboxrd(std::string_view message) {
  MboxQuoter quoter;
  std::string out;
  quoter.feed(message, out);
  quoter.finish(out);
  return out;
}

TEST(MboxQuoter, QuotesFromAndWhatIsQuotedAlready) {
  EXPECT_EQ(mboxrd("From me\r\n"), ">From me\r\n");
  EXPECT_EQ(mboxrd("a\nFrom me\n>From\n>>From x\n> From\nFrom\n"), "a\n>From me\n>From\n>>>From x\n> From\nFrom\n");
  EXPECT_EQ(mboxrd("x From me\r\nFro"), "x From me\r\nFro");
  EXPECT_EQ(mboxrd("\rFrom me"), "\rFrom me");
  EXPECT_EQ(mboxrd(">>>"), ">>>");
  EXPECT_EQ(mboxrd("F>From \nFFrom \nFrFrom "), "F>From \nFFrom \nFrFrom ");
  EXPECT_EQ(mboxrd(""), "");
  EXPECT_EQ(mboxrd("\n\nFrom "), "\n\n>From ");
}

TEST(MboxQuoter, AtEverySplit) {
  const std::string message = "From a\r\n>>From b\nFrom\n\n>From c\r\nxFrom \nFroFrom \n>";
  const std::string whole = mboxrd(message);
  for (std::size_t first = 0; first <= message.size(); ++first)
    for (std::size_t second = first; second <= message.size(); ++second) {
      MboxQuoter quoter;
      std::string out;
      quoter.feed(std::string_view(message).substr(0, first), out);
      quoter.feed(std::string_view(message).substr(first, second - first), out);
      quoter.feed(std::string_view(message).substr(second), out);
      quoter.finish(out);
      ASSERT_EQ(out, whole) << first << " " << second;
    }
}

/// What docs/fetch.md tells a reader to do.
std::vector<std::string> read_mbox(const std::string& file) {
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < file.size();) {
    EXPECT_EQ(file.substr(at, 5), "From ");
    const std::size_t start = file.find('\n', at) + 1;
    const std::size_t next = file.find("\nFrom ", start - 1);
    // The LF before the next From line, or the last one of the file, is not of the message.
    const std::size_t end = next == std::string::npos ? file.size() - 1 : next;
    std::string message;
    for (std::size_t line = start; line < end;) {
      const std::size_t line_end = std::min(file.find('\n', line), end - 1) + 1;
      std::string text = file.substr(line, line_end - line);
      const std::size_t marks = text.find_first_not_of('>');
      if (marks != std::string::npos && marks > 0 && text.compare(marks, 5, "From ") == 0) text.erase(0, 1);
      message += text;
      line = line_end;
    }
    messages.push_back(message);
    at = end + 1;
  }
  return messages;
}

// ---- all three

constexpr const char* account = "0123456789abcdef";
MailTargetOpening opening() {
  return {.account = account,
          .octets = 0,
          .messages = 0,
          .known = false,
          .now = *parse_instant("2014-06-02T09:00:00.123456Z")};
}
std::unique_ptr<MailTarget> open(const std::string& place, MailTargetOpening how = opening()) {
  Result<std::unique_ptr<MailTarget>> target = open_mail_target(*MailTargetPlace::parse(place), how);
  EXPECT_TRUE(target) << (target ? "" : target.error().message);
  return *std::move(target);
}
void store(MailTarget& target, std::string_view message, std::string_view mark, std::uint64_t number = 0) {
  ASSERT_TRUE(target.begin(number));
  ASSERT_TRUE(target.write(message.substr(0, message.size() / 2)));
  ASSERT_TRUE(target.write(message.substr(message.size() / 2)));
  ASSERT_TRUE(target.finish(mark));
}

constexpr std::string_view odd("Subject: x\r\n\r\nFrom me\r\n>From you\r\nbare\nlast\0line", 49);
constexpr std::string_view mark_1 = "1111111111111111";
constexpr std::string_view mark_2 = "2222222222222222";

TEST(Maildir, KeepsTheOctets) {
  ScratchFolder scratch;
  std::unique_ptr<MailTarget> target = open("maildir:" + scratch / "deep/md");
  store(*target, odd, mark_1, 16);
  store(*target, "second", mark_2, 17);
  EXPECT_THAT(names_in(scratch / "deep/md/new"), IsEmpty());  // not yet
  ASSERT_TRUE(target->publish());
  EXPECT_THAT(names_in(scratch / "deep/md/new"),
              UnorderedElementsAre("1401699600.M123456Q16_1111111111111111.mailrig",
                                   "1401699600.M123456Q17_2222222222222222.mailrig"));
  EXPECT_THAT(names_in(scratch / "deep/md/tmp"), IsEmpty());
  EXPECT_THAT(names_in(scratch / "deep/md"), UnorderedElementsAre("cur", "new", "tmp"));
  EXPECT_EQ(contents(scratch / "deep/md/new/1401699600.M123456Q16_1111111111111111.mailrig"), odd);
  EXPECT_FALSE(target->grows());
  EXPECT_EQ(target->octets(), 0U);
}

using Unsaved = std::map<std::string, std::uint64_t>;

TEST(Maildir, KnowsWhatNoStateKnowsWhereverAReaderHasMovedIt) {
  ScratchFolder scratch;
  std::unique_ptr<MailTarget> target = open("maildir:" + scratch / "md");
  EXPECT_THAT(target->unsaved(), IsEmpty());
  store(*target, "a", mark_1, 4);
  store(*target, "b", mark_2, 5);
  ASSERT_TRUE(target->publish());
  std::filesystem::rename(scratch / "md/new/1401699600.M123456Q4_1111111111111111.mailrig",
                          scratch / "md/cur/1401699600.M123456Q4_1111111111111111.mailrig:2,S");
  for (const char* other : {"1401699600.M1.other", "x.mailrig", "1.M2Qx_1111111111111111.mailrig", "1.M2Q7_111.mailrig",
                            "1.M2Q7-1111111111111111.mailrig", "1.M2Q7.mailrig", "1.mailrigQ7_1111111111111111"})
    put(scratch / ("md/new/" + std::string(other)), "");
  EXPECT_EQ(target->unsaved(), (Unsaved{{std::string(mark_1), 4}, {std::string(mark_2), 5}}));
  MailTargetOpening saved = opening();
  saved.messages = 5;
  EXPECT_EQ(open("maildir:" + scratch / "md", saved)->unsaved(), (Unsaved{{std::string(mark_2), 5}}));
  saved.messages = 6;
  EXPECT_EQ(open("maildir:" + scratch / "md", saved)->unsaved(), Unsaved{});
}

TEST(EmlFolder, KeepsTheOctetsInFilesThatSortAsTheyCame) {
  ScratchFolder scratch;
  std::unique_ptr<MailTarget> target = open("eml:" + scratch / "eml");
  store(*target, odd, mark_1, 17);
  store(*target, "b", mark_2, 1'234'567);
  EXPECT_FALSE(exists(scratch / "eml/000017-1111111111111111.eml"));
  ASSERT_TRUE(target->publish());
  EXPECT_THAT(names_in(scratch / "eml"),
              UnorderedElementsAre("000017-1111111111111111.eml", "1234567-2222222222222222.eml"));
  EXPECT_EQ(contents(scratch / "eml/000017-1111111111111111.eml"), odd);
  put(scratch / "eml/000018-3333333333333333.txt", "");
  put(scratch / "eml/note.eml", "");
  EXPECT_EQ(target->unsaved(), (Unsaved{{std::string(mark_1), 17}, {std::string(mark_2), 1'234'567}}));
  MailTargetOpening saved = opening();
  saved.messages = 18;
  EXPECT_EQ(open("eml:" + scratch / "eml", saved)->unsaved(), (Unsaved{{std::string(mark_2), 1'234'567}}));
}

TEST(Mbox, KeepsTheOctetsForWhoUndoesTheQuoting) {
  ScratchFolder scratch;
  std::unique_ptr<MailTarget> target = open("mbox:" + scratch / "mb");
  const std::vector<std::string> messages = {
      std::string(odd), "ends in CRLF\r\n", "ends in LF\n", "\n", "", "From \r\n>From \r\n\r\n", "no end"};
  for (std::size_t i = 0; i < messages.size(); ++i) store(*target, messages[i], mark_1, i);
  ASSERT_TRUE(target->publish());
  const std::string file = contents(scratch / "mb");
  EXPECT_EQ(read_mbox(file), messages);
  EXPECT_THAT(
      file,
      ::testing::StartsWith(
          "From mailrig-0123456789abcdef-0 Mon Jun  2 09:00:00 2014\nSubject: x\r\n\r\n>From me\r\n>>From you\r\n"));
  EXPECT_THAT(file, HasSubstr("\nFrom mailrig-0123456789abcdef-6 Mon Jun  2 09:00:00 2014\nno end\n"));
  EXPECT_EQ(target->octets(), file.size());
  EXPECT_TRUE(target->grows());
}

TEST(Mbox, IsAppendedTo) {
  ScratchFolder scratch;
  put(scratch / "mb", "From other Mon Jun  2 08:00:00 2014\nX: y\n\n");
  std::unique_ptr<MailTarget> target = open("mbox:" + scratch / "mb");
  store(*target, "a\n", mark_1);
  ASSERT_TRUE(target->publish());
  EXPECT_EQ(
      contents(scratch / "mb"),
      "From other Mon Jun  2 08:00:00 2014\nX: y\n\nFrom mailrig-0123456789abcdef-0 Mon Jun  2 09:00:00 2014\na\n\n");
}

TEST(Targets, WhatIsAbandonedLeavesNothing) {
  const std::string large(3'000'000, 'x');
  for (const char* kind : {"maildir:", "eml:", "mbox:"})
    for (const std::string& lost : {std::string("lost"), large}) {
      ScratchFolder scratch;
      std::unique_ptr<MailTarget> target = open(kind + scratch / "t");
      store(*target, "first\n", mark_1);
      ASSERT_TRUE(target->begin(9));
      ASSERT_TRUE(target->write(lost));
      target->abandon();
      store(*target, "From second\n", mark_2);
      ASSERT_TRUE(target->begin(9));
      target->abandon();
      ASSERT_TRUE(target->publish());
      std::vector<std::string> found;
      if (std::string(kind) == "mbox:") {
        found = read_mbox(contents(scratch / "t"));
      } else {
        const std::string folder = scratch / (std::string(kind) == "eml:" ? "t" : "t/new");
        for (const std::string& name : names_in(folder)) found.push_back(contents(folder + "/" + name));
        EXPECT_THAT(names_in(scratch / "t/tmp"), IsEmpty());
      }
      EXPECT_THAT(found, UnorderedElementsAre("first\n", "From second\n")) << kind;
    }
}

TEST(Targets, ManyMessagesAndLargeOnes) {
  for (const char* kind : {"maildir:", "eml:", "mbox:"}) {
    ScratchFolder scratch;
    std::unique_ptr<MailTarget> target = open(kind + scratch / "t");
    std::vector<std::string> messages;
    for (int i = 0; i < 9; ++i)
      messages.push_back(std::string(static_cast<std::size_t>(i) * 300'000, 'x') + std::to_string(i));
    for (std::size_t i = 0; i < messages.size(); ++i)
      store(*target, messages[i], std::to_string(i) + "000000000000000");
    ASSERT_TRUE(target->publish());
    std::vector<std::string> found;
    if (std::string(kind) == "mbox:") {
      found = read_mbox(contents(scratch / "t"));
    } else {
      const std::string folder = scratch / (std::string(kind) == "eml:" ? "t" : "t/new");
      for (const std::string& name : names_in(folder)) found.push_back(contents(folder + "/" + name));
    }
    std::sort(found.begin(), found.end());
    std::sort(messages.begin(), messages.end());
    EXPECT_EQ(found == messages, true) << kind;
  }
}

TEST(Targets, WhatAnInterruptedRunLeftIsClearedAway) {
  for (const char* kind : {"maildir:", "eml:"}) {
    ScratchFolder scratch;
    {
      std::unique_ptr<MailTarget> target = open(kind + scratch / "t");
      store(*target, "finished", mark_1);
      ASSERT_TRUE(target->begin(9));
      ASSERT_TRUE(target->write(std::string(300'000, 'x')));
    }
    const std::string folder = scratch / (std::string(kind) == "eml:" ? "t" : "t/tmp");
    EXPECT_EQ(names_in(folder).size(), 2U);
    put(folder + "/of-another", "x");
    put(folder + "/.mailrig-fedcba9876543210.1", "x");
    std::unique_ptr<MailTarget> target = open(kind + scratch / "t");
    EXPECT_THAT(names_in(folder), UnorderedElementsAre("of-another", ".mailrig-fedcba9876543210.1"));
    EXPECT_THAT(target->unsaved(), IsEmpty());
  }
}

// A crash may come after any octet: whatever prefix of the new octets the file then has, the next run starts from the
// old ones.
TEST(Mbox, IsCutBackToTheSavedLengthAtEveryOctet) {
  ScratchFolder scratch;
  const std::string path = scratch / "mb";
  const std::string before = "From other Mon Jun  2 08:00:00 2014\nFrom x\n\n";
  put(path, before);
  {
    std::unique_ptr<MailTarget> target = open("mbox:" + path);
    store(*target, "Subject: a\r\n\r\nx\r\n", mark_1);
    store(*target, "From b\r\n", mark_2);
    ASSERT_TRUE(target->publish());
  }
  const std::string after = contents(path);
  MailTargetOpening saved = opening();
  saved.known = true;
  saved.octets = before.size();
  for (std::size_t cut = before.size(); cut <= after.size(); ++cut) {
    put(path, after.substr(0, cut));
    std::unique_ptr<MailTarget> target = open("mbox:" + path, saved);
    EXPECT_EQ(contents(path), before) << cut;
    EXPECT_EQ(target->octets(), before.size());
  }
  put(path, before + std::string(100, '\0'));
  open("mbox:" + path, saved);
  EXPECT_EQ(contents(path), before);
}

TEST(Mbox, NeverCutsWhatMayBeAnothers) {
  ScratchFolder scratch;
  const std::string path = scratch / "mb";
  const std::string ours = "From mailrig-0123456789abcdef-5 Mon Jun  2 09:00:00 2014\na\n\n";
  MailTargetOpening saved = opening();
  saved.known = true;
  saved.messages = 5;
  saved.octets = 3;
  auto stays = [&](const std::string& tail) {
    put(path, "xy\n" + tail);
    std::unique_ptr<MailTarget> target = open("mbox:" + path, saved);
    return contents(path) == "xy\n" + tail && target->octets() == 3 + tail.size();
  };
  EXPECT_FALSE(stays(ours));
  EXPECT_TRUE(stays("From other Mon Jun  2 08:00:00 2014\na\n\n"));
  EXPECT_TRUE(stays(ours + "From other Mon Jun  2 08:00:00 2014\na\n\n"));
  EXPECT_TRUE(stays("Status: RO\n" + ours));
  EXPECT_TRUE(stays("From mailrig-fedcba9876543210-5 Mon Jun  2 09:00:00 2014\na\n\n"));
  // One that a saved state knows of: somebody moved it here.
  EXPECT_TRUE(stays("From mailrig-0123456789abcdef-4 Mon Jun  2 09:00:00 2014\na\n\n"));
  EXPECT_TRUE(stays(ours + "From mailrig-0123456789abcdef-4 Mon Jun  2 09:00:00 2014\na\n\n"));
  EXPECT_TRUE(stays("From mailrig-0123456789abcdef-x\n"));
  EXPECT_TRUE(stays(std::string(3, '\0') + "x"));
  saved.known = false;
  EXPECT_TRUE(stays(ours));
  saved.known = true;
  saved.octets = 100;  // it became shorter: somebody took mail out
  EXPECT_TRUE(stays(""));
}

TEST(Mbox, OneThatIsInUseIsLeftAlone) {
  ScratchFolder scratch;
  const std::string path = scratch / "mb";
  // Another process holds the lock, as a mail reader does.
  int ready[2];
  int release[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(release), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Result<OutputFile> file = OutputFile::append(path);
    const char byte = file && file->lock() ? 'y' : 'n';
    char ignored = 0;
    if (::write(ready[1], &byte, 1) != 1 || ::read(release[0], &ignored, 1) != 1) ::_exit(1);
    ::_exit(0);
  }
  char locked = 0;
  ASSERT_EQ(::read(ready[0], &locked, 1), 1);
  ASSERT_EQ(locked, 'y');
  Result<std::unique_ptr<MailTarget>> target = open_mail_target({MailTargetKind::mbox, path}, opening());
  ASSERT_FALSE(target);
  EXPECT_EQ(target.error().code, Errc::environment);
  EXPECT_THAT(target.error().message, HasSubstr("is locked by another program"));
  ASSERT_EQ(::write(release[1], "x", 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  for (int descriptor : {ready[0], ready[1], release[0], release[1]}) ::close(descriptor);
}

TEST(Targets, APlaceThatCannotBeUsedIsNamed) {
  ScratchFolder scratch;
  put(scratch / "file", "");
  for (const char* kind : {"maildir:", "eml:", "mbox:"}) {
    Result<std::unique_ptr<MailTarget>> target =
        open_mail_target(*MailTargetPlace::parse(kind + scratch / "file/below/x"), opening());
    ASSERT_FALSE(target);
    EXPECT_EQ(target.error().code, Errc::environment);
    EXPECT_EQ(target.error().step, Step::store);
    EXPECT_THAT(target.error().message, HasSubstr(scratch / "file/below"));
    EXPECT_THAT(target.error().message, HasSubstr("a part of the path is a file"));
  }
  EXPECT_FALSE(open_mail_target({MailTargetKind::eml, scratch / "file"}, opening()));
  EXPECT_THAT(open_mail_target({MailTargetKind::mbox, scratch.path()}, opening()).error().message,
              HasSubstr("it is a folder"));
}

TEST(OutputFile, AFullDiskIsToldWithAdvice) {
  EXPECT_EQ(file_error("write", "/mail/x", ENOSPC).message,
            "cannot write /mail/x: No space left on device; free some space, then run it again: what is missing is "
            "fetched then");
}

// A FIFO opened without its other end would hold the program for ever: where this test hangs, that is what broke.
TEST(OutputFile, OnlyARegularFileKeepsMail) {
  ScratchFolder scratch;
  ASSERT_EQ(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
  for (const auto& [path, kind] : {std::pair{scratch / "fifo", "a FIFO"}, {"/dev/full", "a device"}}) {
    Result<OutputFile> refused = OutputFile::append(path);
    ASSERT_FALSE(refused) << path;
    EXPECT_EQ(refused.error().code, Errc::environment);
    EXPECT_THAT(refused.error().message, HasSubstr(std::string("it is ") + kind)) << path;
    Result<std::string> unread = read_whole_file(path);
    ASSERT_FALSE(unread) << path;
    EXPECT_THAT(unread.error().message, HasSubstr(std::string("it is ") + kind)) << path;
  }
  EXPECT_THAT(read_whole_file(scratch.path()).error().message, HasSubstr("it is a folder"));
}

TEST(OutputFile, AFileThatIsTooLargeIsNotRead) {
  ScratchFolder scratch;
  put(scratch / "ten", "0123456789");
  EXPECT_EQ(*read_whole_file(scratch / "ten", 10), "0123456789");
  EXPECT_EQ(read_whole_file(scratch / "ten", 9).error().code, Errc::limit_exceeded);
}

TEST(OutputFile, ANewFileIsNew) {
  ScratchFolder scratch;
  put(scratch / "x", "old");
  EXPECT_FALSE(OutputFile::create(scratch / "x"));
  EXPECT_EQ(contents(scratch / "x"), "old");
  Result<OutputFile> fresh = OutputFile::create(scratch / "y");
  ASSERT_TRUE(fresh);
  ASSERT_TRUE(fresh->write("abc"));
  EXPECT_EQ(*fresh->size(), 3U);
  ASSERT_TRUE(fresh->sync());
  ASSERT_TRUE(fresh->close());
  EXPECT_EQ(std::filesystem::status(scratch / "y").permissions(), std::filesystem::perms(0600));
}

TEST(Paths, AreTakenApart) {
  EXPECT_EQ(folder_of("/a/b"), "/a");
  EXPECT_EQ(folder_of("b"), ".");
  EXPECT_EQ(folder_of("a/b/c"), "a/b");
  EXPECT_EQ(name_of("/a/b"), "b");
}

/// Limits the size of files for one test, as a quota would.
struct SmallFiles {
  explicit SmallFiles(rlim_t octets) {
    ::getrlimit(RLIMIT_FSIZE, &before);
    rlimit small{octets, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
    handler = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~SmallFiles() {
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }
  rlimit before{};
  void (*handler)(int) = SIG_DFL;
};

TEST(Targets, AMessageThatDoesNotFitIsNotPublished) {
  for (const char* kind : {"maildir:", "eml:", "mbox:"}) {
    ScratchFolder scratch;
    std::unique_ptr<MailTarget> target = open(kind + scratch / "t");
    store(*target, "fits", mark_1);
    ASSERT_TRUE(target->publish());
    {
      SmallFiles limit(100'000);
      ASSERT_TRUE(target->begin(9));
      Status written = target->write(std::string(2'000'000, 'x'));
      EXPECT_FALSE(written) << kind;
      target->abandon();
      EXPECT_TRUE(target->publish());
    }
    if (std::string(kind) == "mbox:")
      EXPECT_THAT(read_mbox(contents(scratch / "t")), ElementsAre("fits"));
    else
      EXPECT_EQ(names_in(scratch / (std::string(kind) == "eml:" ? "t" : "t/new")).size(), 1U);
  }
}

TEST(Mbox, AFullDiskLeavesTheFileAsItWasAtOnce) {
  for (const std::string_view where : {"while a message is written", "while all are published"}) {
    ScratchFolder scratch;
    const std::string path = scratch / "mb";
    std::unique_ptr<MailTarget> target = open("mbox:" + path);
    store(*target, "fits", mark_1);
    ASSERT_TRUE(target->publish());
    const std::string before = contents(path);
    SmallFiles limit(1'200'000);
    if (where == "while a message is written") {
      ASSERT_TRUE(target->begin(1));
      EXPECT_FALSE(target->write(std::string(2'000'000, 'x')));
      target->abandon();
    } else {
      store(*target, std::string(1'100'000, 'x'), mark_1, 1);  // more than the buffer: it is in the file already
      store(*target, std::string(200'000, 'y'), mark_2, 2);
      Status published = target->publish();
      ASSERT_FALSE(published);
      EXPECT_THAT(published.error().message, HasSubstr("File too large"));
      EXPECT_FALSE(target->publish()) << "what was cut off passes for stored";
    }
    EXPECT_TRUE(contents(path) == before) << where;
  }
}

TEST(Mbox, WhatWasNotPublishedIsGoneWhenTheRunEnds) {
  ScratchFolder scratch;
  const std::string path = scratch / "mb";
  {
    std::unique_ptr<MailTarget> target = open("mbox:" + path);
    store(*target, std::string(3'000'000, 'x'), mark_1);
    EXPECT_GT(contents(path).size(), 1'000'000U);
  }
  EXPECT_EQ(contents(path), "");
}

// Readers rewrite an mbox: what they took out before a message moves it.
TEST(Mbox, FindsAMessageThatWasMovedAndNoneThatWasChanged) {
  ScratchFolder scratch;
  const std::string path = scratch / "mb";
  std::vector<StoredCopy> copies;
  {
    std::unique_ptr<MailTarget> target = open("mbox:" + path);
    std::uint64_t number = 0;
    for (std::string_view message : {"first\r\n", "From second\r\n>From\n", "third without an end"}) {
      store(*target, message, mark_1, number++);
      copies.push_back(target->last_copy());
    }
    ASSERT_TRUE(target->publish());
    for (const StoredCopy& copy : copies) EXPECT_TRUE(*target->holds("", copy));
    EXPECT_FALSE(*target->holds("", std::nullopt)) << "a state that does not say where it is";
  }
  const std::string whole = contents(path);
  EXPECT_EQ(copies[1].at, copies[0].octets);
  EXPECT_EQ(copies[2].at + copies[2].octets, whole.size());
  auto held = [&](const std::string& file) {
    put(path, file);
    std::unique_ptr<MailTarget> target = open("mbox:" + path);
    std::vector<bool> found;
    for (const StoredCopy& copy : copies) {
      Result<bool> there = target->holds("", copy);
      EXPECT_TRUE(there);
      found.push_back(there && *there);
    }
    return found;
  };
  EXPECT_THAT(held(whole), ElementsAre(true, true, true));
  EXPECT_THAT(held("From other Mon Jun  2 08:00:00 2014\nx\n\n" + whole), ElementsAre(true, true, true));
  EXPECT_THAT(held(whole.substr(copies[1].at)), ElementsAre(false, true, true));
  EXPECT_THAT(held(whole.substr(0, copies[1].at) + whole.substr(copies[2].at)), ElementsAre(true, false, true));
  EXPECT_THAT(held(whole.substr(0, whole.size() - 1)), ElementsAre(true, true, false));
  std::string changed = whole;
  changed[copies[1].at + copies[1].octets - 3] ^= 1;
  EXPECT_THAT(held(changed), ElementsAre(true, false, true));
  EXPECT_THAT(held(""), ElementsAre(false, false, false));
}

TEST(Mbox, OneThatIsReplacedUnderUsIsNotTakenForOurs) {
  for (const std::string_view how : {"removed", "replaced", "a link elsewhere", "cut shorter"}) {
    ScratchFolder scratch;
    const std::string path = scratch / "mb";
    std::unique_ptr<MailTarget> target = open("mbox:" + path);
    store(*target, "first\n", mark_1);
    const StoredCopy first = target->last_copy();
    ASSERT_TRUE(target->publish());
    const std::string before = contents(path);
    if (how == "cut shorter") {
      std::filesystem::resize_file(path, 5);
    } else {
      std::filesystem::remove(path);
      if (how == "replaced") put(path, before);
      put(scratch / "elsewhere", before);
      if (how == "a link elsewhere") std::filesystem::create_symlink(scratch / "elsewhere", path);
    }
    Result<bool> there = target->holds("", first);
    ASSERT_FALSE(there) << how;
    EXPECT_EQ(there.error().code, Errc::environment);
    EXPECT_THAT(there.error().message, HasSubstr(path));
    store(*target, "second\n", mark_2, 1);
    EXPECT_FALSE(target->publish()) << how;
  }
}

}  // namespace
}  // namespace mailrig::client
