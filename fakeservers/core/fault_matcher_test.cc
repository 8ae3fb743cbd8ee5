#include "fakeservers/core/fault_matcher.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/prng.h"
#include "json/json_value.h"

namespace mailrig::fakeservers {
namespace {

constexpr std::string_view verbs[] = {"greeting", "PASS", "RETR", "UIDL", "token"};

struct Book {
  explicit Book(std::string_view json) {
    Value list = *parse_json_value(json);
    auto rules = parse_faults(&list, {.protocol = "pop3", .verbs = verbs});
    EXPECT_TRUE(rules) << (rules ? "" : rules.error().message);
    book = FaultMatcher(std::move(*rules));
  }
  /// Which delay the rule has that fires; 0 where none does.
  int fires(std::string_view on, std::string_view argument = "", unsigned connection = 1,
            std::string_view mailbox = "ann", bool tls = false) {
    const FaultRule* rule = book.match({.on = on,
                                        .argument = argument,
                                        .connection = "isp#" + std::to_string(connection),
                                        .connection_number = connection,
                                        .mailbox = mailbox,
                                        .tls = tls});
    return rule == nullptr ? 0 : static_cast<int>(rule->delay / 1s);
  }
  std::string nearest(std::size_t index = 0) { return book.reports().at(index).nearest; }

  FaultMatcher book;
};

TEST(FaultMatcher, TheFirstRuleThatFitsWins) {
  Book book(
      R"([{"on": "RETR", "argument": "2", "delay": "1s"}, {"on": "RETR", "delay": "2s"}, {"on": "any", "delay": "3s"}])");
  EXPECT_EQ(book.fires("RETR", "2"), 1);
  EXPECT_EQ(book.fires("RETR", "22"), 2);
  EXPECT_EQ(book.fires("UIDL"), 3);
  EXPECT_FALSE(book.book.empty());
  EXPECT_TRUE(FaultMatcher().empty());
}

TEST(FaultMatcher, OccurrencesAreCountedAcrossConnectionsAmongWhatFits) {
  Book book(
      R"([{"on": "RETR", "nth": 3, "delay": "1s"}, {"on": "RETR", "from": 2, "until": 4, "mailbox": "bob", "delay": "2s"}])");
  EXPECT_EQ(book.fires("RETR", "1", 1), 0);
  EXPECT_EQ(book.fires("UIDL", "", 1), 0);
  EXPECT_EQ(book.fires("RETR", "1", 2, "bob"), 0);  // bob's first
  EXPECT_EQ(book.fires("RETR", "1", 3, "bob"), 1);  // his second, counted for both rules
  EXPECT_EQ(book.fires("RETR", "1", 4, "bob"), 2);
  EXPECT_EQ(book.fires("RETR", "1", 4, "ann"), 0);
  EXPECT_EQ(book.fires("RETR", "1", 4, "bob"), 2);
  EXPECT_EQ(book.fires("RETR", "1", 5, "bob"), 0);
}

TEST(FaultMatcher, EachFieldFiltersBeforeItIsCounted) {
  Book argument(R"([{"on": "RETR", "argument": "7", "nth": 2, "delay": "1s"}])");
  EXPECT_EQ(argument.fires("RETR", "1"), 0);
  EXPECT_EQ(argument.fires("RETR", "7"), 0);
  EXPECT_EQ(argument.fires("RETR", "1"), 0);
  EXPECT_EQ(argument.fires("RETR", "7"), 1);
  EXPECT_EQ(argument.fires("RETR", "7"), 0);
  Book connection(R"([{"on": "RETR", "connection": 2, "nth": 2, "delay": "1s"}])");
  EXPECT_EQ(connection.fires("RETR", "1", 1), 0);
  EXPECT_EQ(connection.fires("RETR", "2", 1), 0);
  EXPECT_EQ(connection.fires("RETR", "1", 2), 0);
  EXPECT_EQ(connection.fires("RETR", "2", 2), 1);
  Book state(R"([{"on": "RETR", "state": "tls", "nth": 1, "delay": "1s"}])");
  EXPECT_EQ(state.fires("RETR", "1", 1, "ann", false), 0);
  EXPECT_EQ(state.fires("RETR", "1", 2, "ann", true), 1);
}

TEST(FaultMatcher, OccurrencesMayBeCountedInEachSession) {
  Book book(
      R"([{"on": "RETR", "nth_in_session": 2, "delay": "1s"}, {"on": "UIDL", "nth_in_session": {"from": 2, "until": 3}, "mailbox": "bob", "delay": "2s"}])");
  EXPECT_EQ(book.fires("RETR", "1", 1), 0);
  EXPECT_EQ(book.fires("RETR", "1", 2), 0);
  EXPECT_EQ(book.fires("RETR", "2", 1), 1);
  EXPECT_EQ(book.fires("RETR", "2", 2), 1);
  EXPECT_EQ(book.fires("RETR", "3", 2), 0);
  EXPECT_EQ(book.fires("UIDL", "", 3, "bob"), 0);
  EXPECT_EQ(book.fires("UIDL", "", 3, "ann"), 0);
  EXPECT_EQ(book.fires("UIDL", "", 3, "bob"), 2);
  EXPECT_EQ(book.fires("UIDL", "", 3, "bob"), 2);
  EXPECT_EQ(book.fires("UIDL", "", 3, "bob"), 0);
}

TEST(FaultMatcher, AnEmptyLineIsACommandAndAnUnknownWordToo) {
  Book book(R"([{"on": "", "delay": "1s"}, {"on": "XYZZY", "delay": "2s"}])");
  EXPECT_EQ(book.nearest(0), "an empty line never came");
  EXPECT_EQ(book.fires("RETR"), 0) << "that an exchange has no second name is no empty line";
  EXPECT_EQ(book.fires(""), 1);
  EXPECT_EQ(book.fires("XYZZY"), 2);
}

TEST(FaultMatcher, EveryFieldCounts) {
  Book book(
      R"([{"on": "RETR", "connection": {"from": 2, "until": 3}, "mailbox": "ann", "argument": "7", "state": "tls", "delay": "1s"}])");
  EXPECT_EQ(book.fires("RETR", "7", 2, "ann", true), 1);
  EXPECT_EQ(book.fires("RETR", "7", 3, "ann", true), 1);
  EXPECT_EQ(book.fires("UIDL", "7", 2, "ann", true), 0);
  EXPECT_EQ(book.fires("RETR", "7", 1, "ann", true), 0);
  EXPECT_EQ(book.fires("RETR", "7", 4, "ann", true), 0);
  EXPECT_EQ(book.fires("RETR", "7", 2, "bob", true), 0);
  EXPECT_EQ(book.fires("RETR", "8", 2, "ann", true), 0);
  EXPECT_EQ(book.fires("RETR", "7", 2, "ann", false), 0);
  EXPECT_EQ(book.book.reports()[0].fired, 2U);
  EXPECT_EQ(book.nearest(), "");
  Book clear(R"([{"on": "RETR", "state": "clear", "delay": "1s"}])");
  EXPECT_EQ(clear.fires("RETR", "", 1, "", true), 0);
  EXPECT_EQ(clear.fires("RETR", "", 1, "", false), 1);
}

TEST(FaultMatcher, AnExchangeMayHaveTwoNames) {
  Value list = *parse_json_value(R"([{"on": "POST /x", "hang": true}, {"on": "token", "hang": true}])");
  FaultMatcher book(*parse_faults(&list, {.protocol = "crm", .verbs = verbs, .misbehaviours = {}, .http = true}));
  auto fires = [&](std::string_view on, std::string_view also) {
    const FaultRule* rule = book.match({.on = on, .also_on = also, .connection = "crm#1", .connection_number = 1});
    return rule == nullptr ? std::string() : rule->on;
  };
  EXPECT_EQ(fires("token", "POST /y"), "token");
  EXPECT_EQ(fires("token", "POST /x"), "POST /x");
  EXPECT_EQ(fires("search", "POST /x"), "POST /x");
  EXPECT_EQ(fires("search", ""), "");
}

TEST(FaultMatcher, ARuleThatNeverFiredNamesTheNearestExchange) {
  Book none(R"([{"on": "RETR", "hang": true}, {"on": "any", "hang": true}])");
  EXPECT_EQ(none.nearest(0), "RETR never came");
  EXPECT_EQ(none.nearest(1), "a command never came");
  none.fires("UIDL");
  EXPECT_EQ(none.nearest(0), "RETR never came");
  EXPECT_EQ(none.book.reports()[0].rule, "RETR: hangs");
  EXPECT_EQ(none.book.reports()[1].index, 1U);

  Book book(R"([{"on": "RETR", "nth": 5, "mailbox": "bob", "hang": true}])");
  book.fires("RETR", "1", 1, "ann");
  EXPECT_EQ(book.nearest(), "RETR on isp#1: the mailbox was \"ann\", the rule wants \"bob\"");
  book.fires("RETR", "1", 2, "bob");
  EXPECT_EQ(book.nearest(), "RETR on isp#2: it was number 1, the rule wants 5");
  book.fires("RETR", "1", 3, "bob");
  EXPECT_EQ(book.nearest(), "RETR on isp#3: it was number 2, the rule wants 5");
  book.fires("RETR", "1", 4, "ann");
  EXPECT_EQ(book.nearest(), "RETR on isp#3: it was number 2, the rule wants 5") << "ann's is not counted";

  Book session(R"([{"on": "RETR", "nth_in_session": 3, "hang": true}])");
  session.fires("RETR", "1", 1);
  session.fires("RETR", "2", 1);
  session.fires("RETR", "1", 2);
  EXPECT_EQ(session.nearest(), "RETR on isp#1: it was number 2 in its session, the rule wants 3");
}

TEST(FaultMatcher, TheNearestOfManyIsNotTheFirst) {
  Book book(
      R"([{"on": "RETR", "argument": "75", "hang": true}, {"on": "RETR", "connection": 90, "hang": true}, {"on": "UIDL", "argument": "carl@c.test", "hang": true}])");
  for (unsigned i = 1; i <= 74; ++i) book.fires("RETR", std::to_string(i), i);
  for (std::string_view argument : {"bert@b.test", "karl@c.test", "eve@e.test"}) book.fires("UIDL", argument);
  EXPECT_EQ(book.nearest(0), "RETR on isp#74: the argument was \"74\", the rule wants \"75\"");
  EXPECT_EQ(book.nearest(1), "RETR on isp#74: the connection was number 74, the rule wants 90");
  EXPECT_EQ(book.nearest(2), "UIDL on isp#1: the argument was \"karl@c.test\", the rule wants \"carl@c.test\"");
}

TEST(FaultMatcher, NamesTheFieldThatDiffered) {
  Book argument(R"([{"on": "RETR", "argument": "7", "hang": true}])");
  argument.fires("RETR", "8");
  EXPECT_EQ(argument.nearest(), "RETR on isp#1: the argument was \"8\", the rule wants \"7\"");
  Value list = *parse_json_value(R"([{"on": "PASS", "argument": "wanted", "hang": true}])");
  FaultMatcher secret(*parse_faults(&list, {.protocol = "pop3", .verbs = verbs}));
  EXPECT_EQ(secret.match({.on = "PASS",
                          .argument = "s3cret",
                          .connection = "isp#1",
                          .connection_number = 1,
                          .argument_is_secret = true}),
            nullptr);
  EXPECT_EQ(secret.reports()[0].nearest, "PASS on isp#1: the argument was another");
  EXPECT_NE(secret.match({.on = "PASS",
                          .argument = "wanted",
                          .connection = "isp#1",
                          .connection_number = 1,
                          .argument_is_secret = true}),
            nullptr);
  Book state(R"([{"on": "RETR", "state": "tls", "hang": true}])");
  state.fires("RETR");
  EXPECT_EQ(state.nearest(), "RETR on isp#1: it was in clear");
  Book connection(
      R"([{"on": "RETR", "connection": {"from": 3}, "hang": true}, {"on": "RETR", "connection": {"from": 4, "until": 6}, "hang": true}])");
  connection.fires("RETR", "1", 2);
  EXPECT_EQ(connection.nearest(0), "RETR on isp#2: the connection was number 2, the rule wants 3 or later");
  EXPECT_EQ(connection.nearest(1), "RETR on isp#2: the connection was number 2, the rule wants 4 to 6");
}

TEST(FaultMatcher, NamesTheRuleThatCameFirst) {
  Book book(R"([{"on": "RETR", "delay": "1s"}, {"on": "RETR", "hang": true}])");
  EXPECT_EQ(book.fires("RETR"), 1);
  EXPECT_EQ(book.nearest(1), "RETR on isp#1: an earlier rule took it: RETR: waits 1s");
  EXPECT_EQ(book.book.reports()[1].fired, 0U);
}

// The rule of the header, told once more in the plainest way: all rules are asked at every exchange.
class PlainBook {
 public:
  explicit PlainBook(std::vector<FaultRule> rules) : rules_(std::move(rules)), seen_(rules_.size()) {}
  std::optional<std::size_t> match(const Exchange& exchange) {
    std::optional<std::size_t> winner;
    for (std::size_t i = 0; i < rules_.size(); ++i) {
      const FaultRule& rule = rules_[i];
      if (rule.on != "any" && rule.on != exchange.on && rule.on != exchange.also_on) continue;
      const bool fits =
          rule.connection.from <= exchange.connection_number && exchange.connection_number <= rule.connection.until &&
          rule.mailbox.value_or(std::string(exchange.mailbox)) == exchange.mailbox &&
          rule.argument.value_or(std::string(exchange.argument)) == exchange.argument &&
          (rule.state == FaultRule::State::either || (rule.state == FaultRule::State::tls) == exchange.tls);
      if (!fits) continue;
      ++seen_[i];
      const std::uint64_t in_session = ++in_session_[{i, exchange.connection_number}];
      const bool holds = rule.occurrence.from <= seen_[i] && seen_[i] <= rule.occurrence.until &&
                         rule.in_session.from <= in_session && in_session <= rule.in_session.until;
      if (holds && !winner) winner = i;
    }
    return winner;
  }

 private:
  std::vector<FaultRule> rules_;
  std::vector<std::uint64_t> seen_;
  std::map<std::pair<std::size_t, unsigned>, std::uint64_t> in_session_;
};

TEST(FaultMatcher, FindsWhatAskingEveryRuleFinds) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Prng prng(seed);
    auto one_in = [&](std::uint64_t n) { return prng.below(n) == 0; };
    const std::string_view names[] = {"a", "b", "c"};
    auto name = [&] { return std::string(names[prng.below(3)]); };
    auto range = [&](std::uint64_t max) {
      FaultRule::Range made{1 + prng.below(max), 0};
      made.until = one_in(3) ? FaultRule::Range{}.until : made.from + prng.below(2) * prng.below(max);
      return made;
    };
    std::vector<FaultRule> rules(1 + prng.below(20));
    for (FaultRule& rule : rules) {
      rule.on = one_in(4) ? "any" : name();
      if (one_in(4))
        rule.in_session = range(10);
      else if (!one_in(3))
        rule.occurrence = range(20);
      if (one_in(3)) rule.connection = range(4);
      if (one_in(4)) rule.mailbox = name();
      if (one_in(4)) rule.argument = name();
      if (one_in(5)) rule.state = one_in(2) ? FaultRule::State::tls : FaultRule::State::clear;
    }
    PlainBook plain(rules);
    FaultMatcher book(rules);
    std::vector<std::uint64_t> fired(rules.size());
    for (int i = 0; i < 60; ++i) {
      const std::string on = name(), also_on = one_in(4) ? name() : "", argument = name(), mailbox = name();
      const Exchange exchange{.on = on,
                              .also_on = also_on,
                              .argument = argument,
                              .connection = "isp#1",
                              .connection_number = static_cast<unsigned>(1 + prng.below(4)),
                              .mailbox = mailbox,
                              .tls = one_in(2)};
      const std::optional<std::size_t> wanted = plain.match(exchange);
      if (wanted) ++fired[*wanted];
      ASSERT_EQ(book.match(exchange) != nullptr, wanted.has_value()) << "seed " << seed << " exchange " << i;
      const std::vector<RuleReport> reports = book.reports();
      for (std::size_t rule = 0; rule < fired.size(); ++rule)
        ASSERT_EQ(reports[rule].fired, fired[rule]) << "seed " << seed << " exchange " << i << " rule " << rule;
    }
  }
}

TEST(FaultMatcher, ManyRulesAreNotAllComparedWithEachExchange) {
  auto compared = [](std::uint64_t count, auto&& change) {
    std::vector<FaultRule> rules(count);
    for (std::uint64_t i = 0; i < count; ++i) {
      rules[i].on = "RETR";
      change(rules[i], i + 1);
    }
    FaultMatcher book(std::move(rules));
    for (std::uint64_t i = 1; i <= count; ++i) {
      const std::string argument = std::to_string(i);
      book.match({.on = "RETR", .argument = argument, .connection = "isp#1", .connection_number = 1});
    }
    return book.compared();
  };
  auto nth = [](FaultRule& rule, std::uint64_t number) { rule.occurrence = {number, number}; };
  auto argument = [](FaultRule& rule, std::uint64_t number) { rule.argument = std::to_string(number); };
  auto same = [](FaultRule&, std::uint64_t) {};
  for (std::uint64_t count : {100, 1'000}) {
    EXPECT_LT(compared(2 * count, nth), compared(count, nth) * 22 / 10);
    EXPECT_LT(compared(2 * count, argument), compared(count, argument) * 22 / 10);
    EXPECT_LT(compared(2 * count, same), compared(count, same) * 22 / 10);
  }
}

}  // namespace
}  // namespace mailrig::fakeservers
