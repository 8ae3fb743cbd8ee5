#pragma once
/// The faults of one server, asked at every exchange.
///
///   FaultBook book(std::move(rules));
///   const FaultRule* rule = book.match({.on = "RETR", .argument = "3", .connection = "gmail#1", .connection_number =
///   1});
///
/// The first rule that fits wins. Occurrences are counted for each rule over all exchanges of its `on`, on all
/// connections of this server, whether or not its other fields fit: `{ "on": "RETR", "nth": 3, "mailbox": "ann" }` is
/// the third RETR of the server, and fires when that one is ann's.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakeservers/fault_rule.h"
#include "fakeservers/server.h"

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

class FaultBook {
 public:
  explicit FaultBook(std::vector<FaultRule> rules = {});

  /// Counts the exchange. Null where no rule fits; the pointer lives as long as the book.
  const FaultRule* match(const Exchange& exchange);

  bool empty() const { return entries_.empty(); }
  /// How many rules have been compared with an exchange so far; tests hold it to linear growth.
  std::uint64_t compared() const { return compared_; }
  std::vector<RuleReport> reports() const;

 private:
  struct Entry {
    FaultRule rule;
    std::size_t group = 0;
    std::uint64_t fired = 0;
    int nearest_fields = -1;  // how many fields of the nearest exchange fitted; -1: none came by
    std::string nearest;
  };
  /// Rules that hold now by their occurrence, in the order of the scenario.
  struct Bucket {
    std::set<std::size_t> active;
    std::set<std::size_t> unsettled;  // of these, those about which something nearer can still be told
  };
  /// The rules with one `on`. A rule is in the bucket of the most telling thing that it asks for, so that an exchange
  /// looks at those rules that may fit it, not at all of them.
  struct Group {
    std::uint64_t seen = 0;                                     // exchanges of this `on`
    std::vector<std::pair<std::uint64_t, std::size_t>> starts;  // first occurrence and rule, the next one last
    std::set<std::pair<std::uint64_t, std::size_t>> ends;       // last occurrence and rule
    std::map<std::string, Bucket, std::less<>> by_argument, by_mailbox;
    std::map<std::uint64_t, Bucket> by_connection;
    Bucket others;
    std::vector<std::size_t> far;  // rules to which no exchange has come near, save for one field
  };

  void count(Group& group);
  Bucket& bucket_of(Group& group, const FaultRule& rule);
  /// The buckets of the groups that are about this exchange.
  std::vector<Bucket*> buckets_for(const Exchange& exchange, const std::vector<Group*>& groups);
  bool fits(const Entry& entry, const Exchange& exchange) const;
  /// True: nothing that comes later can be nearer, but an exchange that fits and is taken by another rule.
  bool note_near_miss(Entry& entry, const Exchange& exchange, const FaultRule* winner) const;

  std::vector<Entry> entries_;
  std::map<std::string, std::size_t, std::less<>> group_of_;  // by `on`
  std::vector<Group> groups_;
  mutable std::uint64_t compared_ = 0;
};

}  // namespace mailrig::fakeservers
