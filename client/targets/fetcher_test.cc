#include "client/targets/fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <functional>

#include "client/testing/scratch_folder.h"

namespace mailrig::client {
namespace {

using testing::contents;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::put;
using testing::ScratchFolder;
using ::testing::UnorderedElementsAre;

// ---- the state

struct StateTest : ::testing::Test {
  FetchState open(std::string_view target = "maildir:md", std::string_view server = "pop.test:995",
                  std::string_view user = "anna") const {
    Result<FetchState> state = FetchState::open(scratch.path(), target, server, user);
    EXPECT_TRUE(state) << (state ? "" : state.error().message);
    return *std::move(state);
  }
  std::string file() const { return contents(scratch / ".mailrig-state"); }
  ScratchFolder scratch;
};

TEST_F(StateTest, OutlivesTheRun) {
  {
    FetchState state = open();
    EXPECT_FALSE(state.known());
    EXPECT_FALSE(state.has_seen("u1"));
    state.add("u1");
    state.add("a b\x01%\xff");
    state.add("u1");
    state.add_copy("abc");
    state.add_copy("abc");
    state.octets = 7;
    state.messages = 2;
    ASSERT_TRUE(state.save());
    EXPECT_TRUE(state.known());
  }
  EXPECT_EQ(
      file(),
      "mailrig-state 2\naccount maildir:md pop.test:995 anna\noctets 7\nmessages 2\nseen u1\nseen a%20b%01%25%FF\n"
      "copies 2 abc\nend\n");
  FetchState state = open();
  EXPECT_TRUE(state.known());
  EXPECT_TRUE(state.has_seen("u1"));
  EXPECT_TRUE(state.has_seen("a b\x01%\xff"));
  EXPECT_FALSE(state.has_seen("u2"));
  EXPECT_EQ(state.copies_of("abc"), 2U);
  EXPECT_EQ(state.copies_of("abd"), 0U);
  EXPECT_EQ(state.octets, 7U);
  EXPECT_EQ(state.messages, 2U);
}

TEST_F(StateTest, IsKeyedByTargetServerAndUser) {
  for (const auto& [target, server, user] :
       std::vector<std::tuple<std::string, std::string, std::string>>{{"maildir:md", "a:1", "anna"},
                                                                      {"maildir:md", "a:1", "bert"},
                                                                      {"maildir:md", "b:1", "anna"},
                                                                      {"eml:md", "a:1", "anna"}}) {
    FetchState state = open(target, server, user);
    EXPECT_FALSE(state.known());
    EXPECT_FALSE(state.has_seen("u"));
    state.add("u");
    ASSERT_TRUE(state.save());
  }
  EXPECT_TRUE(open("maildir:md", "a:1", "anna").has_seen("u"));
  // A blank in a name cannot make two of them look alike.
  FetchState blank = open("maildir:md", "a:1 anna", "");
  EXPECT_FALSE(blank.known());
}

TEST_F(StateTest, MarksDifferByAccountAndMessage) {
  std::set<std::string> marks;
  for (const char* user : {"anna", "bert"}) {
    FetchState state = open("maildir:md", "a:1", user);
    marks.insert(state.account_mark());
    marks.insert(state.mark_of("u1"));
    marks.insert(state.mark_of("u2"));
  }
  EXPECT_EQ(marks.size(), 6U);
  for (const std::string& mark : marks) EXPECT_THAT(mark, ::testing::MatchesRegex("[0-9a-f]{16}"));
  const std::string mark = open("eml:x", "a:1", "anna").mark_of("u1");
  EXPECT_EQ(open("maildir:md", "a:1", "anna").mark_of("u1"), mark);  // wherever it is put
}

TEST_F(StateTest, ForgetsWhatItIsTold) {
  FetchState state = open();
  state.add("u1");
  state.add("u2");
  state.forget("u1");
  state.add_copy("s");
  state.add_copy("s");
  state.add_copy("t");
  state.remove_copy("s");
  state.remove_copy("t");
  state.remove_copy("none");
  EXPECT_FALSE(state.has_seen("u1"));
  ASSERT_TRUE(state.save());
  EXPECT_THAT(file(), HasSubstr("messages 0\nseen u2\ncopies 1 s\nend"));
  state.add("u1");
  ASSERT_TRUE(state.save());
  EXPECT_THAT(file(), HasSubstr("seen u1\nseen u2\ncopies"));
}

TEST_F(StateTest, OneRunAtATime) {
  FetchState state = open();
  Result<FetchState> other = FetchState::open(scratch.path(), "eml:x", "b:1", "bert");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::environment);
  EXPECT_THAT(other.error().message, HasSubstr("another mailrig fetch is at work in " + scratch.path()));
  { FetchState moved = std::move(state); }
  EXPECT_TRUE(FetchState::open(scratch.path(), "eml:x", "b:1", "bert"));
}

TEST_F(StateTest, AnInterruptedSaveLeavesTheOldOne) {
  {
    FetchState state = open();
    state.add("u1");
    ASSERT_TRUE(state.save());
  }
  put(scratch / ".mailrig-state.new", "mailrig-state 1\naccount half");
  FetchState state = open();
  EXPECT_TRUE(state.has_seen("u1"));
  state.add("u2");
  ASSERT_TRUE(state.save());
  EXPECT_FALSE(exists(scratch / ".mailrig-state.new"));
  EXPECT_THAT(file(), HasSubstr("seen u2"));
}

TEST_F(StateTest, ADamagedOneIsNotTakenForAnEmptyOne) {
  for (const char* text :
       {"x", "mailrig-state 3\nend\n", "mailrig-state 1\n", "mailrig-state 1\nseen x\nend\n",
        "mailrig-state 1\naccount a b c\noctets x\nend\n", "mailrig-state 1\naccount a b c\nseen %4\nend\n",
        "mailrig-state 1\naccount a b c\nseen %zz\nend\n", "mailrig-state 1\naccount a b c\nwhat 1\nend\n",
        "mailrig-state 1\nend\nseen x\n", "mailrig-state 1\naccount a b c\nseen x\n",
        "mailrig-state 1\naccount a b c\noctets 1 \nmessages\nend\n"}) {
    put(scratch / ".mailrig-state", text);
    Result<FetchState> state = FetchState::open(scratch.path(), "maildir:md", "a:1", "anna");
    ASSERT_FALSE(state) << text;
    EXPECT_EQ(state.error().code, Errc::environment);
    EXPECT_THAT(state.error().message, HasSubstr(".mailrig-state cannot be understood at line"));
    EXPECT_EQ(file(), text);
  }
  put(scratch / ".mailrig-state", "mailrig-state 1\nend");
  EXPECT_TRUE(FetchState::open(scratch.path(), "maildir:md", "a:1", "anna"));
}

TEST_F(StateTest, AnEmptyOneAndOneThatIsTooLargeAreNamed) {
  put(scratch / ".mailrig-state", "");
  Result<FetchState> state = FetchState::open(scratch.path(), "maildir:md", "a:1", "anna");
  ASSERT_FALSE(state);
  EXPECT_EQ(state.error().code, Errc::environment);
  EXPECT_THAT(state.error().message, HasSubstr(".mailrig-state is empty"));
  EXPECT_EQ(file(), "");
  std::filesystem::resize_file(scratch / ".mailrig-state", (1ULL << 30) + 1);  // a hole: it takes no space
  const Result<FetchState> large = FetchState::open(scratch.path(), "maildir:md", "a:1", "anna");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, Errc::environment);
  EXPECT_THAT(large.error().message, HasSubstr("is larger than 1073741824 octets"));
}

TEST_F(StateTest, AFolderThatCannotBeUsedIsNamed) {
  put(scratch / "file", "");
  Result<FetchState> state = FetchState::open(scratch / "file", "maildir:md", "a:1", "anna");
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().message, HasSubstr(scratch / "file"));
}

// ---- the fetcher

struct Listed {
  std::string uid;
  std::string content;
};

struct FetcherTest : ::testing::Test {
  struct Run {
    std::vector<FetchDecision> wants;
    std::vector<std::string> deletable;
    std::vector<std::string> asked = {};  // uids
    FetchReport report;
    Status status;
  };
  enum class Ends : std::uint8_t { well, quit_lost, before_commit, after_publish, in_message };

  /// A session of a server that lists these.
  Run fetch(const std::vector<Listed>& mailbox, bool deletes = false, Ends ends = Ends::well,
            FetcherSettings settings = {}) {
    Result<FetchState> state = FetchState::open(scratch.path(), "x:t", "pop.test:995", "anna");
    EXPECT_TRUE(state);
    MailTargetOpening opening{.account = state->account_mark(),
                              .octets = state->octets,
                              .messages = state->messages,
                              .known = state->known(),
                              .now = {}};
    Result<std::unique_ptr<MailTarget>> target =
        open_mail_target(*MailTargetPlace::parse(kind + ":" + scratch / "t"), opening);
    EXPECT_TRUE(target);
    settings.deletes = deletes;
    Fetcher fetcher(**target, *state, settings);
    std::vector<Pop3Item> items;
    for (std::size_t i = 0; i < mailbox.size(); ++i)
      items.push_back({.number = static_cast<std::uint32_t>(i + 1), .uid = mailbox[i].uid, .octets = 0});
    Run run;
    std::vector<Pop3Item> handled;
    for (const Pop3Task& task : fetcher.plan(items, {})) {
      run.wants.push_back(task.want);
      handled.push_back(items[task.item]);
      if (task.want != FetchDecision::retrieve) continue;
      const std::string& content = mailbox[task.item].content;
      fetcher.begin(items[task.item]);
      fetcher.body(std::string_view(content).substr(0, content.size() / 2));
      run.asked.push_back(mailbox[task.item].uid);
      if (mailbox[task.item].uid == stalls) {
        fetcher.failed(items[task.item], {Errc::timed_out, "silence", Step::retrieve});
        ends = Ends::quit_lost;
        break;
      }
      if (ends == Ends::in_message) return run;
      fetcher.body(std::string_view(content).substr(content.size() / 2));
      run.status = fetcher.end();
      if (!run.status) break;
      if (fetcher.commit_due()) {
        run.status = fetcher.commit();
        ++commits;
      }
    }
    if (ends == Ends::before_commit) return run;
    if (ends == Ends::after_publish) {
      EXPECT_TRUE((*target)->publish());
      return run;
    }
    if (before_commit) before_commit();
    if (run.status) run.status = fetcher.commit();
    if (before_delete) before_delete();
    for (const Pop3Item& item : handled)
      if (fetcher.may_delete(item)) {
        run.deletable.emplace_back(item.uid.empty() ? "#" + std::to_string(item.number) : std::string(item.uid));
        fetcher.deleted(item);
      }
    if (before_quit) before_quit();
    if (Status safe = fetcher.before_quit(); !safe) {
      run.status = safe;
      ends = Ends::quit_lost;  // the session ends without it
    }
    fetcher.quit(ends != Ends::quit_lost);
    run.report = fetcher.report();
    return run;
  }
  std::vector<std::string> stored() const {
    std::vector<std::string> found;
    if (kind == "mbox") {
      const std::string file = contents(scratch / "t");
      for (std::size_t at = file.find('\n'); at != std::string::npos;
           at = file.find('\n', file.find("\nFrom ", at) + 1)) {
        const std::size_t end = file.find("\nFrom mailrig", at + 1);
        found.push_back(file.substr(at + 1, (end == std::string::npos ? file.size() - 1 : end) - at - 1));
        if (end == std::string::npos) break;
      }
    } else {
      for (const std::string& name : names_in(scratch / "t/new"))
        found.push_back(contents(scratch / ("t/new/" + name)));
    }
    return found;
  }

  void empty_target() const {
    std::filesystem::remove_all(scratch / "t");
    std::filesystem::remove(scratch / ".mailrig-state");
  }
  /// Of the first message, where a message is a file.
  std::string first_file() const {
    for (const char* folder : {"t", "t/new", "t/cur"})
      for (const std::string& name : names_in(scratch / folder))
        if (contents(scratch / folder + ("/" + name)) == "first\r\n") return scratch / folder + ("/" + name);
    return {};
  }

  std::string kind = "maildir";
  std::string stalls = "none";          // the uid whose transfer ends the session half-way
  std::function<void()> before_commit;  // what another program does meanwhile
  std::function<void()> before_delete;
  std::function<void()> before_quit;
  int commits = 0;
  ScratchFolder scratch;
};

const std::vector<Listed> two = {{"u1", "first\r\n"}, {"u2", "second\r\n"}};

TEST_F(FetcherTest, EachMessageOnce) {
  Run first = fetch(two);
  EXPECT_EQ(first.report.listed, 2U);
  EXPECT_EQ(first.report.stored, 2U);
  EXPECT_EQ(first.report.octets, 15U);
  EXPECT_EQ(first.report.known, 0U);
  EXPECT_EQ(first.report.deleted, 0U);
  EXPECT_TRUE(first.report.storing);
  Run second = fetch({{"u1", "first\r\n"}, {"u2", "second\r\n"}, {"u3", "third\r\n"}});
  EXPECT_THAT(second.wants, ElementsAre(FetchDecision::retrieve));
  EXPECT_EQ(second.report.stored, 1U);
  EXPECT_EQ(second.report.known, 2U);
  EXPECT_THAT(second.deletable, IsEmpty());
  EXPECT_THAT(stored(), UnorderedElementsAre("first\r\n", "second\r\n", "third\r\n"));
}

TEST_F(FetcherTest, AMessageThatStallsDoesNotBlockTheOthers) {
  stalls = "bad";
  const std::vector<Listed> mailbox = {{"bad", "stalls\r\n"}, {"u1", "first\r\n"}, {"u2", "second\r\n"}};
  EXPECT_THAT(fetch(mailbox).asked, ElementsAre("bad"));
  Run second = fetch(mailbox);
  EXPECT_THAT(second.asked, ElementsAre("u1", "u2", "bad"));
  EXPECT_EQ(second.report.stored, 2U);
  EXPECT_EQ(second.report.left.size(), 1U);
  EXPECT_THAT(fetch(mailbox).asked, ElementsAre("bad"));
  EXPECT_THAT(fetch(mailbox).asked, ElementsAre("bad"));
  for (int run = 1; run < 10; ++run) {
    Run passed_over = fetch(mailbox);
    EXPECT_THAT(passed_over.asked, IsEmpty()) << run;
    ASSERT_EQ(passed_over.report.left.size(), 1U);
    EXPECT_THAT(passed_over.report.left[0].why, HasSubstr("every tenth run"));
  }
  EXPECT_THAT(fetch(mailbox).asked, ElementsAre("bad")) << "the tenth";
  EXPECT_THAT(fetch(mailbox).asked, IsEmpty());
  for (int run = 1; run < 9; ++run) fetch(mailbox);
  stalls = "none";
  Run recovered = fetch(mailbox);
  EXPECT_THAT(recovered.asked, ElementsAre("bad"));
  EXPECT_THAT(recovered.report.left, IsEmpty());
  EXPECT_THAT(contents(scratch / ".mailrig-state"), Not(HasSubstr("failed")));
  EXPECT_EQ(stored().size(), 3U);
}

TEST_F(FetcherTest, WhereEveryTransferStallsNoMessageIsPassedOver) {
  const std::vector<Listed> mailbox = {{"u1", "first\r\n"}, {"u2", "second\r\n"}, {"u3", "third\r\n"}};
  for (const char* uid : {"u1", "u2", "u3", "u1", "u1", "u1", "u1"}) {
    stalls = uid;
    EXPECT_THAT(fetch(mailbox).asked, ElementsAre(uid)) << "those that did not fail yet come first";
  }
  stalls = "none";
  EXPECT_EQ(fetch(mailbox).report.stored, 3U);
}

TEST_F(FetcherTest, NothingNewWritesNothing) {
  fetch(two);
  const auto before = std::filesystem::last_write_time(scratch / ".mailrig-state");
  std::filesystem::last_write_time(scratch / ".mailrig-state", before - std::chrono::hours(1));
  fetch(two);
  EXPECT_EQ(std::filesystem::last_write_time(scratch / ".mailrig-state"), before - std::chrono::hours(1));
}

TEST_F(FetcherTest, DeletesWhatIsSafeAlsoFromEarlierRuns) {
  fetch(two);
  Run run = fetch({{"u1", "first\r\n"}, {"u2", "second\r\n"}, {"u3", "third\r\n"}}, true);
  EXPECT_THAT(run.wants, ElementsAre(FetchDecision::remove, FetchDecision::remove, FetchDecision::retrieve));
  EXPECT_THAT(run.deletable, ElementsAre("u1", "u2", "u3"));
  EXPECT_EQ(run.report.deleted, 3U);
  EXPECT_TRUE(run.report.deletion_confirmed);
  // The places are free: a uid may come again for another message.
  EXPECT_THAT(contents(scratch / ".mailrig-state"), Not(HasSubstr("seen")));
  fetch({{"u1", "new\r\n"}});
  EXPECT_THAT(stored(), UnorderedElementsAre("first\r\n", "second\r\n", "third\r\n", "new\r\n"));
}

TEST_F(FetcherTest, ALostQuitIsMadeGoodTheNextTime) {
  Run lost = fetch(two, true, Ends::quit_lost);
  EXPECT_FALSE(lost.report.deletion_confirmed);
  EXPECT_THAT(contents(scratch / ".mailrig-state"), HasSubstr("seen u1"));
  Run again = fetch(two, true);
  EXPECT_THAT(again.wants, ElementsAre(FetchDecision::remove, FetchDecision::remove));
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(FetcherTest, NothingIsLostOrDoubledWhereverTheRunEnds) {
  for (const char* each : {"maildir", "eml", "mbox"})
    for (Ends ends : {Ends::in_message, Ends::before_commit, Ends::after_publish}) {
      kind = each;
      std::filesystem::remove_all(scratch / "t");
      std::filesystem::remove(scratch / ".mailrig-state");
      fetch(two, true, ends);
      Run again = fetch({{"u1", "first\r\n"}, {"u2", "second\r\n"}, {"u3", "third\r\n"}}, true);
      EXPECT_THAT(again.deletable, ElementsAre("u1", "u2", "u3")) << each;
      EXPECT_EQ(again.report.stored + again.report.known, 3U) << each;
      if (kind == "eml")
        EXPECT_EQ(names_in(scratch / "t").size(), 3U);
      else
        EXPECT_THAT(stored(), UnorderedElementsAre("first\r\n", "second\r\n", "third\r\n"))
            << each << " " << static_cast<int>(ends);
    }
}

TEST_F(FetcherTest, WithoutUidsTheContentTells) {
  const std::vector<Listed> bare = {{"", "a\r\n"}, {"", "b\r\n"}, {"", "a\r\n"}};
  Run first = fetch(bare);
  EXPECT_EQ(first.report.stored, 3U);  // two alike are two
  Run second = fetch({{"", "c\r\n"}, {"", "a\r\n"}, {"", "b\r\n"}, {"", "a\r\n"}, {"", "a\r\n"}});
  EXPECT_EQ(second.report.stored, 2U);
  EXPECT_EQ(second.report.known, 3U);
  EXPECT_THAT(stored(), UnorderedElementsAre("a\r\n", "a\r\n", "a\r\n", "b\r\n", "c\r\n"));
  Run third = fetch(bare, true);
  EXPECT_THAT(third.deletable, ElementsAre("#1", "#2", "#3"));
  EXPECT_EQ(third.report.stored, 0U);
  // One "a" and the "c" are left on the server; an "a" that comes then is new.
  Run fourth = fetch({{"", "c\r\n"}, {"", "a\r\n"}, {"", "a\r\n"}});
  EXPECT_EQ(fourth.report.stored, 1U);
}

TEST_F(FetcherTest, WithoutUidsAnInterruptedRunIsMadeGoodToo) {
  fetch({{"", "a\r\n"}, {"", "a\r\n"}}, false, Ends::after_publish);
  Run again = fetch({{"", "a\r\n"}, {"", "a\r\n"}, {"", "b\r\n"}});
  EXPECT_EQ(again.report.known, 2U);
  EXPECT_EQ(again.report.stored, 1U);
  EXPECT_THAT(stored(), UnorderedElementsAre("a\r\n", "a\r\n", "b\r\n"));
  Run third = fetch({{"", "a\r\n"}, {"", "a\r\n"}, {"", "b\r\n"}});
  EXPECT_EQ(third.report.known, 3U);
}

TEST_F(FetcherTest, AMessageThatCannotBeHadIsLeftAndNamed) {
  Result<FetchState> state = FetchState::open(scratch.path(), "x:t", "pop.test:995", "anna");
  Result<std::unique_ptr<MailTarget>> target =
      open_mail_target({MailTargetKind::maildir, scratch / "t"},
                       {.account = "a", .octets = 0, .messages = 0, .known = false, .now = {}});
  Fetcher fetcher(**target, *state, {.deletes = true});
  const std::vector<Pop3Item> items = {{1, "u1", 0}, {2, "", 0}, {3, "u3", 0}};
  EXPECT_EQ(fetcher.plan(items, {}).size(), 3U);
  fetcher.begin(items[0]);
  fetcher.body("half");
  fetcher.failed(items[0], {Errc::peer_refused, "it is damaged"});
  fetcher.begin(items[1]);
  fetcher.body("half of another");
  fetcher.failed(items[1], {Errc::peer_refused, "it is gone"});
  fetcher.failed(items[2], {Errc::peer_refused, "it was never begun"});
  fetcher.begin(items[1]);
  fetcher.body("whole");
  EXPECT_TRUE(fetcher.end());
  EXPECT_TRUE(fetcher.commit());
  EXPECT_FALSE(fetcher.may_delete(items[0]));
  EXPECT_TRUE(fetcher.may_delete(items[1]));
  ASSERT_EQ(fetcher.report().left.size(), 3U);
  EXPECT_EQ(fetcher.report().left[0].number, 1U);
  EXPECT_EQ(fetcher.report().left[0].why, "it is damaged");
  EXPECT_EQ(fetcher.report().left[2].number, 3U);
  EXPECT_THAT(stored(), ElementsAre("whole"));
  // printf whole | sha256sum
  EXPECT_EQ(state->copies_of("5d5766cf2d78701614200418ee1450690d9af12c84d52545e4802f001ad53099"), 1U);
}

TEST_F(FetcherTest, CommitsWhenEnoughHasCome) {
  fetch({{"u1", "a"}, {"u2", "b"}, {"u3", "c"}, {"u4", "d"}, {"u5", "e"}}, false, Ends::well, {.commit_messages = 2});
  EXPECT_EQ(commits, 2);
  commits = 0;
  fetch({{"v1", "aaaa"}, {"v2", "b"}, {"v3", "cccc"}}, false, Ends::well, {.commit_octets = 5});
  EXPECT_EQ(commits, 1);
  EXPECT_EQ(stored().size(), 8U);
}

TEST_F(FetcherTest, ATargetThatGoesBetweenDeleAndQuitEndsTheSessionWithoutQuit) {
  for (const char* one : {"mbox", "maildir", "eml"}) {
    kind = one;
    empty_target();
    before_quit = [&] { std::filesystem::remove_all(scratch / "t"); };
    const Run run = fetch({{"u1", "first\r\n"}, {"u2", "second\r\n"}}, true);
    EXPECT_THAT(run.deletable, ElementsAre("u1", "u2")) << one;
    EXPECT_FALSE(run.status) << one;
    EXPECT_FALSE(run.report.deletion_confirmed) << one;
    before_quit = nullptr;
  }
}

TEST_F(FetcherTest, ATargetThatFailsIsToldAndNothingIsDeleted) {
  fetch({});
  std::filesystem::remove_all(scratch / "t");
  Result<FetchState> state = FetchState::open(scratch.path(), "x:t", "pop.test:995", "anna");
  Result<std::unique_ptr<MailTarget>> target =
      open_mail_target({MailTargetKind::maildir, scratch / "t"},
                       {.account = "a", .octets = 0, .messages = 0, .known = false, .now = {}});
  Fetcher fetcher(**target, *state, {.deletes = true});
  const std::vector<Pop3Item> items = {{1, "u1", 0}, {2, "u2", 0}};
  fetcher.plan(items, {});
  fetcher.begin(items[0]);
  fetcher.body("first");
  EXPECT_TRUE(fetcher.end());
  std::filesystem::remove_all(scratch / "t");  // the disk goes away
  EXPECT_FALSE(fetcher.commit());
  EXPECT_FALSE(fetcher.may_delete(items[0]));
  fetcher.begin(items[1]);
  fetcher.body(std::string(300'000, 'x'));
  Status ended = fetcher.end();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::environment);
  ASSERT_FALSE(fetcher.report().storing);
  EXPECT_EQ(fetcher.report().stored, 0U);
  EXPECT_FALSE(state->has_seen("u1"));
}

// ---- what another program does to the target: the server's copy may be the last

constexpr const char* all_kinds[] = {"maildir", "eml", "mbox"};

TEST_F(FetcherTest, ATargetThatWasEmptiedBetweenTwoRunsDeletesNothing) {
  for (const char* each : all_kinds)
    for (bool gone : {true, false}) {
      kind = each;
      empty_target();
      fetch(two);
      std::filesystem::remove_all(scratch / "t");
      if (!gone && kind == "mbox") put(scratch / "t", "");
      Run run = fetch({{"u1", "first\r\n"}, {"u2", "second\r\n"}, {"u3", "third\r\n"}}, true);
      EXPECT_THAT(run.deletable, ElementsAre("u3")) << each;
      EXPECT_EQ(run.report.not_there, 2U) << each;
      // Not for good: they are known still, and a further run asks again.
      EXPECT_EQ(fetch(two, true).report.not_there, 2U) << each;
    }
}

TEST_F(FetcherTest, ATargetThatIsReplacedDuringARunDeletesNothing) {
  for (const char* each : all_kinds)
    for (bool after_commit : {true, false}) {
      kind = each;
      empty_target();
      auto replace = [this] {
        std::filesystem::remove_all(scratch / "t");
        if (kind == "mbox") put(scratch / "t", "");
      };
      (after_commit ? before_delete : before_commit) = replace;
      Run run = fetch(two, true);
      before_commit = before_delete = nullptr;
      EXPECT_THAT(run.deletable, IsEmpty()) << each;
      EXPECT_TRUE(!run.report.storing || run.report.not_there == 2) << each;
      if (after_commit) continue;
      EXPECT_FALSE(run.status) << each;
      // What was not committed comes again.
      EXPECT_EQ(fetch(two, true).deletable.size(), 2U) << each;
    }
}

TEST_F(FetcherTest, AMessageThatIsChangedOrMovedAwayStaysOnTheServer) {
  for (const char* each : {"maildir", "eml"})
    for (const std::string_view how : {"changed", "cut", "moved", "removed"}) {
      kind = each;
      empty_target();
      fetch(two);
      const std::string file = first_file();
      if (how == "changed") put(file, "fIrst\r\n");
      if (how == "cut") put(file, "first");
      if (how == "moved") std::filesystem::rename(file, scratch / ("elsewhere-" + kind));
      if (how == "removed") std::filesystem::remove(file);
      Run run = fetch(two, true);
      EXPECT_THAT(run.deletable, ElementsAre("u2")) << each << " " << how;
      EXPECT_EQ(run.report.not_there, 1U);
    }
}

TEST_F(FetcherTest, AMessageThatAReaderHasSeenIsStillThere) {
  for (bool meanwhile : {true, false}) {
    empty_target();
    auto read_it = [this] {
      const std::string file = first_file();
      std::filesystem::rename(file, scratch / "t/cur/" + name_of(file) + ":2,S");
    };
    if (meanwhile) before_delete = read_it;
    Run run = fetch(two, meanwhile);
    before_delete = nullptr;
    if (!meanwhile) {
      read_it();
      run = fetch(two, true);
    }
    EXPECT_THAT(run.deletable, ElementsAre("u1", "u2")) << meanwhile;
  }
}

TEST_F(FetcherTest, WithoutUidsTheTargetIsLookedIntoToo) {
  for (const char* each : all_kinds) {
    kind = each;
    empty_target();
    const std::vector<Listed> twins = {{"", "same\r\n"}, {"", "same\r\n"}};
    fetch(twins);
    EXPECT_EQ(fetch(twins, true).deletable.size(), 2U) << each;
    empty_target();
    fetch(twins);
    std::filesystem::remove_all(scratch / "t");
    Run run = fetch(twins, true);
    EXPECT_THAT(run.deletable, IsEmpty()) << each;
    EXPECT_EQ(run.report.not_there, 2U) << each;
  }
}

// mailrig 0.1.0 did not write down how a message was stored.
TEST_F(FetcherTest, AnOldStateDeletesWhatIsThereByName) {
  for (const char* each : all_kinds) {
    kind = each;
    empty_target();
    fetch(two);
    std::string state = contents(scratch / ".mailrig-state");
    std::string old = "mailrig-state 1\n";
    for (std::size_t at = state.find('\n') + 1; at < state.size();) {
      const std::size_t end = state.find('\n', at) + 1;
      const std::string line = state.substr(at, end - at);
      if (!line.starts_with("stored ")) old += line;
      at = end;
    }
    put(scratch / ".mailrig-state", old);
    if (kind != "mbox") std::filesystem::remove(first_file());
    Run run = fetch(two, true);
    if (kind == "mbox")
      EXPECT_THAT(run.deletable, IsEmpty());
    else
      EXPECT_THAT(run.deletable, ElementsAre("u2")) << each;
    EXPECT_EQ(run.report.not_there, kind == "mbox" ? 2U : 1U) << each;
    EXPECT_EQ(run.report.not_noted, kind == "mbox" ? 2U : 0U) << each << ": those that are gone are told as gone";
  }
}

TEST_F(StateTest, AStateThatCannotBeWrittenLeavesTheOldOneAndNoHalf) {
  FetchState state = open();
  state.add("u1");
  ASSERT_TRUE(state.save());
  const std::string before = file();
  for (int i = 0; i < 1000; ++i) state.add("a-long-unique-id-" + std::to_string(i));
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{4096, limit.rlim_max};
  void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  Status saved = state.save();
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(saved);
  EXPECT_EQ(file(), before);
  EXPECT_THAT(names_in(scratch.path()), ElementsAre(".mailrig-state"));
}

TEST_F(StateTest, AFifoIsRefusedAndNotWaitedFor) {
  ASSERT_EQ(::mkfifo((scratch / ".mailrig-state").c_str(), 0600), 0);
  Result<FetchState> state = FetchState::open(scratch.path(), "x:t", "pop.test:995", "anna");
  ASSERT_FALSE(state);
  EXPECT_THAT(state.error().message, HasSubstr("a FIFO"));
}

}  // namespace
}  // namespace mailrig::client
