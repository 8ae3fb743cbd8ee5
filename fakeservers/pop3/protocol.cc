#include "fakeservers/core/protocol.h"
#include "fakeservers/core/server_paths.h"
#include "fakeservers/personalities/personality.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/pop3/settings.h"
#include "fakeservers/pop3/texts.h"

namespace mailrig::fakeservers {
namespace {

using namespace server_paths;  // NOLINT(google-build-using-namespace): the words that this table is made of

constexpr PathWord mailbox_message[] = {{"uid"},     {"read"},     {"popped"},    {"deleted"},
                                        {"trashed"}, {"archived"}, {"retrieved"}, {"octets"}};
constexpr PathWord mailbox_messages[] = {{"[]", mailbox_message}};
constexpr PathWord mailbox[] = {{"kept"},      {"listed"},  {"popped"},
                                {"read"},      {"deleted"}, {"trashed"},
                                {"retrieved"}, {"locked"},  {"messages", mailbox_messages}};
constexpr PathWord mailboxes[] = {{"*", mailbox}};

constexpr PathWord of_pop3[] = {{"mailboxes", mailboxes}};
constexpr auto pop3_paths = with_server_paths(of_pop3);

constexpr std::string_view pop3_steps[] = {"deliver",         "lock",         "unlock",
                                           "expire_password", "set_password", "pop_elsewhere"};

Status check_pop3(const Value& settings) {
  if (auto fits = pop3::read_settings(settings); !fits) return fits.error();
  if (auto fits = pop3::Texts::read(settings.find("texts")); !fits) return fits.error();
  return {};
}

}  // namespace

const ProtocolDescriptor& pop3_protocol() {
  static const ProtocolDescriptor pop3{.name = "pop3",
                                       .settings = pop3_settings(),
                                       .mailbox_settings = pop3_mailbox_settings(),
                                       .message_settings = pop3_message_settings(),
                                       .has_mailboxes = true,
                                       .texts = pop3_texts(),
                                       .faults = &pop3_faults(),
                                       .locks = pop3_locks(),
                                       .steps = pop3_steps,
                                       .greeting = "greeting",
                                       .paths = pop3_paths,
                                       .port = 110,
                                       .tls_port = 995,
                                       .said_in_clear = "+OK POP3 server ready\r\n",
                                       .personality_names = personality_names,
                                       .resolve_personality = resolve_personality,
                                       .check = check_pop3,
                                       .make = make_pop3_server};
  return pop3;
}

}  // namespace mailrig::fakeservers
