#include "scenarios/vocabulary.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "fakeservers/crm/crm_server.h"
#include "fakeservers/crm/settings.h"
#include "fakeservers/personality.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/pop3/settings.h"
#include "fakeservers/pop3/texts.h"

namespace mailrig::scenarios {
namespace {

using enum SettingKind;

constexpr std::string_view roots_of_trust[] = {"rig", "none"};
constexpr Setting account_table[] = {
    {"user", text, "the name to log in with, for POP3 and, without smtp_user, for SMTP"},
    {"password", text, "the password that goes with it"},
    {"smtp_user", text, "the name to log in with for SMTP"},
    {"smtp_password", text, "the password that goes with it"},
    {"address", text, "the e-mail address; default: the user without recent:"},
    {"leave_on_server", boolean, "false: DELE after a message is durably stored"},
    {"source", text, "the address that connections come from"},
    {"trust", choice, "which roots the client trusts", roots_of_trust},
    {"storage", octets, "how much this account may store"},
    {"client_id", text, "of the CRM"},
    {"client_secret", text, "of the CRM"},
    {"refresh_token", text, "of the CRM"},
};

constexpr std::string_view smtp_verbs[] = {"greeting", "EHLO",    "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT",
                                           "DATA",     "message", "RSET", "NOOP",     "QUIT", "VRFY", "HELP"};
const fakeservers::FaultVocabulary smtp_vocabulary{.protocol = "smtp", .verbs = smtp_verbs};

Status check_pop3(const Value& settings) {
  if (auto fits = fakeservers::pop3::read_settings(settings); !fits) return fits.error();
  if (auto fits = fakeservers::pop3::Texts::read(settings.find("texts")); !fits) return fits.error();
  return {};
}
Status check_smtp(const Value&) { return {}; }
Status check_crm(const Value& settings) {
  auto fits = fakeservers::crm::read_settings(settings);
  if (!fits) return fits.error();
  return {};
}

}  // namespace

const ProtocolWords& words_of(Protocol protocol) {
  static const ProtocolWords pop3{.server = fakeservers::pop3_settings(),
                                  .mailbox = fakeservers::pop3_mailbox_settings(),
                                  .message = fakeservers::pop3_message_settings(),
                                  .faults = &fakeservers::pop3_faults(),
                                  .locks = fakeservers::pop3_locks(),
                                  .mail_greeting = "greeting",
                                  .check = check_pop3};
  static const ProtocolWords smtp{.server = {},
                                  .mailbox = {},
                                  .message = {},
                                  .faults = &smtp_vocabulary,
                                  .locks = {},
                                  .mail_greeting = "greeting",
                                  .check = check_smtp};
  static const ProtocolWords crm{.server = fakeservers::crm_settings(),
                                 .mailbox = {},
                                 .message = {},
                                 .faults = &fakeservers::crm_faults(),
                                 .locks = {},
                                 .mail_greeting = {},
                                 .check = check_crm};
  switch (protocol) {
    case Protocol::pop3: return pop3;
    case Protocol::smtp: return smtp;
    case Protocol::crm: return crm;
  }
  return pop3;
}

std::span<const Setting> account_words() { return account_table; }

TlsMode default_tls(Protocol protocol, std::string_view personality) {
  struct Row {
    Protocol protocol;
    std::string_view personality;
    TlsMode tls;
  };
  static constexpr Row rows[] = {{Protocol::pop3, "gmail", TlsMode::implicit},
                                 {Protocol::pop3, "office365", TlsMode::implicit},
                                 {Protocol::smtp, "gmail", TlsMode::starttls_required},
                                 {Protocol::smtp, "office365", TlsMode::starttls_required},
                                 {Protocol::smtp, "zoho", TlsMode::starttls_required}};
  if (protocol == Protocol::crm) return TlsMode::implicit;
  for (const Row& row : rows)
    if (row.protocol == protocol && row.personality == personality) return row.tls;
  return TlsMode::none;
}

std::uint16_t default_port(Protocol protocol, TlsMode tls) {
  bool implicit = tls == TlsMode::implicit;
  switch (protocol) {
    case Protocol::pop3: return implicit ? 995 : 110;
    case Protocol::smtp: return implicit ? 465 : 587;
    case Protocol::crm: return implicit ? 443 : 80;
  }
  return 0;
}

Result<Value> personality(Protocol protocol, const Value& named, const Value& of_scenario) {
  bool built_in = named.is(Value::Kind::text) && of_scenario.find(named.text()) == nullptr;
  if (!built_in) return fakeservers::resolve_personality(to_string(protocol), named, of_scenario);
  static std::mutex mutex;  // scenarios are loaded on several threads
  static std::map<std::pair<Protocol, std::string>, Value> known;
  std::lock_guard lock(mutex);
  auto at = known.find(std::pair(protocol, named.text()));
  if (at != known.end()) return at->second;
  auto resolved = fakeservers::resolve_personality(to_string(protocol), named);
  if (resolved) known.emplace(std::pair(protocol, named.text()), *resolved);
  return resolved;
}

}  // namespace mailrig::scenarios
