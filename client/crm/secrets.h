#pragma once
/// Takes the secrets of a connection to the CRM out of texts that a server wrote: an error page may repeat the request.
///
///   CrmSecrets secrets;
///   secrets.add("1000.5ec2e7.c0ffee", "access token");
///   secrets.mask("no such token: 1000.5ec2e7.c0ffee") == "no such token: <access token>"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mailrig::client {

class CrmSecrets {
 public:
  /// `name` is what is shown in its place. An empty secret is ignored.
  void add(std::string_view secret, std::string_view name);

  /// Each secret is found as it is and percent-encoded. Tokens of Zoho's form ("1000.", then hexadecimal digits and
  /// points) are masked whether or not they are known: a server may show one that it just made, or a former one.
  std::string mask(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> secrets_;  // and "<name>", the longest first
};

}  // namespace mailrig::client
