#pragma once
/// The SMTP server behind its sessions: the users, what was accepted, and what steps change.
///
///   Login login = server.log_in("anna@zillum.test", "s3cret");
///   if (login.refusal) say(*login.refusal);

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fakeservers/core/fault_matcher.h"
#include "fakeservers/core/server.h"
#include "fakeservers/core/server_log.h"
#include "fakeservers/smtp/settings.h"
#include "fakeservers/smtp/smtp_server.h"
#include "fakeservers/smtp/texts.h"
#include "fakeservers/smtp/users.h"

namespace mailrig::fakeservers::smtp {

struct Credential {
  enum class Kind : std::uint8_t { password, token, digest, external };
  Kind kind = Kind::password;
  std::string_view secret = {};     // the password, the token, or the digest of CRAM-MD5
  std::string_view challenge = {};  // that the digest is of
  std::string_view acts_as = {};    // the user who is to send; empty: the one that logs in
};

/// What a login comes to.
struct Login {
  User* user = nullptr;         // null: refused
  std::optional<Text> refusal;  // why
};

/// A message on its way in, and what it came with.
struct Envelope {
  std::string from;
  std::vector<std::string> recipients;
};
struct Accepted {
  Envelope envelope;
  Content content;
  std::string connection;
  std::string user;
  bool tls = false;
};

/// The address of a RCPT or MAIL: "carl@c.test" of "TO:<carl@c.test> NOTIFY=NEVER", and of itself. Else `argument`.
std::string_view fault_argument(std::string_view verb, std::string_view argument);

class Server final : public FakeServer {
 public:
  Server(ServerContext context, Value given, Settings settings, Texts texts, std::vector<FaultRule> faults);

  /// Error::reason is the path of what is wrong.
  Status add_users(const Value* mailboxes);

  std::unique_ptr<mailrig::Session> open(ConnectionInfo arrival) override;
  Handshake handshake(const ConnectionInfo& arrival) override;
  SessionResumption resumption() const override { return settings_.session_resumption; }
  void on_closed(std::string_view connection, const Status& how) override;
  Status change(std::string_view verb, const Value& arguments) override;
  Status link(std::string_view setting, FakeServer& other) override;
  Value observe() const override;
  std::vector<RuleReport> rules() const override { return reports_of(books_); }

  /// `name` may be empty for tokens and EXTERNAL, which then say whose they are.
  Login log_in(std::string_view name, const Credential& credential);
  /// The user whom a rule logs in, whatever keeps it out.
  User* user_of_rule(std::string_view name);
  /// Is there no such user, or is this not the user's credential?
  bool is_wrong(std::string_view name, const Credential& credential);
  /// The user who has this address, or null.
  User* owner_of(std::string_view address);
  /// Is the address in one of this server's own domains?
  bool is_local_domain(std::string_view address) const;
  /// True the first time, and until `greylist` has passed since then.
  bool is_greylisted(std::string_view client, std::string_view from, std::string_view recipient);
  bool has_room_for(std::uint64_t octets) const { return kept_octets_ + octets <= settings_.storage; }
  /// Keeps the message, tells the judge, delivers it.
  void accept(Accepted message, User* user);

  const ServerContext& context() const { return context_; }
  Instant now() const { return context_.world.calendar.now(); }
  const std::string& host() const { return host_; }
  const Settings& settings() const { return settings_; }
  const Texts& texts() const { return texts_; }
  ServerLog& log() { return log_; }
  FaultMatcher& faults() { return books_.back(); }

 private:
  User* user_named(std::string_view name, const Credential& credential);
  // Triplets of a story are few; whoever comes with more than these is put off once more than needed.
  static constexpr std::size_t greylist_max = 10'000;
  static constexpr std::size_t undelivered_max = 1'000;

  Result<User*> user_of(const Value& arguments);
  Status lock(const Value& arguments);
  Status unlock(const Value& arguments);
  Status expire_password(const Value& arguments);
  Status set_password(const Value& arguments);
  Status set(const Value& arguments);
  Status set_server(const Value& changes);
  Status set_user(const Value& arguments, const Value& changes);

  ServerContext context_;
  Value given_;
  std::string host_;
  Settings settings_;
  Texts texts_;
  FakeServer* receiver_ = nullptr;        // by `deliver_to`
  std::vector<std::string> undelivered_;  // recipients that have no mailbox there
  std::deque<FaultMatcher> books_;        // sessions that are open keep to theirs
  ServerLog log_;
  std::map<std::string, std::unique_ptr<User>, std::less<>> users_;
  std::deque<Accepted> accepted_;
  std::uint64_t kept_octets_ = 0;
  std::map<std::string, Instant, std::less<>> greylist_;  // when a triplet came first
};

/// The commands that are counted from the start.
std::span<const std::string_view> verbs();

}  // namespace mailrig::fakeservers::smtp
