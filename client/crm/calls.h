#pragma once
/// The calls of the CRM's interface that the client makes, as HTTP requests.
///
///   CrmCall call = search_call("Contacts", "bert+x@customer.test");
///   call.request.target == "/crm/v8/Contacts/search?email=bert%2Bx%40customer.test";

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/step.h"
#include "client/crm/http.h"
#include "client/crm/mail.h"
#include "net/network.h"

namespace mailrig::client {

/// The connection to a CRM as the account has it.
struct CrmCredentials {
  std::string client_id;
  std::string client_secret;
  std::string refresh_token;
  Endpoint server = {};  // grants tokens, and takes the calls unless its answer names another
  bool tls = true;       // without it no token is sent to a server that is named without TLS
};

struct CrmRecord {
  std::string module;  // "Contacts" or "Leads"
  std::string id;      // 16 to 19 digits: a text, since no double holds it

  friend auto operator<=>(const CrmRecord&, const CrmRecord&) = default;
};

/// What a call asks, which decides what counts as its answer.
enum class CrmQuestion : std::uint8_t {
  token,
  list,       // records of a search or of a related list
  available,  // is this e-mail in the CRM?
  write,      // one item; must not be repeated blindly after its answer was lost
};

struct CrmCall {
  Step step = Step::request;
  CrmQuestion question = CrmQuestion::list;
  HttpRequest request = {};
  bool authorised = true;  // wants the access token
  std::string shown = {};  // for the transcript: the request line, and the body where it may be shown
};

CrmCall token_call(const CrmCredentials& credentials);
CrmCall search_call(std::string_view module, std::string_view address);
/// One mail a call: more are refused.
CrmCall associate_call(const CrmRecord& record, const CrmMail& mail);
/// Is an e-mail with this Message-ID in the CRM?
CrmCall available_call(std::string_view message_id);

using CrmFields = std::vector<std::pair<std::string, std::string>>;
/// No workflow of the CRM is triggered.
CrmCall insert_call(std::string_view module, const CrmFields& fields);
CrmCall note_call(const CrmRecord& record, std::string_view title, std::string_view content);
CrmCall notes_call(const CrmRecord& record);

}  // namespace mailrig::client
