#include "fakeservers/core/protocol.h"
#include "fakeservers/core/server_paths.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/smtp/settings.h"
#include "fakeservers/smtp/smtp_server.h"
#include "fakeservers/smtp/texts.h"

namespace mailrig::fakeservers {
namespace {

using namespace server_paths;  // NOLINT(google-build-using-namespace): the words that this table is made of

constexpr PathWord accepted_message[] = {
    {"from"}, {"recipients", list_of_texts}, {"octets"}, {"sha256"}, {"header"}, {"body"}, {"raw"}, {"user"},
    {"tls"},  {"headers", any_name}};
constexpr PathWord accepted_messages[] = {{"[]", accepted_message}};

constexpr PathWord user[] = {{"sent"}, {"locked"}};
constexpr PathWord users[] = {{"*", user}};
constexpr PathWord of_smtp[] = {{"accepted", accepted_messages}, {"undelivered", list_of_texts}, {"mailboxes", users}};
constexpr auto smtp_paths = with_server_paths(of_smtp);

constexpr std::string_view smtp_steps[] = {"lock", "unlock", "expire_password", "set_password"};
constexpr ServerReference smtp_references[] = {{"deliver_to", "pop3"}};

Status check_smtp(const Value& settings) {
  if (auto fits = smtp::read_settings(settings); !fits) return fits.error();
  if (auto fits = smtp::Texts::read(settings.find("texts")); !fits) return fits.error();
  return {};
}

}  // namespace

const ProtocolDescriptor& smtp_protocol() {
  static const ProtocolDescriptor smtp{.name = "smtp",
                                       .settings = smtp_settings(),
                                       .mailbox_settings = smtp_mailbox_settings(),
                                       .has_mailboxes = true,
                                       .texts = smtp_texts(),
                                       .faults = &smtp_faults(),
                                       .locks = smtp_locks(),
                                       .steps = smtp_steps,
                                       .greeting = "greeting",
                                       .references = smtp_references,
                                       .paths = smtp_paths,
                                       .port = 587,
                                       .tls_port = 465,
                                       .said_in_clear = "220 mail server ready\r\n",
                                       .personality_names = personality_names,
                                       .resolve_personality = resolve_personality,
                                       .check = check_smtp,
                                       .make = make_smtp_server};
  return smtp;
}

}  // namespace mailrig::fakeservers
