#include "scenarios/judge/invariants.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace mailrig::scenarios {
namespace {

/// C0 but nothing else is allowed in what is printed, C1 as U+0080..U+009F, and DEL (they steer terminals).
bool has_control_octets(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto octet = static_cast<unsigned char>(text[i]);
    if (octet < 0x20 || octet == 0x7F) return true;
    if (octet == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return false;
}

/// The brackets are no part of a Message-ID (RFC 5322 section 3.6.4): who forgets them speaks of the same e-mail.
std::string_view without_brackets(std::string_view message_id) {
  if (message_id.starts_with('<')) message_id.remove_prefix(1);
  if (message_id.ends_with('>')) message_id.remove_suffix(1);
  return message_id;
}

}  // namespace

void Invariants::add(std::string name, std::string message, std::string expected, std::string actual, Level level) {
  // One broken client breaks the same thing a thousand times; the first ones tell the story.
  constexpr std::size_t findings_max = 20;
  if (findings_.size() >= findings_max) return;
  Finding finding;
  finding.kind = Finding::Kind::invariant;
  finding.level = level;
  finding.name = std::move(name);
  finding.message = std::move(message);
  finding.expected = std::move(expected);
  finding.actual = std::move(actual);
  findings_.push_back(std::move(finding));
  if (on_finding_) on_finding_();
}

void Invariants::guard(const std::string& server, const std::vector<Secret>& secrets) {
  Guard& guard = guarded_[server];
  if (guard.secrets == secrets) return;
  guard.secrets = secrets;
  guard.needles.reset();
}

void Invariants::leave_unguarded(const std::string& server) { guarded_.erase(server); }

void Invariants::set_account(const std::string& server, const std::string& mailbox, const std::string& account) {
  std::vector<std::string>& accounts = accounts_[{server, mailbox}];
  if (std::ranges::find(accounts, account) == accounts.end()) accounts.push_back(account);
}

void Invariants::expect_to_send(std::string_view message) {
  messages_to_send_.emplace_back(message);
  for (auto& [server, guard] : guarded_) guard.needles.reset();
}

Invariants::Connection& Invariants::connection_of(std::string_view connection, Guard* guard) {
  auto found = connections_.find(connection);
  if (found != connections_.end()) return found->second;
  Connection& fresh = connections_[std::string(connection)];
  if (guard != nullptr) fresh.search = std::make_unique<ClearTextSearch>(needles_of(*guard));
  return fresh;
}

/// One set for all connections of a server: a scenario with many accounts has as many connections as secrets.
std::shared_ptr<const NeedleSet> Invariants::needles_of(Guard& guard) const {
  if (guard.needles == nullptr) {
    auto needles = std::make_shared<NeedleSet>();
    for (const Secret& secret : guard.secrets) needles->add_secret(secret.text, secret.what);
    for (const std::string& message : messages_to_send_) needles->add_message(message, "a message that was to be sent");
    guard.needles = std::move(needles);
  }
  return guard.needles;
}

bool Invariants::on_raw(std::string_view server, std::string_view connection, ClearTextSearch::Direction direction,
                        std::string_view bytes) {
  auto guard = guarded_.find(server);
  Connection& state = connection_of(connection, guard == guarded_.end() ? nullptr : &guard->second);
  state.octets += bytes.size();
  if (guard != guarded_.end() && state.search != nullptr) {
    state.search->feed(direction, bytes);
    const auto& found = state.search->found();
    for (; state.reported < found.size(); ++state.reported) {
      const ClearTextSearch::Found& leak = found[state.reported];
      std::string_view way = leak.direction == ClearTextSearch::to_server ? "to the server" : "to the client";
      add("nothing-in-clear",
          fmt::format("{} went {} in clear ({}) on {}, although the account requires TLS; whoever listens has it now",
                      leak.what, way, leak.form, connection),
          "only TLS records after the greeting and the upgrade", fmt::format("{} in clear", leak.what));
    }
  }
  if (state.octets > session_octets_max && !std::exchange(state.without_bound, true))
    add("bounded",
        fmt::format("{} has carried over {} octets and goes on; a client must give up a session without bound",
                    connection, session_octets_max),
        fmt::format("at most {} octets in one session", session_octets_max), fmt::format("{} octets", state.octets));
  return !state.without_bound;
}

void Invariants::on_closed(std::string_view connection) {
  auto found = connections_.find(connection);
  if (found != connections_.end()) connections_.erase(found);
}

void Invariants::on_printed(std::string_view where, std::string_view text) {
  if (!has_control_octets(text)) return;
  add("printable",
      fmt::format("{} carries raw control bytes: they would steer the terminal of whoever reads it", where),
      "control bytes escaped", printable(text));
}

std::string Invariants::account_of(const std::string& server, const std::string& mailbox) const {
  auto found = accounts_.find({server, mailbox});
  // Two accounts on one mailbox: which of them speaks cannot be told from outside, so either may have stored it.
  return found != accounts_.end() && found->second.size() == 1 ? found->second.front() : std::string();
}

Invariants::Known& Invariants::know(const Message& message) {
  Messages& messages = messages_of(message);
  auto found = messages.lower_bound(message.uid);
  if (found == messages.end() || found->first != message.uid)
    found = messages.emplace_hint(found, message.uid, Known{message.sum});
  return found->second;
}

Invariants::Messages& Invariants::messages_of(const Message& message) {
  if (last_known_ == known_.end() || last_known_->first.first != message.server ||
      last_known_->first.second != message.mailbox)
    last_known_ = known_.try_emplace({std::string(message.server), std::string(message.mailbox)}, Messages()).first;
  return last_known_->second;
}

void Invariants::on_retrieve(std::string_view connection, const Message& message) {
  know(message);
  auto found = connections_.find(connection);
  if (found == connections_.end() || found->second.search == nullptr || !guarded_.contains(message.server)) return;
  std::shared_ptr<const std::string> bytes = message.content.load();
  found->second.search->add_message(*bytes, fmt::format("message {}", printable(message.uid)));
}

void Invariants::on_delete(std::string_view connection, const Message& message) {
  Known& known = know(message);
  known.deleted = true;
  std::string account = account_of(std::string(message.server), std::string(message.mailbox));
  if (store_.stored(account, known.sum) > 0) return;
  add("stored-before-deleted",
      fmt::format("DELE of message {} came on {} before it was durably stored: a crash now loses it",
                  printable(message.uid), connection),
      "a committed row of the message in the store", "no such row");
}

void Invariants::on_associate(std::string_view server, std::string_view record, std::string_view message_id) {
  unsigned times =
      ++associations_[{std::string(server), std::string(record), std::string(without_brackets(message_id))}];
  if (times != 2) return;
  add("associated-once",
      fmt::format("e-mail {} was put on record {} of {} a second time", printable(message_id), printable(record),
                  server),
      "once", "twice");
}

/// RFC 5321 section 4.3.1: the client SHOULD wait for the greeting. RFC 1939 section 4 has the server speak first.
void Invariants::on_early(std::string_view server, std::string_view connection) {
  add("greeting-awaited",
      fmt::format("the client talked on {} before the greeting of {}: servers that enforce the order (Exim, Postfix's "
                  "postscreen) refuse it",
                  connection, server),
      "nothing before the greeting", "a line before the greeting", Level::should);
}

void Invariants::judge_end(
    const std::function<bool(const std::string&, const std::string&, const std::string&)>& is_gone,
    const std::function<bool(const std::string&, const std::string&)>& is_accounted) {
  const std::vector<StoreView::Row> rows = store_.rows();
  std::map<Sha256::Digest, std::uint64_t> on_servers;
  for (const auto& [place, messages] : known_)
    for (const auto& [uid, known] : messages) ++on_servers[known.sum];
  for (auto row = rows.begin(); row != rows.end();) {
    auto next = std::find_if(row, rows.end(), [&](const StoreView::Row& other) { return other != *row; });
    auto times = static_cast<std::uint64_t>(next - row);
    auto found = on_servers.find(row->sum);
    std::uint64_t allowed = found == on_servers.end() ? 1 : found->second;
    if (times > allowed)
      add("stored-exactly-once",
          fmt::format("account {} holds the message with SHA-256 {} {} times", row->account, to_hex(row->sum), times),
          fmt::format("{} time{}: so many stood on the servers", allowed, allowed == 1 ? "" : "s"),
          fmt::format("{}", times));
    row = next;
  }
  for (const StoreView::Row& row : store_.spoilt())
    add("stored-exactly-once",
        fmt::format("account {} holds a message whose octets are not those that came", row.account),
        "octets with the SHA-256 that is noted for them", to_hex(row.sum));
  std::vector<Sha256::Digest> sums;
  sums.reserve(rows.size());
  for (const StoreView::Row& row : rows) sums.push_back(row.sum);
  std::ranges::sort(sums);
  for (const auto& [place, messages] : known_) {
    const auto& [server, mailbox] = place;
    const std::string account = account_of(server, mailbox);
    for (const auto& [uid, known] : messages) {
      const bool stored = account.empty() ? std::ranges::binary_search(sums, known.sum)
                                          : std::ranges::binary_search(rows, StoreView::Row{account, known.sum});
      if (stored) continue;
      if (!known.deleted && !is_gone(server, mailbox, uid)) continue;  // it is still there for the next poll
      if (!account.empty() && is_accounted(account, uid)) continue;
      add("stored-exactly-once",
          fmt::format("message {} of {} was retrieved, is no longer listed by {}, and is stored nowhere: it is lost, "
                      "and the account "
                      "does not name it",
                      printable(uid), mailbox, server),
          "stored once, or named by the account", "lost silently");
    }
  }
}

std::vector<Finding> Invariants::take_findings() { return std::exchange(findings_, {}); }

}  // namespace mailrig::scenarios
