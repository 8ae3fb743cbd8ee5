#pragma once
/// The steps of a dialogue: the words in which latencies are reported and errors are told.
/// Example: to_string(Step::retrieve) == "retrieve".

#include <cstdint>
#include <string_view>

namespace mailrig {

enum class Step : std::uint8_t {
  none,
  connect,
  tls,
  greeting,
  capabilities,
  login,
  list,
  retrieve,
  store,
  remove,  // POP3 DELE; "delete" in reports
  quit,
  hello,  // SMTP EHLO or HELO
  mail,
  recipient,
  data,
  token,      // CRM: access token refresh
  search,     // CRM: find a record by e-mail address
  insert,     // CRM: add a record
  associate,  // CRM: put an e-mail or note on a record
  request,    // any other command
};
inline constexpr std::size_t step_count = static_cast<std::size_t>(Step::request) + 1;

std::string_view to_string(Step step);

}  // namespace mailrig
