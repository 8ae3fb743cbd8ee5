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
#include <string>
#include <string_view>
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
  std::vector<RuleReport> reports() const;

 private:
  struct Entry {
    FaultRule rule;
    std::uint64_t seen = 0;  // exchanges of its `on`
    std::uint64_t fired = 0;
    int nearest_fields = -1;  // how many fields of the nearest exchange fitted; -1: none came by
    std::string nearest;
  };

  static void note_near_miss(Entry& entry, const Exchange& exchange, const FaultRule* winner);

  std::vector<Entry> entries_;
};

}  // namespace mailrig::fakeservers
