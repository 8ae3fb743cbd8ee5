#pragma once
/// What the CRM's answers mean. Neither the status line nor the presence of a body decides: errors come with 200, 202
/// and 207 too, and a success counts only where the answer says what was asked for.
///
///   CrmAnswer answer = read_answer(response, CrmQuestion::write, now);
///   answer.verdict == CrmVerdict::duplicate;     // this e-mail is on the record already: done

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "client/crm/calls.h"

namespace mailrig::client {

enum class CrmVerdict : std::uint8_t {
  ok,             // what was asked for: a list of records, SUCCESS for the item
  nothing,        // 204 to a question: an empty result
  duplicate,      // it is there already
  unsearchable,   // the CRM cannot search for this address, so no record has it
  token_refused,  // the access token is dead: one refresh may help
  scope_missing,  // the connection was made without this right
  forbidden,      // the CRM's user may not do this
  busy,           // too many calls: later, and slower
  full,           // the whole account: storage or licence are used up, only the user can help
  down,           // the server's own trouble, or a gateway's
  later,          // this one thing cannot be done now
  unclear,        // neither a success nor an error that is known: asked again, and told
  converted,      // the lead has become a contact
  gone,           // the record is not there any more
  refused,        // this item will never be accepted as it is
};

struct CrmAnswer {
  CrmVerdict verdict = CrmVerdict::down;
  std::string code = {};     // "DUPLICATE_DATA"; empty where there is none
  std::string message = {};  // a sentence, printable: "the CRM answered 400 INVALID_DATA: invalid data (field from)"
  std::string id = {};       // of the record that was made or found to be there
  std::optional<Duration> retry_after = {};
};

/// `now` is for a Retry-After that is a date, where the answer has no Date of its own. A wait is at most a day.
CrmAnswer read_answer(const HttpResponse& response, CrmQuestion question, Instant now);

/// An id as the CRM gives them: decimal digits. Anything else must not reach a request line.
bool is_record_id(std::string_view id);

struct CrmHits {
  /// Those whose Email the address is, then others that have it in any field, each by their age (the id).
  std::vector<std::string> ids = {};
  /// A record has the address, but its id is unusable.
  bool unusable = false;
};
/// The records that a search found for this address (lower case). A search answers with more than what is equal, and
/// with leads that have been converted: they are left out.
CrmHits read_hits(const HttpResponse& response, std::string_view address);

/// email_available: is it on this record?
bool read_available(const HttpResponse& response, const CrmRecord& record);

/// Is a note with this title and content among those listed?
bool read_has_note(const HttpResponse& response, std::string_view title, std::string_view content);

struct CrmGrant {
  enum class Kind : std::uint8_t {
    granted,
    dead,       // refresh token, client id or secret are not good (any more): only the user can help
    throttled,  // too many tokens: every try makes it last longer
    down,       // anything else: asked again
  };
  Kind kind = Kind::down;
  std::string access_token = {};  // fit for a header field
  std::string api_domain = {};    // "https://www.zohoapis.eu": where this token is good; empty: not told
  Duration lifetime = {};
  std::string message = {};  // a sentence, printable, without any token
  std::optional<Duration> retry_after = {};
};
CrmGrant read_grant(const HttpResponse& response, Instant now);

}  // namespace mailrig::client
