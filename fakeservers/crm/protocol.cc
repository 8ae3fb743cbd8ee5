#include "fakeservers/core/protocol.h"
#include "fakeservers/core/server_paths.h"
#include "fakeservers/crm/crm_server.h"
#include "fakeservers/crm/settings.h"
#include "fakeservers/personalities/personality.h"

namespace mailrig::fakeservers {
namespace {

using namespace server_paths;  // NOLINT(google-build-using-namespace): the words that this table is made of

constexpr PathWord record[] = {{"[]", any_name}};
constexpr PathWord record_lists[] = {{"*", record}};
constexpr PathWord email[] = {{"module"},  {"record"},       {"message_id"},   {"original_message_id"},
                              {"subject"}, {"content"},      {"date_time"},    {"sent"},
                              {"from"},    {"to", any_item}, {"cc", any_item}, {"bcc", any_item}};
constexpr PathWord emails[] = {{"[]", email}};
constexpr PathWord note[] = {{"module"}, {"record"}, {"title"}, {"content"}};
constexpr PathWord note_list[] = {{"[]", note}};

constexpr PathWord crm_request[] = {
    {"call"},  {"method"}, {"path"}, {"query", any_name}, {"headers", any_name}, {.name = "body", .open = true},
    {"status"}};
constexpr PathWord crm_requests[] = {{"[]", crm_request}};

constexpr PathWord of_crm[] = {
    {"records", record_lists},        {"emails", emails},         {"notes", note_list},        {"calls", list_of_texts},
    {"unknown_calls", list_of_texts}, {"requests", crm_requests}, number_word("tokens_issued")};

constexpr auto crm_paths = with_server_paths(of_crm);

constexpr ServerReference crm_references[] = {{"tokens_of", "crm"}};

Status check_crm(const Value& settings) {
  auto fits = crm::read_settings(settings);
  if (!fits) return fits.error();
  return {};
}

}  // namespace

const ProtocolDescriptor& crm_protocol() {
  static const ProtocolDescriptor crm{.name = "crm",
                                      .settings = crm_settings(),
                                      .records = crm_modules(),
                                      .texts = crm_texts(),
                                      .faults = &crm_faults(),
                                      .references = crm_references,
                                      .paths = crm_paths,
                                      .port = 80,
                                      .tls_port = 443,
                                      .tls_by_default = true,  // HTTP with tokens is always under TLS, mail is not
                                      .said_in_clear = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
                                      .personality_names = personality_names,
                                      .resolve_personality = resolve_personality,
                                      .check = check_crm,
                                      .make = make_crm_server};
  return crm;
}

}  // namespace mailrig::fakeservers
