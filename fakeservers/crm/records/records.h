#pragma once
/// The records of one organisation, found by id, by module and by e-mail address.
///
///   Record& lead = records.add(*find_module("Leads"), fields, now, now + lag);
///   records.by_email(*find_module("Leads"), "A@B.test", now)   // every e-mail field, any letter case, once it is
///   indexed

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/prng.h"
#include "base/time.h"
#include "base/value.h"
#include "fakeservers/crm/records/modules.h"

namespace mailrig::fakeservers::crm {

struct Record {
  const Module* module = nullptr;
  std::string id;
  Value fields = Value::map();
  Instant created{};
  Instant modified{};
  Instant index_at{};  // from here on searches see `fields`, before it `indexed`
  Value indexed;       // null: not to be found
  bool converted = false;

  /// What a search sees now.
  const Value& searched(Instant now) const { return now >= index_at ? fields : indexed; }
  std::string text(std::string_view field) const;
};

struct Deleted {
  const Module* module;
  std::string id;
  std::string name;
  Instant created;
  Instant deleted;
};

/// An id as Zoho's are: 19 digits, the first seven the organisation's.
class IdMaker {
 public:
  explicit IdMaker(Prng prng) : organisation_(1'000'000 + prng.below(8'000'000)) {}
  std::string next();

 private:
  std::uint64_t organisation_;
  std::uint64_t number_ = 400'000;
};

class RecordStore {
 public:
  explicit RecordStore(IdMaker& ids) : ids_(ids) {}

  /// `fields` may hold an id of its own (a scenario's records do); a record that has it already is replaced.
  Record& add(const Module& module, Value fields, Instant now, Instant index_at);
  void update(Record& record, const Value& changes, Instant now, Instant index_at);
  bool remove(const Module& module, std::string_view id, Instant now);

  Record* find(const Module& module, std::string_view id);
  const Record* find_anywhere(std::string_view id) const;
  /// Oldest first.
  std::vector<const Record*> by_email(const Module& module, std::string_view address, Instant now) const;
  /// Oldest first; the pointers live until the store changes.
  std::vector<const Record*> all(const Module& module) const;
  const std::vector<Deleted>& deleted() const { return deleted_; }

 private:
  void index(const Record& record);

  IdMaker& ids_;
  std::map<std::string_view, std::vector<std::unique_ptr<Record>>> by_module_;
  std::map<std::string, Record*, std::less<>> by_id_;
  // Module and address in lower case to ids. A superset: what a record lost stays here and is dropped when it is looked
  // at.
  std::map<std::string, std::vector<std::string>, std::less<>> by_address_;
  std::vector<Deleted> deleted_;
};

/// "last name" of a record, whatever its module calls it.
std::string name_of(const Module& module, const Value& fields);
/// ASCII only: that is how Zoho compares addresses.
std::string lower_case(std::string_view text);

}  // namespace mailrig::fakeservers::crm
