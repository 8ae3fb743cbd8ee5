#include "client/pop3/refusal.h"

#include <gtest/gtest.h>

namespace mailrig::client {
namespace {

using Kind = Pop3Refusal::Kind;

struct Case {
  Step step;
  std::string_view text;
  Kind kind;
};

// The texts are those of docs/providers/, by page.
constexpr Case cases[] = {
    // 1.1 Gmail
    {Step::login, "[AUTH] Username and password not accepted.", Kind::authentication},
    {Step::login,
     "[AUTH] Application-specific password required: http://support.google.com/accounts/bin/answer.py?answer=185833",
     Kind::app_password},
    {Step::login, "[AUTH] Web login required: http://support.google.com/mail/bin/answer.py?answer=78754", Kind::unlock},
    {Step::list,
     "[SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page and enable your "
     "account for POP access.",
     Kind::permanent},
    {Step::login, "[SYS/PERM] Your account is not enabled for POP access.", Kind::permanent},
    {Step::login, "Your account is not enabled for POP access.", Kind::permanent},
    {Step::login, "[AUTH] Account exceeded POP command or bandwidth limits", Kind::bandwidth},
    {Step::retrieve, "Account exceeded command or bandwidth limits. (Failure)", Kind::bandwidth},
    {Step::login, "[SYS/TEMP] Temporary system problem. Please try again later.", Kind::temporary},
    {Step::login, "[IN-USE] Unable to lock maildrop: mailbox is locked by another POP session", Kind::in_use},
    {Step::list,
     "We are still working on enabling pop for your account so windowed mode is not available. Try again later or "
     "consider using POP3 in recent mode.",
     Kind::temporary},
    // 2.3 and 2.5 Exchange
    {Step::login, "Logon failure: unknown user name or bad password.", Kind::authentication},
    {Step::login, "Authentication failure: unknown user name or bad password.", Kind::authentication},
    {Step::login, "Logon failure: unknown user name or bad password. [Error=\"LogonFailed-BasicAuthBlocked\"]",
     Kind::basic_disabled},
    {Step::login, "Logon failure: unknown user name or bad password. [Error=UserConnectionLimitReached]", Kind::in_use},
    {Step::login, "Basic authentication is disabled", Kind::basic_disabled},
    {Step::list, "User is authenticated but not connected.", Kind::temporary},
    {Step::login, "User is authenticated but not connected.", Kind::temporary},
    {Step::login, "Command is not valid in this state.", Kind::needs_tls},
    {Step::list, "Command is not valid in this state.", Kind::temporary},
    {Step::login, "Server Unavailable. 21", Kind::temporary},
    {Step::retrieve, "Session invalidated - the account was disabled", Kind::temporary},
    {Step::retrieve, "Message corrupted", Kind::message},
    {Step::retrieve, "The specified message is out of range.", Kind::message_gone},
    {Step::retrieve, "The requested message is no longer available; it may have been deleted.", Kind::message_gone},
    {Step::list, "Protocol error. 19", Kind::temporary},
    // 2.6 Hotmail
    {Step::list, "login allowed only every 15 minutes", Kind::login_delay},
    {Step::login,
     "Exceeded the login limit for a 15 minute period. Reduce the frequency of requests to the POP3 server.",
     Kind::login_delay},
    {Step::login, "... Mailbox could not be opened", Kind::temporary},
    {Step::login, "... Login to your account via a web browser", Kind::unlock},
    // 3.1 Dovecot
    {Step::login, "[AUTH] Authentication failed.", Kind::authentication},
    {Step::login, "[AUTH] Cleartext authentication disallowed on non-secure (SSL/TLS) connections.", Kind::needs_tls},
    {Step::login, "[AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.", Kind::needs_tls},
    {Step::login, "[SYS/TEMP] Temporary authentication failure.", Kind::temporary},
    {Step::login, "[IN-USE] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)",
     Kind::in_use},
    {Step::login, "[LOGIN-DELAY] Maximum number of connections from user+IP exceeded", Kind::in_use},
    {Step::list, "[SYS/TEMP] Couldn't sync mailbox.", Kind::temporary},
    {Step::retrieve, "[SYS/TEMP] Server shutting down.", Kind::temporary},
    {Step::retrieve, "Message 3 expunged.", Kind::message_gone},
    {Step::retrieve, "There's no message 7.", Kind::message_gone},
    {Step::retrieve, "Message is deleted.", Kind::message_gone},
    {Step::retrieve, "Invalid message number: x", Kind::message_gone},
    {Step::retrieve, "Message number too large: 9", Kind::message_gone},
    {Step::list, "Disconnected for inactivity.", Kind::temporary},
    // 3.2 Courier
    {Step::login, "TLS required to log in.", Kind::needs_tls},
    {Step::login, "Login failed.", Kind::authentication},
    {Step::login, "Temporary problem, please try again later", Kind::temporary},
    {Step::login, "POP3 access disabled for this account.", Kind::permanent},
    {Step::login, "POP3 access disabled via insecure connection.", Kind::needs_tls},
    {Step::login, "Your account is temporarily unavailable (+t bit set on home directory).", Kind::temporary},
    {Step::login, "chdir /home/anna failed", Kind::temporary},
    {Step::retrieve, "Can't open the message file - it's gone!", Kind::message_gone},
    // 3.3 Cyrus
    {Step::login, "[AUTH] Invalid login", Kind::authentication},
    {Step::login, "[LOGIN-DELAY] Logins must be at least 10 minutes apart", Kind::login_delay},
    {Step::login, "Too many open connections (3 of 20 from x, 3 of 3 for anna)", Kind::in_use},
    {Step::login, "[SYS/PERM] Fatal error: disk", Kind::permanent},
    {Step::retrieve, "No such message", Kind::message_gone},
    // 3.4, 3.5
    {Step::login, "Maildrop lock busy!  Is another session active?", Kind::in_use},
    {Step::login, "/var/mail/.anna.pop lock busy!  Is another session active? (11)", Kind::in_use},
    {Step::login, "Password supplied for \"anna\" is incorrect.", Kind::authentication},
    {Step::login, "authorization failed", Kind::authentication},
    {Step::login, "mail storage services unavailable, wait a few minutes and try again", Kind::temporary},
    {Step::login, "Service temporarily unavailable", Kind::temporary},
    {Step::login, "Mailbox Locked", Kind::in_use},
    {Step::login, "please wait", Kind::in_use},
    {Step::login, "", Kind::authentication},
    // 4, 5, 6
    {Step::login, "[SYS/PERM] pop not allowed for user.", Kind::permanent},
    {Step::login, "pop not allowed for user.", Kind::permanent},
    {Step::login, "[AUTH] (#MBR1212) Incorrect username or password.", Kind::authentication},
    {Step::login, "\xB5\xC7\xC2\xBC\xCC\xAB\xC6\xB5\xB7\xB1", Kind::authentication},
    {Step::login, "Unable to log on", Kind::authentication},
    {Step::login, "authentication failed", Kind::authentication},
    {Step::login, "pop access blocked due to excessive usage", Kind::permanent},
    {Step::login, "access blocked", Kind::authentication},  // a block is no lock
    {Step::login, "account is locked due to too many failed logins", Kind::unlock},
    {Step::login, "Your account has been locked, contact your administrator", Kind::unlock},
    {Step::login, "User locked", Kind::unlock},
    {Step::login, "[AUTH] account locked", Kind::authentication},  // the code decides
    {Step::login, "[IN-USE] account locked", Kind::in_use},
    {Step::login, "mailbox locked by another session", Kind::in_use},
    {Step::login, "Unable to lock maildrop", Kind::in_use},
    {Step::login, "account is locked by another POP3 session", Kind::in_use},
    // POP that is switched off, in other words
    {Step::login, "POP3 is turned off for this mailbox", Kind::permanent},
    {Step::login, "[AUTH] POP access is not enabled for your domain", Kind::permanent},
    {Step::login, "Access to POP has been deactivated by the administrator", Kind::permanent},
    {Step::login, "popular names are not allowed", Kind::authentication},
    // The mechanism is refused
    {Step::login, "[AUTH] Unsupported authentication mechanism", Kind::no_login},
    {Step::login, "Unknown SASL mechanism", Kind::no_login},
    // The place decides about what nobody knows.
    {Step::greeting, "too busy, come back", Kind::unavailable},
    {Step::greeting, "[IN-USE] busy", Kind::in_use},
    {Step::login, "what?", Kind::authentication},
    {Step::list, "what?", Kind::temporary},
    {Step::retrieve, "what?", Kind::message},
    {Step::remove, "what?", Kind::message},
    {Step::capabilities, "what?", Kind::temporary},
    // Codes: any case, sub-codes that are not known count as their class, what only looks like one is none.
    {Step::login, " [auth] no", Kind::authentication},
    {Step::list, "[SYS/OTHER] no", Kind::temporary},
    {Step::list, "[AUTH/PLAIN] no", Kind::authentication},
    {Step::list, "[AUTHOR] no", Kind::temporary},
    {Step::list, "[AUTH no", Kind::temporary},
    {Step::list, "no [AUTH]", Kind::temporary},
    {Step::list, "Message 3 expunged.", Kind::temporary},  // not about one message here
};

TEST(Pop3Refusal, WhatProvidersSay) {
  for (const Case& one : cases)
    EXPECT_EQ(to_string(classify_refusal(one.step, one.text).kind), to_string(one.kind))
        << to_string(one.step) << ": " << one.text;
}

TEST(Pop3Refusal, NoPasswordIsJudgedBeforeOneIsSent) {
  for (std::string_view text : {"no such user", "[AUTH] unknown mailbox", "that account is closed", "Username?"})
    EXPECT_EQ(to_string(classify_before_password(text).kind), "unknown-user") << text;
  for (std::string_view text : {"", "no", "[AUTH] no", "Authentication failed", "unknown command USER",
                                "USER command not supported", "wrong password"})
    EXPECT_EQ(to_string(classify_before_password(text).kind), "no-login") << text;
  EXPECT_EQ(to_string(classify_before_password("[IN-USE] user is logged in").kind), "in-use");
  EXPECT_EQ(to_string(classify_before_password("[SYS/TEMP] later").kind), "temporary");
  EXPECT_EQ(to_string(classify_before_password("Basic authentication is disabled").kind), "basic-disabled");
}

TEST(Pop3Refusal, AnUnknownTextIsKnownByItsPlaceOnly) {
  EXPECT_FALSE(classify_refusal(Step::login, "Login failed.").known);
  EXPECT_TRUE(classify_refusal(Step::login, "[AUTH] Login failed.").known);
  EXPECT_TRUE(classify_refusal(Step::list, "Mailbox Locked").known);
  EXPECT_FALSE(classify_refusal(Step::list, "Unknown command: UIDL").known);
}

TEST(Pop3Refusal, TheDelayIsReadFromTheText) {
  auto delay = [](std::string_view text) { return classify_refusal(Step::login, text).retry_after; };
  EXPECT_EQ(delay("login allowed only every 15 minutes"), 15min);
  EXPECT_EQ(delay("Exceeded the login limit for a 15 minute period."), 15min);
  EXPECT_EQ(delay("[LOGIN-DELAY] Logins must be at least 1 minute apart"), 1min);
  EXPECT_EQ(delay("[LOGIN-DELAY] wait 90 seconds"), 90s);
  EXPECT_EQ(delay("[LOGIN-DELAY] 3 tries, then 2 hours"), 2h);
  EXPECT_EQ(delay("[LOGIN-DELAY] 1000 hours"), 1000h);
  EXPECT_EQ(delay("[LOGIN-DELAY] 1001 hours"), Duration{});
  EXPECT_EQ(delay("[LOGIN-DELAY] 99999999999999999999 minutes, not 5 minutes"), 5min);
  EXPECT_EQ(delay("[LOGIN-DELAY] too soon"), Duration{});
  EXPECT_EQ(delay("[LOGIN-DELAY] 15"), Duration{});
  EXPECT_EQ(delay("[SYS/TEMP] come back in 15 minutes"), Duration{}) << "only a login delay is a delay of logins";
}

TEST(Pop3Refusal, TheTextIsPrintableAndBounded) {
  EXPECT_EQ(classify_refusal(Step::login, " \xB5\xC7\x07 no").text, "\\xB5\\xC7\\x07 no");
  EXPECT_EQ(classify_refusal(Step::login, std::string(512, 'x')).text.size(), 512U);
  EXPECT_EQ(classify_refusal(Step::login, std::string(513, 'x')).text, std::string(512, 'x') + "... (1 octets more)");
  EXPECT_EQ(classify_refusal(Step::list, "x").step, Step::list);
}

TEST(Pop3Refusal, EveryKindHasItsOwnName) {
  EXPECT_EQ(to_string(Kind::message_gone), "message-gone");
  for (int a = 0; a <= static_cast<int>(Kind::message_gone); ++a)
    for (int b = 0; b < a; ++b) EXPECT_NE(to_string(static_cast<Kind>(a)), to_string(static_cast<Kind>(b)));
}

TEST(Pop3Refusal, ACommandThatIsNotThere) {
  for (const char* text :
       {"command not supported", "Unknown command.", "USER: unrecognized", "Unimplemented", "Not Supported"})
    EXPECT_TRUE(is_unknown_command(text)) << text;
  for (const char* text : {"no such user here", "[AUTH] failed", "", "Authentication failed.", "unknown user"})
    EXPECT_FALSE(is_unknown_command(text)) << text;
}

}  // namespace
}  // namespace mailrig::client
