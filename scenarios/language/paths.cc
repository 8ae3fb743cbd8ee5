#include "scenarios/language/paths.h"

#include <array>

namespace mailrig::scenarios {
namespace {

using Choices = std::string_view;
using P = PathWord;

constexpr P number(std::string_view name) { return {.name = name, .number = true}; }

constexpr Choices account_states[] = {"ok",         "authentication-failing", "connection-failing", "unlock-needed",
                                      "queue-full", "certificate-error",      "action-needed",      "disabled"};
constexpr Choices crm_states[] = {"ok", "waiting", "reconnect-needed", "action-needed"};
constexpr Choices sent_states[] = {"sent", "queued", "failed", "authentication-failed", "in-doubt"};
constexpr Choices session_ends[] = {"open", "quit", "closed", "reset", "timed-out", "cut"};

constexpr P any_item[] = {{.name = "[]", .open = true}};
constexpr P any_name[] = {{.name = "*", .open = true}};

constexpr P stored_message[] = {{"uid"},     number("octets"), {"sha256"},     {"raw"},    {"header"},   {"body"},
                                {"subject"}, {"from"},         {"message_id"}, {"folder"}, {"stored_at"}};
constexpr P stored_messages[] = {{"[]", stored_message}};
constexpr P sent_recipient[] = {{"address"}, {"state"}, number("reply_code"), {"message"}};
constexpr P sent_recipients[] = {{"[]", sent_recipient}};
constexpr P sent_message[] = {{"state", {}, sent_states},      number("reply_code"), {"enhanced"},      {"message"},
                              {"recipients", sent_recipients}, {"message_id"},       number("attempts")};
constexpr P sent_messages[] = {{"[]", sent_message}};
constexpr Choices crm_outcomes[] = {"associated", "pending", "refused", "no-record"};
constexpr Choices entry_outcomes[] = {"added", "there-already", "failed"};
constexpr P crm_record[] = {{"module"}, {"record"}, {"outcome"}};
constexpr P crm_records[] = {{"[]", crm_record}};
constexpr P crm_email[] = {
    {"message_id"}, {"outcome", {}, crm_outcomes}, {"records", crm_records}, {"reason"}, {"failures"}, {"next_try"}};
constexpr P crm_emails[] = {{"[]", crm_email}};
constexpr P crm_entry[] = {{"kind"}, {"address"}, {"outcome", {}, entry_outcomes}, {"module"}, {"record"}, {"message"}};
constexpr P crm_entries[] = {{"[]", crm_entry}};
constexpr P crm_of_account[] = {{"state", {}, crm_states},
                                {"associated"},
                                {"pending"},
                                {"refused"},
                                {"no_record"},
                                {"message"},
                                {"next_try"},
                                {"emails", crm_emails},
                                {"entries", crm_entries}};
constexpr P account[] = {{"state", {}, account_states},
                         {"message"},
                         number("stored"),
                         number("polls"),
                         number("authentication_failures"),
                         number("connection_failures"),
                         number("retrieved"),
                         number("deleted"),
                         {"interval"},
                         {"next_poll"},
                         {"last_error"},
                         {"disabled_by"},
                         {"messages", stored_messages},
                         {"folders", any_name},
                         {"crm", crm_of_account},
                         {"sent", sent_messages},
                         number("outbox"),
                         {"set_aside", any_item},
                         {"lost", any_item},
                         {"summary"}};

constexpr P count_of_name[] = {number("*")};
constexpr P list_of_texts[] = {{"[]"}};
constexpr P secrets[] = {{.name = "[]", .secret = true}};
constexpr P session[] = {{"commands", list_of_texts},
                         {.name = "secrets", .inside = secrets, .secret = true},
                         {"user"},
                         {"peer"},
                         {"at"},
                         {"tls"},
                         {"early"},
                         {"pipelined"},
                         {"end", {}, session_ends}};
constexpr P session_list[] = {{"[]", session}};

constexpr P mailbox_message[] = {{"uid"},     {"read"},     {"popped"},    {"deleted"},
                                 {"trashed"}, {"archived"}, {"retrieved"}, {"octets"}};
constexpr P mailbox_messages[] = {{"[]", mailbox_message}};
constexpr P mailbox[] = {{"kept"},      {"listed"},  {"popped"},
                         {"read"},      {"deleted"}, {"trashed"},
                         {"retrieved"}, {"locked"},  {"messages", mailbox_messages}};
constexpr P mailboxes[] = {{"*", mailbox}};

constexpr P accepted_message[] = {
    {"from"}, {"recipients", list_of_texts}, {"octets"}, {"sha256"}, {"header"}, {"body"}, {"raw"}, {"user"},
    {"tls"},  {"headers", any_name}};
constexpr P accepted_messages[] = {{"[]", accepted_message}};

constexpr P record[] = {{"[]", any_name}};
constexpr P record_lists[] = {{"*", record}};
constexpr P email[] = {{"module"},  {"record"},       {"message_id"},   {"original_message_id"},
                       {"subject"}, {"content"},      {"date_time"},    {"sent"},
                       {"from"},    {"to", any_item}, {"cc", any_item}, {"bcc", any_item}};
constexpr P emails[] = {{"[]", email}};
constexpr P note[] = {{"module"}, {"record"}, {"title"}, {"content"}};
constexpr P note_list[] = {{"[]", note}};

constexpr P crm_request[] = {
    {"call"},  {"method"}, {"path"}, {"query", any_name}, {"headers", any_name}, {.name = "body", .open = true},
    {"status"}};
constexpr P crm_requests[] = {{"[]", crm_request}};

constexpr P of_every_server[] = {number("connections"),       number("logins"),           number("failed_logins"),
                                 {"commands", count_of_name}, {"sessions", session_list}, {"dialogues", list_of_texts}};
constexpr P of_pop3[] = {{"mailboxes", mailboxes}};
constexpr P user[] = {{"sent"}, {"locked"}};
constexpr P users[] = {{"*", user}};
constexpr P of_smtp[] = {{"accepted", accepted_messages}, {"mailboxes", users}};
constexpr P of_crm[] = {
    {"records", record_lists},        {"emails", emails},         {"notes", note_list},   {"calls", list_of_texts},
    {"unknown_calls", list_of_texts}, {"requests", crm_requests}, number("tokens_issued")};

template <std::size_t n>
constexpr auto with_common(const P (&own)[n]) {
  std::array<P, std::size(of_every_server) + n> all{};
  std::size_t i = 0;
  for (const P& word : of_every_server) all[i++] = word;
  for (const P& word : own) all[i++] = word;
  return all;
}
constexpr auto pop3_server = with_common(of_pop3);
constexpr auto smtp_server = with_common(of_smtp);
constexpr auto crm_server = with_common(of_crm);

constexpr P latency[] = {number("count"), {"p50"}, {"p90"}, {"p99"}, {"max"}};

}  // namespace

std::span<const PathWord> account_paths() { return account; }
std::span<const PathWord> latency_paths() { return latency; }

std::span<const PathWord> server_paths(Protocol protocol) {
  switch (protocol) {
    case Protocol::pop3: return pop3_server;
    case Protocol::smtp: return smtp_server;
    case Protocol::crm: return crm_server;
  }
  return pop3_server;
}

}  // namespace mailrig::scenarios
