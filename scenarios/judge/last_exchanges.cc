#include "scenarios/judge/last_exchanges.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "scenarios/language/vocabulary.h"

namespace mailrig::scenarios {
namespace {

constexpr std::size_t lines_max = 12;
// Before a fault that fired: the command, and what led to it.
constexpr std::size_t lines_before_fault = 3;

void add(std::vector<std::string>& servers, const std::string& name) {
  if (!name.empty() && std::ranges::find(servers, name) == servers.end()) servers.push_back(name);
}

void add_of_account(std::vector<std::string>& servers, const Scenario& scenario, std::string_view name,
                    std::string_view protocol) {
  for (const AccountSpec& account : scenario.accounts) {
    if (account.name != name) continue;
    if (const Target* target = account.target(protocol)) add(servers, target->server);
  }
}

void add_of_protocol(std::vector<std::string>& servers, const Scenario& scenario, std::string_view protocol) {
  for (const ServerSpec& server : scenario.servers)
    if (server.protocol->name == protocol) add(servers, server.name);
}

/// Of an account: the key tells the protocol. Its state and messages are of all three, and retrieval is the most of it.
std::string_view protocol_of(std::string_view key) {
  if (key == "sent" || key == "outbox") return "smtp";
  return key == "crm" ? "crm" : "pop3";
}

/// What an event is about: a server or account by name, a command of some protocol, or an event of one protocol.
void add_of_event(std::vector<std::string>& servers, const Scenario& scenario, const Value& event) {
  const Value* named = event.is(Value::Kind::map) ? event.find("event") : &event;
  const std::string name = named != nullptr && named->is(Value::Kind::text) ? named->text() : std::string();
  auto text_of = [&](std::string_view key) {
    const Value* value = event.is(Value::Kind::map) ? event.find(key) : nullptr;
    return value != nullptr && value->is(Value::Kind::text) ? value->text() : std::string();
  };
  if (const std::string server = text_of("server"); !server.empty()) return add(servers, server);
  if (const std::string account = text_of("account"); !account.empty())
    return add_of_account(servers, scenario, account, name == "outbox" ? "smtp" : "pop3");
  if (const std::string command = text_of("command"); !command.empty()) {
    for (const ServerSpec& server : scenario.servers)
      if (std::ranges::find(server.protocol->faults->verbs, command) != server.protocol->faults->verbs.end())
        add(servers, server.name);
    return;
  }
  if (name == "retrieved" || name == "stored") add_of_protocol(servers, scenario, "pop3");
  if (name == "accepted" || name == "outbox") add_of_protocol(servers, scenario, "smtp");
  if (name == "associated") add_of_protocol(servers, scenario, "crm");
}

bool is_of(const TranscriptEntry& entry, const std::vector<std::string>& servers) {
  const std::size_t mark = entry.connection.rfind('#');
  return mark != std::string::npos &&
         std::ranges::find(servers, std::string_view(entry.connection).substr(0, mark)) != servers.end();
}

/// A rule that held, or what the server saw the client do wrong: LineSession writes both.
bool is_fault(const TranscriptEntry& entry) {
  return entry.who == TranscriptEntry::Who::rig &&
         (entry.text.starts_with("fault: ") || entry.text == "the client talks before the greeting");
}

}  // namespace

std::vector<std::string> servers_of(const Expectation& expectation, const Scenario& scenario) {
  std::vector<std::string> servers;
  const std::vector<Path::Segment>& path = expectation.path.segments();
  if (path.size() < 2) return servers;
  if (path[0].name == "servers") add(servers, path[1].name);
  if (path[0].name == "accounts")
    add_of_account(servers, scenario, path[1].name, protocol_of(path.size() > 2 ? path[2].name : std::string()));
  return servers;
}

std::vector<std::string> servers_of(const TemporalExpectation& expectation, const Scenario& scenario) {
  std::vector<std::string> servers;
  if (const Value* never = expectation.wanted.find("never")) {
    add_of_event(servers, scenario, *never);
    for (std::string_view key : {"before", "after"})
      if (const Value* other = never->is(Value::Kind::map) ? never->find(key) : nullptr)
        add_of_event(servers, scenario, *other);
  }
  for (std::string_view key : {"after", "then"})
    if (const Value* event = expectation.wanted.find(key)) add_of_event(servers, scenario, *event);
  return servers;
}

std::vector<std::string> last_exchanges(const Transcript& transcript, const std::vector<std::string>& servers) {
  if (servers.empty()) return transcript.last_lines(lines_max);
  const std::vector<TranscriptEntry> entries = transcript.entries();
  const TranscriptEntry* chosen = nullptr;  // the last fault, or else the last entry
  for (const TranscriptEntry& entry : entries)
    if (is_of(entry, servers) && (chosen == nullptr || !is_fault(*chosen) || is_fault(entry))) chosen = &entry;
  if (chosen == nullptr) return transcript.last_lines(lines_max);
  std::vector<const TranscriptEntry*> session;
  std::size_t fault = 0;
  for (const TranscriptEntry& entry : entries) {
    if (entry.connection != chosen->connection) continue;
    if (&entry == chosen) fault = session.size();
    session.push_back(&entry);
  }
  // The end of the session, unless it would leave the fault out.
  std::size_t first = session.size() - std::min(session.size(), lines_max);
  if (fault < first) first = fault - std::min(fault, lines_before_fault);
  std::vector<std::string> lines;
  for (std::size_t i = first; i < session.size() && lines.size() < lines_max; ++i)
    lines.push_back(to_line(*session[i]));
  return lines;
}

}  // namespace mailrig::scenarios
