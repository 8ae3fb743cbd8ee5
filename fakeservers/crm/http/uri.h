#pragma once
/// The request target taken apart: path segments and parameters, percent-decoded (RFC 3986, and the form encoding of
/// queries).
///
///   Target target = parse_target("/crm/v8/Contacts/search?email=a%2Bb%40c.com");
///   target.segments == {"crm", "v8", "Contacts", "search"};  target.query.find("email") -> "a+b@c.com"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailrig::fakeservers::crm {

class Query {
 public:
  /// "a=1&b=%40+c": a plus is a blank. An incomplete escape stands for itself.
  static Query parse(std::string_view encoded);

  const std::string* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::string text(std::string_view name) const;
  /// The parameters of a form body count like those of the target; the target's come first.
  void append(Query more);
  const std::vector<std::pair<std::string, std::string>>& pairs() const { return pairs_; }

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct Target {
  std::string path;                   // as sent, without origin and query
  std::vector<std::string> segments;  // decoded
  Query query;
};
Target parse_target(std::string_view target);

/// Does this parameter carry a secret?
bool is_secret_parameter(std::string_view name);

/// The target as a transcript may show it: the values of parameters that carry secrets are replaced by their names,
/// "<client_secret>".
std::string masked_target(std::string_view target);

}  // namespace mailrig::fakeservers::crm
