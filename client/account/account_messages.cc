#include "client/account/account_messages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace mailrig::client {
namespace {

std::string_view domain_of(std::string_view address) {
  std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

std::string server_said(const Pop3Refusal& refusal) {
  return refusal.text.empty() ? "The server gave no reason." : fmt::format("The server said: \"{}\".", refusal.text);
}

/// To be followed by a full stop.
std::string_view sentence(std::string_view text) {
  while (text.ends_with('.')) text.remove_suffix(1);
  return text;
}

std::string place_of(const AccountSettings& settings) {
  return settings.pop3 ? to_string(settings.pop3->server) : std::string("the server");
}

std::string counted(std::uint64_t messages) {
  return messages == 1 ? "1 message" : fmt::format("{} messages", messages);
}

/// Messages that can no longer be retrieved.
std::string message_for_lost(std::uint64_t lost) {
  return fmt::format(
      "{} could not be retrieved before the server stopped listing {}: {} not stored here. Look for {} in the "
      "provider's own web mail; retrieval goes on with all other mail.",
      counted(lost), lost == 1 ? "it" : "them", lost == 1 ? "it is" : "they are", lost == 1 ? "it" : "them");
}

std::string message_for_quarantined(std::uint64_t quarantined) {
  const bool one = quarantined == 1;
  return fmt::format(
      "{} on the server could not be retrieved in several attempts and {} passed over, so that all other mail arrives. "
      "{} there and {} tried again once a day, or at once when you save the account. Look for {} in the provider's own "
      "web mail; where {} damaged, move or delete {} there.",
      counted(quarantined), one ? "is" : "are", one ? "It stays" : "They stay", one ? "is" : "are", one ? "it" : "them",
      one ? "it is" : "they are", one ? "it" : "them");
}

std::string message_for_refused_removals(const Pop3Report& report) {
  return fmt::format(
      "The server refuses to delete {} that {} stored here: \"{}\". New mail is retrieved all the same and the "
      "deletion "
      "is tried again at each poll. Delete {} in the provider's own web mail, or choose to leave mail on the server.",
      counted(report.removals_refused), report.removals_refused == 1 ? "is" : "are", report.removal_refusal,
      report.removals_refused == 1 ? "it" : "them");
}

}  // namespace

std::string unlock_url(std::string_view address, std::string_view server_text) {
  if (server_text.find("google") == std::string_view::npos) return {};
  std::string_view domain = domain_of(address);
  if (domain.empty() || domain == "gmail.com" || domain == "googlemail.com")
    return "https://www.google.com/accounts/DisplayUnlockCaptcha";
  return fmt::format("https://www.google.com/a/{}/UnlockCaptcha", domain);
}

std::string message_for_authentication(const AccountRecord& record, const Pop3Refusal& refusal) {
  if (record.state == AccountState::disabled)
    return fmt::format(
        "The account is disabled, because the server refused its password {} times in a row: it has probably changed "
        "or expired. Edit "
        "the account and give the correct password; it is enabled again once the server accepts it. {}",
        record.authentication_failures, server_said(refusal));
  return fmt::format(
      "The server does not accept the user name or the password ({} of {} failures in a row before the account is "
      "disabled): the "
      "password may have changed or expired. Edit the account and give the correct password. Some providers answer so "
      "as well where POP access is switched off for the mailbox. {}",
      record.authentication_failures, authentication_failures_max, server_said(refusal));
}

std::string message_for_connection(const AccountSettings& settings, const AccountRecord& record, const Error& error) {
  std::string what =
      fmt::format("No mail could be retrieved from {}: {}.", place_of(settings), sentence(error.message));
  // The server cuts every login off without a word: docs/providers/situations.md#drop-after-pass.
  constexpr unsigned lost_logins_max = 3;
  if (record.lost_logins >= lost_logins_max)
    what +=
        " It ends the connection at the login again and again, which some servers do when the password is wrong or "
        "polls follow too closely.";
  if (record.state == AccountState::disabled)
    return fmt::format(
        "The account is disabled after {} connection failures in a row. {} Make sure that the server is available at "
        "this port, then edit "
        "the account to enable it again. If other mail clients can connect, ask the server's administrator whether it "
        "refuses our "
        "addresses.",
        record.connection_failures, what);
  return fmt::format(
      "{} Failure {} of {} in a row before the account is disabled. Check the server name, port and encryption; if "
      "other mail clients can "
      "connect, ask the server's administrator whether it refuses our addresses.",
      what, record.connection_failures, connection_failures_max);
}

std::string message_for_certificate(const AccountSettings& settings, const Error& error) {
  return fmt::format(
      "Invalid certificate ({}): {}. Nothing is retrieved from {} and no password is sent until its certificate can be "
      "verified. A "
      "self-signed certificate has to be replaced by a valid one from a vendor; if the server has one and the error "
      "stays, give support "
      "the server name and port.",
      error.reason.empty() ? "other" : error.reason, sentence(error.message), place_of(settings));
}

std::string message_for_unlock(const AccountSettings& settings, const Pop3Refusal& refusal) {
  std::string url = unlock_url(settings.own_address(), refusal.text);
  if (!url.empty())
    return fmt::format(
        "Google has locked POP access to this mailbox. Open {} in a browser, log in and allow access; retrieval goes "
        "on by itself. {}",
        url, server_said(refusal));
  return fmt::format(
      "The provider has locked POP access to this mailbox. Log in to it in a browser and confirm that it is you; "
      "retrieval goes on by "
      "itself. {}",
      server_said(refusal));
}

std::string message_for_queue_full() {
  return "The server hands out no new mail: its POP queue is full with messages that were retrieved and not deleted. "
         "Choose 'Delete mails "
         "from Server' in the account (in normal mode this clears the queue and keeps the mail at the provider), or "
         "switch to recent mode "
         "(user name 'recent:' and the address) for the mail of the past 30 days.";
}

std::string message_for_done(const AccountRecord& record, const Pop3Report& report) {
  std::vector<std::string> parts;
  if (record.lost > 0) parts.push_back(message_for_lost(record.lost));
  if (record.quarantined > 0) parts.push_back(message_for_quarantined(record.quarantined));
  if (report.removals_refused > 0) parts.push_back(message_for_refused_removals(report));
  return fmt::format("{}", fmt::join(parts, " "));
}

std::string message_for_refused_retrievals(const RefusedRetrievals& refused) {
  return fmt::format(
      "The server lists {} that it does not hand out at the moment: {}. Nothing is deleted, and {} tried again at the "
      "next poll. If this lasts, ask the provider whether a limit of the account is reached.",
      counted(refused.messages), sentence(refused.why), refused.messages == 1 ? "it is" : "they are");
}

std::string message_for_lasting_trouble(Instant since, std::string_view trouble) {
  return fmt::format(
      "Retrieval has not gone well since {}. {} It goes on by itself once the server allows it; until then, look for "
      "new mail in the provider's own web mail, and ask the provider about this answer.",
      format_instant(since), trouble);
}

std::string message_for_broken_session(const AccountSettings& settings, const Error& error) {
  return fmt::format(
      "The login to {} went well, so the settings of the account are right, but the session failed: {}. What was "
      "retrieved is stored; the rest is tried again at the next poll. If this happens again and again, give this "
      "message to the server's administrator.",
      place_of(settings), sentence(error.message));
}

std::string message_for_storage(const AccountSettings& settings) {
  return fmt::format(
      "The account's storage of {} octets is used up: retrieval pauses, and the mail that is left stays on the server. "
      "Free or buy "
      "storage, then save the account again.",
      settings.storage);
}

std::string message_for_refusal(const AccountSettings& settings, const Pop3Refusal& refusal) {
  using Kind = Pop3Refusal::Kind;
  std::string said = server_said(refusal);
  switch (refusal.kind) {
    case Kind::app_password:
      return "The provider does not take this password for POP access: create an application-specific password there, "
             "or enable the "
             "kind of access that it names, and give it in the account. Nothing is tried before the account is "
             "edited. " +
             said;
    case Kind::basic_disabled:
      return "Basic authentication, the way in which mail is retrieved from this mailbox, is switched off at the "
             "provider, as a rule by the organization that the mailbox belongs to. Nothing that is entered in the "
             "account changes that: ask the administrator there to allow basic authentication for POP, then "
             "save the account again. " +
             said;
    case Kind::unknown_user:
      return fmt::format(
          "{} refuses this user name, mailbox or account, before anything else was asked for. Check the user name "
          "(some servers want the whole address) and the server name of the account, and ask the provider whether POP "
          "is enabled for this mailbox. {}",
          place_of(settings), said);
    case Kind::needs_tls:
      return fmt::format(
          "{} takes no login without encryption. Set the account to TLS or STARTTLS (port 995 "
          "or 110). {}",
          place_of(settings), said);
    case Kind::no_login:
      return fmt::format(
          "{} takes none of the ways to log in that are known here: there is no login mechanism in common. The login "
          "was not judged. Check the server name, port and encryption of the account; ask the provider which way to "
          "log in it offers to mail programs. {}",
          place_of(settings), said);
    case Kind::permanent: return "The provider refuses POP access until something is changed there. " + said;
    case Kind::bandwidth:
      return "The provider's limit for one day is reached; retrieval goes on tomorrow where it stopped. " + said;
    case Kind::in_use:
      return "Another program holds the mailbox at the moment; it is tried again at the next poll. " + said;
    case Kind::login_delay:
      return "The server wants longer pauses between logins; the next poll waits for that. " + said;
    default: return "The server has temporary trouble; it is tried again at the next poll. " + said;
  }
}

std::string message_for_own_trouble(const Error& error) {
  return fmt::format("Mail could not be stored here, so nothing was deleted from the server and it is tried again: {}.",
                     sentence(error.message));
}

std::string message_for_setting(const Error& error) {
  return fmt::format("The account has to be corrected: {}.", sentence(error.message));
}

std::string message_for_trial(const Error& error) {
  return fmt::format("Whether the account can be enabled again is not known yet: {}. It is tried at the next poll.",
                     sentence(error.message));
}

}  // namespace mailrig::client
