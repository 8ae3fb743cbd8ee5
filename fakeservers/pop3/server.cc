#include "fakeservers/pop3/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "fakeservers/core/sasl.h"
#include "fakeservers/pop3/deliveries.h"
#include "fakeservers/pop3/misbehaviours.h"
#include "fakeservers/pop3/pop3_server.h"
#include "fakeservers/pop3/session.h"

namespace mailrig::fakeservers {

Result<std::unique_ptr<FakeServer>> make_pop3_server(ServerContext context, const Value& given) {
  Result<pop3::Settings> settings = pop3::read_settings(given);
  if (!settings) return settings.error();
  Result<pop3::Texts> texts = pop3::Texts::read(given.find("texts"));
  if (!texts) return texts.error();
  if (pop3::offers_starttls(settings->tls) && !texts->has(pop3::Text::stls))
    return Error{Errc::bad_input,
                 fmt::format("tls: {} needs texts.stls, the reply to STLS, which this personality does not have",
                             to_json(*given.find("tls"))),
                 Step::none, "tls"};
  Result<std::vector<FaultRule>> faults = parse_faults(given.find("faults"), pop3_faults());
  if (!faults) return faults.error();
  if (Status known = check_logins(*faults, given.find("mailboxes")); !known) return known.error();
  auto server = std::make_unique<pop3::Server>(std::move(context), given, std::move(*settings), std::move(*texts),
                                               std::move(*faults));
  Status added = server->add_mailboxes(given.find("mailboxes"));
  if (!added) return added.error();
  return std::unique_ptr<FakeServer>(std::move(server));
}

std::span<const Setting> pop3_settings() { return pop3::server_table(); }
std::span<const Setting> pop3_mailbox_settings() { return pop3::mailbox_table(); }
std::span<const Setting> pop3_message_settings() { return pop3::message_table(); }
std::span<const TextKey> pop3_texts() { return pop3::text_keys(); }
std::span<const std::string_view> pop3_locks() { return pop3::lock_names(); }

const FaultVocabulary& pop3_faults() {
  static const std::vector<std::string_view> verbs = [] {
    std::vector<std::string_view> all{"tls", "greeting", "response"};
    all.insert(all.end(), pop3::verbs().begin(), pop3::verbs().end());
    return all;
  }();
  static constexpr std::string_view logins[] = {"PASS", "APOP", "AUTH", "response"};
  static const FaultVocabulary vocabulary{
      .protocol = "pop3", .verbs = verbs, .misbehaviours = pop3::misbehaviours(), .logins = logins};
  return vocabulary;
}

namespace pop3 {
namespace {

constexpr std::string_view recent_prefix = "recent:";

Text text_of(LockKind kind) {
  switch (kind) {
    case LockKind::captcha: return Text::lock_captcha;
    case LockKind::in_use: return Text::lock_in_use;
    case LockKind::disabled: return Text::lock_disabled;
    case LockKind::bandwidth: return Text::lock_bandwidth;
    case LockKind::temporary: return Text::lock_temporary;
    case LockKind::not_connected: return Text::lock_not_connected;
  }
  return Text::lock_temporary;
}

/// Is it this user's, whatever else keeps the user out?
bool is_right(const UserSettings& own, const Credential& credential) {
  const std::string& password = own.app_password.empty() ? own.password : own.app_password;
  const bool has_digest = !password.empty() && !credential.text.empty();
  switch (credential.kind) {
    case Credential::Kind::password: return !password.empty() && credential.text == password;
    case Credential::Kind::token: return !own.oauth_token.empty() && credential.text == own.oauth_token;
    case Credential::Kind::apop: return has_digest && credential.text == apop_digest(credential.challenge, password);
    case Credential::Kind::cram_md5: return has_digest && credential.text == cram_md5(credential.challenge, password);
    case Credential::Kind::external: return own.external;
  }
  return false;
}

/// Those of a lock that hold only once the user is in.
At told_at(LockKind kind, const Settings& settings) {
  if (kind == LockKind::not_connected) return At::stat;
  return kind == LockKind::disabled ? settings.disabled_at : At::pass;
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

Status Server::add_mailboxes(const Value* mailboxes) {
  if (mailboxes == nullptr) return {};
  auto wrong = [](const std::string& path, std::string_view what) {
    return Error{Errc::bad_input, fmt::format("{}: {}", path, what), Step::none, path};
  };
  // An error of a part, told with the whole way there.
  auto within = [&](const std::string& path, const Error& error) {
    std::string_view what = error.message;
    if (what.starts_with(error.reason + ": ")) what.remove_prefix(error.reason.size() + 2);
    return wrong(fmt::format("{}.{}", path, error.reason), what);
  };
  if (!mailboxes->is(Value::Kind::map)) return wrong("mailboxes", "takes an object");
  for (const auto& [name, value] : mailboxes->entries()) {
    std::string path = "mailboxes." + name;
    if (!value.is(Value::Kind::map)) return wrong(path, "a mailbox is an object");
    Result<UserSettings> user = read_user(value, settings_.usual_lock);
    if (!user) return within(path, user.error());
    if (user->lock && !has_lock(*user->lock))
      return wrong(path + ".lock", fmt::format("this personality has no lock \"{}\"", to_string(*user->lock)));
    auto mailbox = std::make_unique<Mailbox>(name, std::move(*user), context_.world.calendar.now());
    if (const Value* messages = value.find("messages")) {
      Status added = add_messages(*mailbox, *messages, {.context = context_, .settings = settings_});
      if (!added) return within(path, added.error());
    }
    mailboxes_.emplace(name, std::move(mailbox));
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
  switch (bend_of(rule)) {
    case Mutation::plain_on_tls: return Handshake::plain;
    case Mutation::tls_stall: return Handshake::stalled;
    case Mutation::tls_cut: return Handshake::cut;
    default: return rule != nullptr && rule->hang ? Handshake::stalled : Handshake::proper;
  }
}

/// Sessions clean up after themselves: they are told of every end.
void Server::on_closed(std::string_view /*connection*/, const Status& /*how*/) {}

std::string_view Server::mailbox_name(std::string_view user) const {
  if (!settings_.recent_mode || !user.starts_with(recent_prefix)) return user;
  user.remove_prefix(recent_prefix.size());
  // docs/guide.md#multiple-pop-clients has a space.
  return user.substr(std::min(user.find_first_not_of(' '), user.size()));
}

Mailbox* Server::mailbox_of_rule(std::string_view name) {
  auto at = mailboxes_.find(name);
  return at == mailboxes_.end() ? nullptr : at->second.get();
}

/// OAUTHBEARER and EXTERNAL may leave the user out: the token or the certificate says whose it is (RFC 7628
/// section 3.1, RFC 4422 appendix A).
Mailbox* Server::mailbox_of_user(std::string_view user, const Credential& credential) {
  if (!user.empty()) return mailbox_of_rule(mailbox_name(user));
  if (credential.kind != Credential::Kind::token && credential.kind != Credential::Kind::external) return nullptr;
  for (const auto& [name, mailbox] : mailboxes_)
    if (is_right(mailbox->user(), credential)) return mailbox.get();
  return nullptr;
}

Login Server::log_in(std::string_view user, const Credential& credential) {
  const bool recent = settings_.recent_mode && user.starts_with(recent_prefix);
  Mailbox* found = mailbox_of_user(user, credential);
  const Login wrong{.refusal = Text::pass_bad, .wrong_credentials = true};
  if (found == nullptr) return wrong;
  const UserSettings& own = found->user();
  if (!is_right(own, credential)) {
    const bool is_other_password = credential.kind == Credential::Kind::password && !own.app_password.empty() &&
                                   !own.password.empty() && credential.text == own.password;
    return is_other_password ? Login{.refusal = Text::pass_app_password, .wrong_credentials = true} : wrong;
  }
  const bool by_password = credential.kind != Credential::Kind::token && credential.kind != Credential::Kind::external;
  if (by_password && own.app_password.empty() && own.password_expired)
    return {.refusal = Text::pass_expired, .wrong_credentials = true};
  if (!credential.acts_as.empty() && credential.acts_as != user) {
    const bool may = std::ranges::find(own.acts_as, credential.acts_as) != own.acts_as.end();
    found = may ? mailbox_of_rule(credential.acts_as) : nullptr;
    if (found == nullptr) return wrong;
  }
  Mailbox& mailbox = *found;
  const Instant now = context_.world.calendar.now();
  if (std::optional<Text> refusal = refusal_at(mailbox, At::pass, recent, now)) return {.refusal = refusal};
  if (settings_.exclusive && mailbox.sessions() > 0) return {.refusal = Text::lock_in_use};
  if (settings_.connections_per_user > 0 && mailbox.sessions() >= settings_.connections_per_user)
    return {.refusal = Text::pass_too_many};
  Login in{.mailbox = &mailbox, .recent = recent, .refusal = refusal_at(mailbox, At::stat, recent, now)};
  mailbox.on_login(now);
  return in;
}

/// What keeps a user out although the credentials are right, as far as it is told at this command.
std::optional<Text> Server::refusal_at(const Mailbox& mailbox, At at, bool recent, Instant now) const {
  std::optional<LockKind> locked = mailbox.locked(now);
  if (locked && told_at(*locked, settings_) == at) return text_of(*locked);
  if (mailbox.user().pop == Pop::disabled && settings_.disabled_at == at) return Text::lock_disabled;
  if (settings_.login_delay > Duration::zero() && settings_.login_delay_at == at && mailbox.last_login() &&
      now < *mailbox.last_login() + settings_.login_delay)
    return Text::login_delay;
  if (at == At::stat) return std::nullopt;
  if (mailbox.user().pop == Pop::enabling && !recent) return Text::enabling;
  if (settings_.bandwidth_per_day > 0 && mailbox.octets_today(now) >= settings_.bandwidth_per_day)
    return Text::lock_bandwidth;
  return std::nullopt;
}

/// Whether the personality has words for it.
bool Server::has_lock(LockKind kind) const { return texts_.has(text_of(kind)); }

Value Server::observe() const {
  Value server = Value::map();
  log_.observe(server);
  server.set("mailboxes", Value::lazy([this] {
               Value::Map boxes;
               for (const auto& [name, mailbox] : mailboxes_)
                 boxes.emplace_back(name, Value::lazy([this, box = mailbox.get()] { return observe_mailbox(*box); }));
               return Value(std::move(boxes));
             }));
  return server;
}

Value Server::observe_mailbox(const Mailbox& mailbox) const {
  const Instant now = context_.world.calendar.now();
  Mailbox::Counts counts = mailbox.counts();
  Value::Map box;
  box.emplace_back("kept", counts.kept);
  box.emplace_back("listed", mailbox.listing(settings_, now, false).size());
  box.emplace_back("popped", counts.popped);
  box.emplace_back("read", counts.read);
  box.emplace_back("deleted", counts.deleted);
  box.emplace_back("trashed", counts.trashed);
  box.emplace_back("retrieved", counts.retrieved);
  box.emplace_back("locked", mailbox.locked(now).has_value());
  box.emplace_back("messages", Value::lazy([this, &mailbox] {
                     Value::List messages;
                     messages.reserve(mailbox.size());
                     for (Place place = 0; place < mailbox.size(); ++place) {
                       messages.push_back(Value::lazy([this, &mailbox, place] {
                         const StoredMessage& message = mailbox.at(place);
                         std::string uid;
                         mailbox.append_uid(uid, place, settings_);
                         return Value(Value::Map{{"uid", std::move(uid)},
                                                 {"read", static_cast<bool>(message.read)},
                                                 {"popped", static_cast<bool>(message.popped)},
                                                 {"deleted", message.expunged || message.dequeued},
                                                 {"trashed", static_cast<bool>(message.trashed)},
                                                 {"archived", static_cast<bool>(message.archived)},
                                                 {"retrieved", message.retrieved},
                                                 {"octets", message.content.octets}});
                       }));
                     }
                     return Value(std::move(messages));
                   }));
  return Value(std::move(box));
}

}  // namespace pop3
}  // namespace mailrig::fakeservers
