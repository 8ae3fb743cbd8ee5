#include "scenarios/language/paths.h"

namespace mailrig::scenarios {
namespace {

using Choices = std::string_view;
using P = PathWord;

constexpr Choices account_states[] = {"ok",         "authentication-failing", "connection-failing", "unlock-needed",
                                      "queue-full", "certificate-error",      "action-needed",      "disabled"};
constexpr Choices crm_states[] = {"ok", "waiting", "reconnect-needed", "action-needed"};
constexpr Choices sent_states[] = {"sent", "queued", "failed", "authentication-failed", "in-doubt"};

constexpr P any_item[] = {{.name = "[]", .open = true}};
constexpr P any_name[] = {{.name = "*", .open = true}};

constexpr P stored_message[] = {{"uid"},      number_word("octets"), {"sha256"}, {"raw"},        {"header"},
                                {"body"},     {"subject"},           {"from"},   {"message_id"}, {"folder"},
                                {"stored_at"}};
constexpr P stored_messages[] = {{"[]", stored_message}};
constexpr P sent_recipient[] = {{"address"}, {"state"}, number_word("reply_code"), {"message"}};
constexpr P sent_recipients[] = {{"[]", sent_recipient}};
constexpr P sent_message[] = {{"state", {}, sent_states},
                              number_word("reply_code"),
                              {"enhanced"},
                              {"message"},
                              {"recipients", sent_recipients},
                              {"message_id"},
                              number_word("attempts")};
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
                         number_word("stored"),
                         number_word("polls"),
                         number_word("authentication_failures"),
                         number_word("connection_failures"),
                         number_word("retrieved"),
                         number_word("deleted"),
                         {"interval"},
                         {"next_poll"},
                         {"last_error"},
                         {"disabled_by"},
                         {"messages", stored_messages},
                         {"folders", any_name},
                         {"crm", crm_of_account},
                         {"sent", sent_messages},
                         number_word("outbox"),
                         {"set_aside", any_item},
                         {"lost", any_item},
                         {"summary"}};

constexpr P latency[] = {number_word("count"), {"p50"}, {"p90"}, {"p99"}, {"max"}};

}  // namespace

std::span<const PathWord> account_paths() { return account; }
std::span<const PathWord> latency_paths() { return latency; }

}  // namespace mailrig::scenarios
