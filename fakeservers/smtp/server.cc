#include "fakeservers/smtp/server.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/sha256.h"
#include "fakeservers/core/sasl.h"
#include "fakeservers/smtp/headers.h"
#include "fakeservers/smtp/misbehaviours.h"
#include "fakeservers/smtp/path.h"
#include "fakeservers/smtp/session.h"

namespace mailrig::fakeservers {

Result<std::unique_ptr<FakeServer>> make_smtp_server(ServerContext context, const Value& given) {
  Result<smtp::Settings> settings = smtp::read_settings(given);
  if (!settings) return settings.error();
  Result<smtp::Texts> texts = smtp::Texts::read(given.find("texts"));
  if (!texts) return texts.error();
  if (smtp::offers_starttls(settings->tls) && !texts->has(smtp::Text::starttls))
    return Error{
        Errc::bad_input,
        fmt::format("tls: {} needs texts.starttls, the reply to STARTTLS, which this personality does not have",
                    to_json(*given.find("tls"))),
        Step::none, "tls"};
  Result<std::vector<FaultRule>> faults = parse_faults(given.find("faults"), smtp_faults());
  if (!faults) return faults.error();
  if (Status known = check_logins(*faults, given.find("mailboxes")); !known) return known.error();
  auto server = std::make_unique<smtp::Server>(std::move(context), given, *std::move(settings), *std::move(texts),
                                               *std::move(faults));
  if (Status added = server->add_users(given.find("mailboxes")); !added) return added.error();
  return std::unique_ptr<FakeServer>(std::move(server));
}

std::span<const Setting> smtp_settings() { return smtp::server_table(); }
std::span<const Setting> smtp_mailbox_settings() { return smtp::mailbox_table(); }
std::span<const TextKey> smtp_texts() { return smtp::text_keys(); }
std::span<const std::string_view> smtp_locks() { return smtp::lock_names(); }

const FaultVocabulary& smtp_faults() {
  static const std::vector<std::string_view> verbs = [] {
    std::vector<std::string_view> all{"tls", "greeting", "message", "response"};
    all.insert(all.end(), smtp::verbs().begin(), smtp::verbs().end());
    return all;
  }();
  static constexpr std::string_view logins[] = {"AUTH", "response"};
  static const FaultVocabulary vocabulary{.protocol = "smtp",
                                          .verbs = verbs,
                                          .misbehaviours = smtp::misbehaviours(),
                                          .logins = logins,
                                          .argument_of = smtp::fault_argument};
  return vocabulary;
}

namespace smtp {

std::string_view fault_argument(std::string_view verb, std::string_view argument) {
  const std::string_view word = verb == "RCPT" ? "TO:" : verb == "MAIL" ? "FROM:" : "";
  if (word.empty() || !starts_ignoring_case(argument, word)) return argument;
  std::string_view path = argument.substr(word.size());
  path.remove_prefix(std::min(path.size(), path.find_first_not_of(' ')));
  if (!path.starts_with('<')) return path.substr(0, path.find(' '));
  // A quoted local part may hold the bracket (RFC 5321 section 4.1.2).
  bool quoted = false;
  for (std::size_t i = 1; i < path.size(); ++i) {
    if (quoted && path[i] == '\\')
      ++i;
    else if (path[i] == '"')
      quoted = !quoted;
    else if (path[i] == '>' && !quoted)
      return path.substr(1, i - 1);
  }
  return argument;
}

namespace {

Text text_of(LockKind kind) {
  switch (kind) {
    case LockKind::captcha: return Text::lock_captcha;
    case LockKind::disabled: return Text::lock_disabled;
    case LockKind::temporary: return Text::lock_temporary;
    case LockKind::throttled: return Text::lock_throttled;
    case LockKind::blocked: return Text::lock_blocked;
  }
  return Text::lock_temporary;
}

/// Is it this user's, whatever else keeps the user out?
bool is_right(const UserSettings& own, const Credential& credential) {
  const std::string& password = own.app_password.empty() ? own.password : own.app_password;
  switch (credential.kind) {
    case Credential::Kind::password: return !password.empty() && credential.secret == password;
    case Credential::Kind::token: return !own.oauth_token.empty() && credential.secret == own.oauth_token;
    case Credential::Kind::digest:
      return !password.empty() && !credential.secret.empty() &&
             credential.secret == cram_md5(credential.challenge, password);
    case Credential::Kind::external: return own.external;
  }
  return false;
}

Value observe_headers(std::string_view message) {
  Value headers = Value::map();
  Header header = Header::of(message);
  for (const HeaderField& field : header.fields()) {
    std::string name(field.name);
    const Value* present = headers.find(name);
    Value value(unfolded(field.value));
    // Once: a text. Several times: all of them.
    if (present == nullptr)
      headers.set(name, value);
    else if (present->is(Value::Kind::list))
      headers.set(name, Value(*present).push(value));
    else
      headers.set(name, Value(Value::List{*present, value}));
  }
  return headers;
}

Value observe_accepted(const Accepted& message) {
  auto raw = [&message] { return message.content.load(); };
  Value::List recipients(message.envelope.recipients.begin(), message.envelope.recipients.end());
  Value seen = Value::map();
  seen.set("from", message.envelope.from);
  seen.set("recipients", Value(std::move(recipients)));
  seen.set("octets", message.content.octets);
  seen.set("user", message.user);
  seen.set("tls", message.tls);
  seen.set("sha256", Value::lazy([raw] { return Value(Sha256::hex_of(*raw())); }));
  seen.set("raw", Value::lazy([raw] { return Value(*raw()); }));
  seen.set("header", Value::lazy([raw] {
             auto text = raw();
             return Value(std::string_view(*text).substr(0, Header::of(*text).end()));
           }));
  seen.set("body", Value::lazy([raw] {
             auto text = raw();
             return Value(std::string_view(*text).substr(Header::of(*text).body()));
           }));
  seen.set("headers", Value::lazy([raw] { return observe_headers(*raw()); }));
  return seen;
}

}  // namespace

Server::Server(ServerContext context, Value given, Settings settings, Texts texts, std::vector<FaultRule> faults)
    : context_(std::move(context)),
      given_(std::move(given)),
      host_(SettingsReader(given_).text("host", context_.name + ".test")),
      settings_(std::move(settings)),
      texts_(std::move(texts)),
      log_(verbs()) {
  books_.emplace_back(std::move(faults));
  log_.report_to(context_.observer, context_.name);
}

Status Server::add_users(const Value* mailboxes) {
  if (mailboxes == nullptr) return {};
  auto wrong = [](const std::string& path, std::string_view what) {
    return Error{Errc::bad_input, fmt::format("{}: {}", path, what), Step::none, path};
  };
  if (!mailboxes->is(Value::Kind::map)) return wrong("mailboxes", "takes an object");
  for (const auto& [name, value] : mailboxes->entries()) {
    std::string path = "mailboxes." + name;
    if (!value.is(Value::Kind::map)) return wrong(path, "a mailbox is an object");
    Result<UserSettings> user = read_user(value, settings_.usual_lock);
    if (!user) return wrong(fmt::format("{}.{}", path, user.error().reason), user.error().message);
    users_.emplace(name, std::make_unique<User>(name, *std::move(user)));
  }
  return {};
}

std::unique_ptr<mailrig::Session> Server::open(ConnectionInfo arrival) {
  return std::make_unique<Session>(*this, std::move(arrival));
}

Handshake Server::handshake(const ConnectionInfo& arrival) {
  if (faults().empty()) return Handshake::proper;
  const FaultRule* rule =
      faults().match({.on = "tls", .connection = arrival.connection, .connection_number = arrival.number});
  if (rule == nullptr) return Handshake::proper;
  if (bend_of(rule) == Mutation::plain_on_tls) return Handshake::plain;
  if (rule->hang) return Handshake::stalled;
  return rule->cut_after || rule->ending ? Handshake::cut : Handshake::proper;
}

/// Sessions clean up after themselves: they are told of every end.
void Server::on_closed(std::string_view /*connection*/, const Status& /*how*/) {}

User* Server::user_of_rule(std::string_view name) {
  auto at = users_.find(name);
  return at == users_.end() ? nullptr : at->second.get();
}

User* Server::user_named(std::string_view name, const Credential& credential) {
  if (!name.empty()) return user_of_rule(name);
  for (auto& [own_name, user] : users_)
    if ((credential.kind == Credential::Kind::token || credential.kind == Credential::Kind::external) &&
        is_right(user->settings(), credential))
      return user.get();
  return nullptr;
}

bool Server::is_wrong(std::string_view name, const Credential& credential) {
  User* user = user_named(name, credential);
  return user == nullptr || !is_right(user->settings(), credential);
}

Login Server::log_in(std::string_view name, const Credential& credential) {
  User* user = user_named(name, credential);
  if (user == nullptr) return {.refusal = Text::auth_bad};
  const UserSettings& own = user->settings();
  if (!is_right(own, credential)) {
    const bool is_other_password = credential.kind == Credential::Kind::password && !own.app_password.empty() &&
                                   !own.password.empty() && credential.secret == own.password;
    return {.refusal = is_other_password ? Text::auth_app_password : Text::auth_bad};
  }
  const bool by_password = credential.kind == Credential::Kind::password || credential.kind == Credential::Kind::digest;
  if (by_password && own.app_password.empty() && own.password_expired)
    return {.refusal = texts_.has(Text::auth_expired) ? Text::auth_expired : Text::auth_bad};
  if (!credential.acts_as.empty() && credential.acts_as != name) {
    const bool may = std::ranges::find(own.acts_as, credential.acts_as) != own.acts_as.end();
    user = may ? user_of_rule(credential.acts_as) : nullptr;
    if (user == nullptr) return {.refusal = Text::auth_bad};
  }
  std::optional<LockKind> locked = user->locked(now());
  if (locked && *locked != LockKind::blocked) return {.refusal = text_of(*locked)};
  user->on_login(now());
  return {.user = user, .refusal = std::nullopt};
}

User* Server::owner_of(std::string_view address) {
  for (auto& [name, user] : users_)
    if (user->owns(address)) return user.get();
  return nullptr;
}

bool Server::is_local_domain(std::string_view address) const {
  return std::ranges::find(settings_.domains, domain_of(address)) != settings_.domains.end();
}

bool Server::is_greylisted(std::string_view client, std::string_view from, std::string_view recipient) {
  if (settings_.greylist <= Duration::zero()) return false;
  std::string triplet = fmt::format("{} <{}> <{}>", client, canonical_address(from), canonical_address(recipient));
  auto [at, is_new] = greylist_.try_emplace(std::move(triplet), now());
  const bool early = now() < at->second + settings_.greylist;
  if (is_new && greylist_.size() > greylist_max) greylist_.erase(at);
  return early;
}

void Server::accept(Accepted message, User* user) {
  if (context_.observer != nullptr) context_.observer->on_accept(message.connection, message.content);
  kept_octets_ += message.content.octets;
  accepted_.push_back(std::move(message));
  const Accepted& kept = accepted_.back();
  if (user != nullptr) ++user->sent;
  if (receiver_ == nullptr) return;
  for (const std::string& recipient : kept.envelope.recipients) {
    // The receiver knows the mailbox by the user's name, or by the address.
    const User* owner = owner_of(recipient);
    const bool is_delivered =
        (owner != nullptr && receiver_->deliver({.mailbox = owner->name(), .message = kept.content})) ||
        receiver_->deliver({.mailbox = recipient, .message = kept.content});
    if (!is_delivered && undelivered_.size() < undelivered_max) undelivered_.push_back(recipient);
  }
  if (user != nullptr && settings_.sent_copy)
    receiver_->deliver({.mailbox = user->name(), .message = kept.content, .own_copy = true});
}

Status Server::link(std::string_view setting, FakeServer& other) {
  if (setting != "deliver_to") return FakeServer::link(setting, other);
  receiver_ = &other;
  return {};
}

Value Server::observe() const {
  Value server = Value::map();
  log_.observe(server);
  server.set("undelivered", Value(Value::List(undelivered_.begin(), undelivered_.end())));
  server.set("accepted", Value::lazy([this] {
               Value::List accepted;
               for (const Accepted& message : accepted_) accepted.push_back(observe_accepted(message));
               return Value(std::move(accepted));
             }));
  server.set("mailboxes", Value::lazy([this] {
               Value::Map users;
               for (const auto& [name, user] : users_)
                 users.emplace_back(
                     name, Value(Value::Map{{"sent", user->sent}, {"locked", user->locked(now()).has_value()}}));
               return Value(std::move(users));
             }));
  return server;
}

}  // namespace smtp
}  // namespace mailrig::fakeservers
