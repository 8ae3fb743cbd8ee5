#pragma once
/// A call that has been told apart: which of the routes it takes, and what it carries.
///
///   Incoming incoming = parse_request(std::move(request));
///   incoming.word == "search";  incoming.place == "GET /crm/v8/Contacts/search";

#include <string>
#include <string_view>

#include "fakeservers/crm/http/http.h"
#include "fakeservers/crm/http/uri.h"
#include "fakeservers/crm/org.h"

namespace mailrig::fakeservers::crm {

struct Call;
using Handler = Reply (*)(Call&);

/// What kind of right a call needs.
enum class Right : std::uint8_t { read, create, update, remove };

struct Route {
  std::string_view method;
  std::string_view pattern;  // "{module}/{id}/actions/convert", after the version
  std::string_view word;     // what faults and expectations call it
  Right right = Right::read;
  std::uint64_t cost = 1;  // credits, apart from those by the number of records
  bool heavy = false;      // counts toward the lower limit of calls at one time
  bool mail = false;       // needs the scope for e-mails
  Handler handler = nullptr;
};

struct Call {
  Organisation& org;
  const HttpRequest& http;
  const Query& query;
  unsigned version = 80;  // v2 is 20, v2.1 is 21, v8 is 80
  const Module* module = nullptr;
  std::string id;    // of the record in the path
  std::string leaf;  // what stands last: a related list, an e-mail's id
  Value body = {};   // of POST and PUT, an object

  Reply error(unsigned status, std::string_view key, Value details = Value::map()) const {
    return org.answers.error(status, key, std::move(details));
  }
  /// An error that points at a part of the path: 0 is the module, 1 the id, 2 what follows.
  Reply path_error(std::string_view key, unsigned index) const {
    return error(400, key, Value::map().set("resource_path_index", index));
  }
};

/// What the way of the request says, before anybody has looked whether it may.
struct Incoming {
  HttpRequest http;
  Target target;  // with the parameters of a form body behind its own
  enum class Kind : std::uint8_t { token, revoke, api, unknown_version, wrong_method, unknown } kind = Kind::unknown;
  const Route* route = nullptr;
  unsigned version = 0;
  std::string module, id, leaf;
  Value body;            // of POST and PUT: an object, or null where it is none
  std::string word;      // "search"; "unknown" where no route fits
  std::string place;     // "POST /crm/v8/Leads"
  std::string argument;  // what a fault's `argument` is compared with: the address, the Message-ID, the id
};
Incoming parse_request(HttpRequest request);

/// The words that faults may name.
std::span<const std::string_view> call_words();

}  // namespace mailrig::fakeservers::crm
