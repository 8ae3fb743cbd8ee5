#pragma once
/// What the CRM's answers mean. The status line alone is never trusted: errors come with 200, 202 and 207 too.
///
///   CrmAnswer answer = read_answer(response);
///   answer.verdict == CrmVerdict::duplicate;     // this e-mail is on the record already: done

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "client/crm/calls.h"

namespace mailrig::client {

enum class CrmVerdict : std::uint8_t {
  ok,
  nothing,        // 204: an empty result
  duplicate,      // it is there already
  token_refused,  // the access token is dead: one refresh may help
  scope_missing,  // the connection was made without this right
  forbidden,      // the CRM's user may not do this
  busy,           // too many calls: later, and slower
  down,           // the server's own trouble, or a gateway's
  later,          // this one thing cannot be done now
  converted,      // the lead has become a contact
  gone,           // the record is not there any more
  refused,        // this will never be accepted as it is
};

struct CrmAnswer {
  CrmVerdict verdict = CrmVerdict::down;
  std::string code = {};     // "DUPLICATE_DATA"; empty where there is none
  std::string message = {};  // a sentence, printable: "the CRM answered 400 DUPLICATE_DATA: duplicate data"
  std::string id = {};       // of the record that was made or found to be there
  std::optional<Duration> retry_after = {};
};

/// Of a call that writes one thing or asks something.
CrmAnswer read_answer(const HttpResponse& response);

/// The records that a search found for this address, the one to take first: those whose Email it is, then others that
/// have it in any field, each by their age (the id). A search answers with more than what is equal, and with leads that
/// have been converted: they are left out.
std::vector<std::string> read_hits(const HttpResponse& response, std::string_view address);

/// email_available: is it on this record?
bool read_available(const HttpResponse& response, const CrmRecord& record);

/// Is a note with this title and content among those listed?
bool read_has_note(const HttpResponse& response, std::string_view title, std::string_view content);

struct CrmGrant {
  enum class Kind : std::uint8_t {
    granted,
    dead,       // refresh token, client id or secret are not good (any more): only the user can help
    throttled,  // too many tokens: every try makes it last longer
    down,
  };
  Kind kind = Kind::down;
  std::string access_token = {};
  Duration lifetime = {};
  std::string message = {};  // a sentence, printable, without any token
};
CrmGrant read_grant(const HttpResponse& response);

}  // namespace mailrig::client
