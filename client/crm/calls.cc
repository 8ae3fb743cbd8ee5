#include "client/crm/calls.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace mailrig::client {
namespace {

using nlohmann::ordered_json;

// Everything used here is the same from v4 on; v8 is the one that the documentation describes.
constexpr std::string_view api = "/crm/v8";

CrmCall get(Step step, std::string target) {
  std::string shown = "GET " + target;
  return {.step = step, .request = {.method = "GET", .target = std::move(target)}, .shown = std::move(shown)};
}

CrmCall post(Step step, std::string target, const ordered_json& body) {
  CrmCall call{
      .step = step, .question = CrmQuestion::write, .request = {.method = "POST", .target = std::move(target)}};
  call.request.headers = {{"Content-Type", "application/json"}};
  call.request.body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  call.shown = fmt::format("POST {} <{} octets>", call.request.target, call.request.body.size());
  return call;
}

ordered_json person(const mime::Address& address) {
  return {{"user_name", address.name.empty() ? address.address : address.name}, {"email", address.address}};
}

ordered_json people(const std::vector<mime::Address>& addresses) {
  ordered_json list = ordered_json::array();
  for (const mime::Address& address : addresses) list.push_back(person(address));
  return list;
}

std::string record_path(const CrmRecord& record) { return fmt::format("{}/{}/{}", api, record.module, record.id); }

}  // namespace

CrmCall token_call(const CrmCredentials& credentials) {
  CrmCall call{.step = Step::token,
               .question = CrmQuestion::token,
               .request = {.method = "POST", .target = "/oauth/v2/token"},
               .authorised = false,
               .shown = "POST /oauth/v2/token grant_type=refresh_token&refresh_token=<refresh token>&client_id=" +
                        percent_encoded(credentials.client_id) + "&client_secret=<client secret>"};
  call.request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  call.request.body = fmt::format("grant_type=refresh_token&refresh_token={}&client_id={}&client_secret={}",
                                  percent_encoded(credentials.refresh_token), percent_encoded(credentials.client_id),
                                  percent_encoded(credentials.client_secret));
  return call;
}

CrmCall search_call(std::string_view module, std::string_view address) {
  return get(Step::search, fmt::format("{}/{}/search?email={}", api, module, percent_encoded(address)));
}

CrmCall associate_call(const CrmRecord& record, const CrmMail& mail) {
  ordered_json email = {{"from", person(mail.from)},
                        {"to", people(mail.to)},
                        {"subject", mail.subject},
                        {"content", mail.content},
                        {"mail_format", mail.html ? "html" : "text"},
                        {"date_time", mail.date_time},
                        {"sent", mail.sent},
                        {"original_message_id", mail.message_id}};
  if (!mail.cc.empty()) email["cc"] = people(mail.cc);
  if (!mail.bcc.empty()) email["bcc"] = people(mail.bcc);
  return post(Step::associate, record_path(record) + "/actions/associate_email",
              {{"Emails", ordered_json::array({std::move(email)})}});
}

CrmCall available_call(std::string_view message_id) {
  // Misspelt so in the interface.
  CrmCall call = get(Step::associate,
                     fmt::format("{}/actions/email_available?orginal_message_id={}", api, percent_encoded(message_id)));
  call.question = CrmQuestion::available;
  return call;
}

CrmCall insert_call(std::string_view module, const CrmFields& fields) {
  ordered_json record = ordered_json::object();
  for (const auto& [name, value] : fields) record[name] = value;
  return post(Step::insert, fmt::format("{}/{}", api, module),
              {{"data", ordered_json::array({std::move(record)})}, {"trigger", ordered_json::array()}});
}

CrmCall note_call(const CrmRecord& record, std::string_view title, std::string_view content) {
  ordered_json parent = {{"module", {{"api_name", record.module}}}, {"id", record.id}};
  ordered_json note = {{"Parent_Id", std::move(parent)}, {"Note_Title", title}, {"Note_Content", content}};
  return post(Step::insert, fmt::format("{}/Notes", api), {{"data", ordered_json::array({std::move(note)})}});
}

CrmCall notes_call(const CrmRecord& record) {
  return get(Step::insert, record_path(record) + "/Notes?fields=Note_Title,Note_Content&per_page=200");
}

}  // namespace mailrig::client
