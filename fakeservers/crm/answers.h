#pragma once
/// The bodies that Zoho answers with, put together from the personality's texts.
///
///   answers.error(400, "INVALID_DATA.id", Value::map().set("resource_path_index", 1))
///     -> 400 {"code":"INVALID_DATA","details":{"resource_path_index":1},"message":"the id given seems to be
///     invalid","status":"error"}
///
/// The key of a text is its code, and after a point which of the code's texts it is.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"
#include "fakeservers/crm/http/http.h"
#include "fakeservers/crm/settings.h"

namespace mailrig::fakeservers::crm {

struct Reply {
  unsigned status = 200;
  Value body = {};  // null: none
  std::vector<HttpField> fields = {};
};

/// object({{"code", "SUCCESS"}, {"details", details}}): a map in this order.
Value object(Value::Map entries);

class Answers {
 public:
  Answers(const Settings& settings, Value texts) : settings_(settings), texts_(std::move(texts)) {}

  /// `texts` are laid over those that are there.
  void lay_over(const Value& texts) { texts_ = merged(texts_, texts); }

  std::string text(std::string_view key) const;
  Value error_item(std::string_view key, Value details = Value::map()) const;
  Value success_item(std::string_view key, Value details) const;
  Reply error(unsigned status, std::string_view key, Value details = Value::map()) const {
    return {status, error_item(key, std::move(details)), {}};
  }
  /// One item for each record, in the order of the request; the status line follows from how many failed.
  Reply items(std::string_view root, Value::List items, unsigned all_well, unsigned version) const;

 private:
  const Settings& settings_;
  Value texts_;
};

bool is_error_item(const Value& item);

}  // namespace mailrig::fakeservers::crm
