#include "scenarios/language/vocabulary.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "client/account/account.h"
#include "fakeservers/crm/crm_server.h"
#include "fakeservers/crm/settings.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/pop3/settings.h"
#include "fakeservers/pop3/texts.h"
#include "fakeservers/smtp/settings.h"
#include "fakeservers/smtp/smtp_server.h"
#include "fakeservers/smtp/texts.h"

namespace mailrig::scenarios {
namespace {

Status check_pop3(const Value& settings) {
  if (auto fits = fakeservers::pop3::read_settings(settings); !fits) return fits.error();
  if (auto fits = fakeservers::pop3::Texts::read(settings.find("texts")); !fits) return fits.error();
  return {};
}
Status check_smtp(const Value& settings) {
  if (auto fits = fakeservers::smtp::read_settings(settings); !fits) return fits.error();
  if (auto fits = fakeservers::smtp::Texts::read(settings.find("texts")); !fits) return fits.error();
  return {};
}
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
                                  .texts = fakeservers::pop3_texts(),
                                  .faults = &fakeservers::pop3_faults(),
                                  .locks = fakeservers::pop3_locks(),
                                  .mail_greeting = "greeting",
                                  .check = check_pop3};
  static const ProtocolWords smtp{.server = fakeservers::smtp_settings(),
                                  .mailbox = fakeservers::smtp_mailbox_settings(),
                                  .message = {},
                                  .texts = fakeservers::smtp_texts(),
                                  .faults = &fakeservers::smtp_faults(),
                                  .locks = fakeservers::smtp_locks(),
                                  .mail_greeting = "greeting",
                                  .check = check_smtp};
  static const ProtocolWords crm{.server = fakeservers::crm_settings(),
                                 .mailbox = {},
                                 .message = {},
                                 .texts = fakeservers::crm_texts(),
                                 .faults = &fakeservers::crm_faults(),
                                 .locks = {},
                                 .mail_greeting = {},
                                 .check = check_crm,
                                 .modules = fakeservers::crm_modules()};
  switch (protocol) {
    case Protocol::pop3: return pop3;
    case Protocol::smtp: return smtp;
    case Protocol::crm: return crm;
  }
  return pop3;
}

std::span<const Setting> account_words() { return client::account_settings(); }

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
