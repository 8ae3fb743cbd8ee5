#pragma once
/// The POP3 server behind its sessions: the mailboxes, who may log in, and what steps change.
///
///   Login login = server.log_in("recent:anna@zillum.test", {Credential::password, "s3cret"});
///   if (login.refused) say(*login.refused);

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "fakeservers/core/fault_matcher.h"
#include "fakeservers/core/server.h"
#include "fakeservers/core/server_log.h"
#include "fakeservers/pop3/login_penalties.h"
#include "fakeservers/pop3/mailbox.h"
#include "fakeservers/pop3/settings.h"
#include "fakeservers/pop3/texts.h"

namespace mailrig::fakeservers::pop3 {

struct Credential {
  enum class Kind : std::uint8_t { password, token, apop, cram_md5, external };
  Kind kind = Kind::password;
  std::string_view text = {};       // the password, the token, or the digest
  std::string_view challenge = {};  // that the digest is of
  std::string_view acts_as = {};    // the user whose mailbox is asked for; empty: the user's own
};

/// What a login comes to.
struct Login {
  Mailbox* mailbox = nullptr;   // null: refused
  bool recent = false;          // Gmail's recent mode
  std::optional<Text> refusal;  // of the login; or, with a mailbox, of every command that follows
  bool wrong_credentials = false;
};

class Server final : public FakeServer {
 public:
  Server(ServerContext context, Value given, Settings settings, Texts texts, std::vector<FaultRule> faults);

  /// Error::reason is the path of what is wrong.
  Status add_mailboxes(const Value* mailboxes);

  std::unique_ptr<Session> open(ConnectionInfo arrival) override;
  Handshake handshake(const ConnectionInfo& arrival) override;
  SessionResumption resumption() const override { return settings_.session_resumption; }
  void on_closed(std::string_view connection, const Status& how) override;
  Status change(std::string_view verb, const Value& arguments) override;
  /// To the mailbox of this name; else to the one that has the address's local part for a name.
  bool deliver(const IncomingMail& mail) override;
  Value observe() const override;
  std::vector<RuleReport> rules() const override { return reports_of(books_); }

  Login log_in(std::string_view user, const Credential& credential);
  /// What a login from this peer waits for those from its address that failed.
  LoginPenalties& penalties() { return penalties_; }
  /// The mailbox that a rule logs in, whatever keeps its user out.
  Mailbox* mailbox_of_rule(std::string_view name);
  /// "recent: anna" is anna's mailbox where there is a recent mode.
  std::string_view mailbox_name(std::string_view user) const;

  const ServerContext& context() const { return context_; }
  const std::string& host() const { return host_; }
  const Settings& settings() const { return settings_; }
  const Texts& texts() const { return texts_; }
  ServerLog& log() { return log_; }
  FaultMatcher& faults() { return books_.back(); }

 private:
  bool has_lock(LockKind kind) const;
  Mailbox* mailbox_of_user(std::string_view user, const Credential& credential);
  std::optional<Text> refusal_at(const Mailbox& mailbox, At at, bool recent, Instant now) const;

  Result<Mailbox*> mailbox_of(const Value& arguments);
  Status deliver(const Value& arguments);
  Status lock(const Value& arguments);
  Status unlock(const Value& arguments);
  Status expire_password(const Value& arguments);
  Status set_password(const Value& arguments);
  Status pop_elsewhere(const Value& arguments);
  Status set(const Value& arguments);
  Status set_server(const Value& changes);
  Status set_user(const Value& arguments, const Value& changes);
  Value observe_mailbox(const Mailbox& mailbox) const;

  ServerContext context_;
  Value given_;
  std::string host_;
  Settings settings_;
  Texts texts_;
  std::deque<FaultMatcher> books_;  // sessions that are open keep to theirs
  ServerLog log_;
  std::map<std::string, std::unique_ptr<Mailbox>, std::less<>> mailboxes_;
  LoginPenalties penalties_;
};

/// The commands that are counted from the start.
std::span<const std::string_view> verbs();

}  // namespace mailrig::fakeservers::pop3
