#pragma once
/// The faults of one server, asked at every exchange.
///
///   FaultMatcher book(std::move(rules));
///   const FaultRule* rule = book.match({.on = "RETR", .argument = "3", .connection = "gmail#1", .connection_number =
///   1});
///
/// The first rule that fits wins. The other fields of a rule filter first, and its occurrences are counted among what
/// fits them, on all connections of this server or in each session: `{ "on": "RETR", "nth": 3, "mailbox": "ann" }` is
/// ann's third RETR. What an earlier rule takes is counted too.

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakeservers/core/fault_rule.h"
#include "fakeservers/core/server.h"

namespace mailrig::fakeservers {

/// One command and its reply, as the server sees it before it answers.
struct Exchange {
  std::string_view on;             // "RETR", "greeting", "token"
  std::string_view also_on = {};   // a second name, for HTTP: "POST /crm/v2/Contacts"
  std::string_view argument = {};  // "3"
  std::string_view connection;     // "gmail#3"
  unsigned connection_number = 0;  // 3
  std::string_view mailbox = {};   // empty before the user is named
  bool tls = false;
  bool argument_is_secret = false;  // it is compared, and told to nobody
};

class FaultMatcher {
 public:
  explicit FaultMatcher(std::vector<FaultRule> rules = {});

  /// Counts the exchange. Null where no rule fits; the pointer lives as long as the book.
  const FaultRule* match(const Exchange& exchange);

  bool empty() const { return entries_.empty(); }
  /// How many rules have been compared with an exchange so far; tests hold it to linear growth.
  std::uint64_t compared() const { return compared_; }
  std::vector<RuleReport> reports() const;

 private:
  /// An exchange as a report tells of it.
  struct Seen {
    std::string on, argument, connection, mailbox;
    unsigned connection_number = 0;
    bool tls = false;
    bool argument_is_secret = false;
  };
  struct Entry {
    FaultRule rule;
    std::size_t selector = 0;
    std::uint64_t fired = 0;
    std::string lost;  // to which earlier rule, and where; empty: to none
  };
  /// All rules that differ in their occurrence only: they count the same exchanges.
  struct Selector {
    std::size_t group = 0;
    std::size_t first = 0;                                      // of its rules
    std::uint64_t seen = 0;                                     // exchanges that fitted
    std::vector<std::pair<std::uint64_t, std::size_t>> starts;  // first occurrence and rule, the next one last
    std::set<std::pair<std::uint64_t, std::size_t>> ends;       // last occurrence and rule
    std::set<std::size_t> active;                               // rules that hold now by their occurrence
    std::set<std::size_t> unsettled;                            // of these, those that may yet lose to an earlier rule
    // Rules that count in each session: by the occurrence where it is one, and the others.
    std::map<std::uint64_t, std::vector<std::size_t>> in_session;
    std::vector<std::size_t> in_session_ranges;
    std::map<unsigned, std::uint64_t> seen_in_session;  // by connection; empty where no rule asks
    std::uint64_t most_in_session = 0;
    std::string last, longest;  // the last exchange that fitted, and the last of the session with the most of them
  };
  /// The rules with one `on`. A selector is listed by the most telling thing that it asks for, so that an exchange
  /// looks at those that may fit it, not at all of them.
  struct Group {
    std::uint64_t seen = 0;  // exchanges of this `on`
    std::map<std::string, std::vector<std::size_t>, std::less<>> by_argument, by_mailbox;
    std::map<std::uint64_t, std::vector<std::size_t>> by_connection;
    std::vector<std::size_t> others;
    std::size_t untouched = 0;    // selectors that no exchange has fitted
    std::vector<Seen> exchanges;  // for reports: the first ones, then a ring of the last
  };

  std::size_t selector_of(const FaultRule& rule, std::size_t group, std::map<std::string, std::size_t>& known);
  void add(FaultRule rule, std::map<std::string, std::size_t>& known);
  bool fits(const FaultRule& rule, const Exchange& exchange) const;
  /// One more exchange that fits: rules begin to hold, and cease to. Appends those that hold in this session only.
  void count(Selector& selector, const Exchange& exchange, std::vector<std::size_t>& in_session);
  static void remember(Group& group, const Exchange& exchange);
  /// An exchange that did not fit, and by how much: RuleReport::miss.
  struct Miss {
    std::string text;
    std::pair<int, std::uint64_t> size;
  };
  Miss nearest(const Entry& entry) const;
  static Miss nearest_of(const Group& group, const FaultRule& rule);

  std::vector<Entry> entries_;
  std::vector<Selector> selectors_;
  std::map<std::string, std::size_t, std::less<>> group_of_;  // by `on`
  std::vector<Group> groups_;
  mutable std::uint64_t compared_ = 0;
};

/// Of all books that a server has had: that of its settings, and one for each `set`.
std::vector<RuleReport> reports_of(const std::deque<FaultMatcher>& books);

}  // namespace mailrig::fakeservers
