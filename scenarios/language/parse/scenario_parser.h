#pragma once
/// Turns the tree of one row into a Scenario, and says what is wrong with it. One class, a file for each part of a
/// story: scenario_parser.cc (top level), read_servers.cc, read_faults.cc, read_messages.cc, read_accounts.cc,
/// read_steps.cc, read_expectations.cc, read_temporal.cc.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/parse/expand.h"
#include "scenarios/language/parse/reading.h"
#include "scenarios/language/vocabulary.h"

namespace mailrig::scenarios {

class ScenarioParser {
 public:
  ScenarioParser(Reading& reading, const LoadContext& context)
      : reading_(reading), context_(context), protocols_(context.known_protocols()) {}

  Scenario read(const ExpandedRow& row, std::string_view file);

 private:
  // --- top level
  void read_id(Fields& top, const ExpandedRow& row);
  void read_covers(Fields& top);
  void read_story(Fields& top);

  // --- servers
  void read_servers(const Node& servers, const Node* accounts);
  void read_server(const Node::Entry& entry);
  void read_world(Fields& fields, ServerSpec& server);
  void read_addresses(const Node& node, ServerSpec& server);
  void read_mailboxes(const Node& node, ServerSpec& server, Value::Map& settings);
  void read_records(const Node& node, const ServerSpec& server, Value::Map& settings);
  void read_clients(const Node& node, Value::Map& settings);
  Value read_texts(const Node& node, Protocol protocol);
  std::vector<std::string_view> protocol_names() const;
  std::optional<Protocol> protocol_of(const Node::Entry& server);
  std::optional<Value> read_personality(const Node* node, Protocol protocol, ServerSpec& server);
  void check_own_personality(const Node& node, Protocol protocol);
  CertificateSpec read_certificate(const Node& node);
  Refusal read_refusal(std::string_view key, const Node& node);
  void check_hosts();
  void check_references(const Node& servers);
  void lend_clients(ServerSpec& server);

  // --- faults
  /// `places` are those of the faults, in order.
  Value read_faults(const Node& node, const ServerSpec& server, std::vector<Place>& places);
  bool check_fault(const Node& node, const Value& value, const ServerSpec& server);
  void check_reach(const Node& node, const fakeservers::FaultRule& rule, const ServerSpec& server);

  // --- messages
  struct Mailroom {          // where messages come to
    std::string stream;      // what tells their contents from those of others: "isp/anna/0"
    std::string address;     // of the mailbox
    bool delivered = false;  // now, by a step; otherwise before the clock
    Protocol protocol = nullptr;
  };
  Value read_messages(const Node& node, const Mailroom& room);
  Value read_message(const Node& node, const Mailroom& room);
  void read_generate(Fields& fields, const Mailroom& room, std::optional<Instant> at, Value::Map& spec);
  std::string as_sent(std::string bytes, const Node& node, bool as_is);
  void read_damage(const Node& node, Value::Map& spec);
  bool read_size(const Node& node, std::uint64_t smallest, Value::Map& spec);

  // --- accounts
  void read_accounts(const Node& accounts);
  void read_account(const Node::Entry& entry);
  /// The keys of an account, from the account itself or from an edit.
  void read_account_keys(Fields& fields, AccountSpec& account);
  std::optional<Target> read_target(std::string_view key, const Node& node, Value& value);
  void read_filters(const Node& node, Value::Map& settings);
  void read_patience(const Node& node, Value::Map& settings);
  void check_account(const Node& node, const AccountSpec& account);

  // --- steps
  void read_steps(const Node& steps);
  void read_step(const Node& node);
  /// `serve` judges some expectations at one moment, between which `run` has a poll.
  void check_what_serve_expects();
  void read_verb(Step& step, const Node::Entry& entry);
  void read_advance(Step& step, const Node& node);
  void read_poll(Step& step, const Node& node);
  void read_send(Step& step, const Node& node);
  void read_edit(Step& step, const Node& node);
  /// What the user enters in the CRM: insert and add_note.
  void read_crm_entry(Step& step, const Node& node);
  void read_restart(Step& step, const Node& node);
  void read_server_step(Step& step, const Node& node);
  void read_server_arguments(Step& step, Fields& fields, Value::Map& arguments);
  void read_set(Step& step, Fields& fields, Value::Map& arguments);
  void read_lock(Fields& fields, const ServerSpec& server, Value::Map& arguments);
  void read_pop_elsewhere(Fields& fields, Value::Map& arguments);
  void read_after(Step& step, const Node& node);
  const AccountSpec* account_named(std::string_view key, const Node& node);
  const ServerSpec* server_of_step(Fields& fields, Verb verb, const Node& node);
  std::optional<std::string> mailbox_of_step(Fields& fields, const ServerSpec& server, const Node& node, bool optional);
  bool check_mailbox(std::string_view key, const Node& node, const ServerSpec& server);

  // --- expectations
  void read_expectations(Step& step, const Node& node);
  void read_expectation(Step& step, const Node::Entry& entry);
  bool check_path(const Path& path, const Condition& condition, const Node::Entry& entry);
  static bool is_temporal(std::string_view key);
  void read_temporal(Step& step, const Node& node);
  void read_never(Step& step, const Node::Entry& entry);
  /// `beside`: keys of the object that are no fields of the event.
  std::optional<EventPattern> read_event(std::string_view key, const Node& node,
                                         std::span<const std::string_view> beside);
  bool read_event_field(EventPattern& pattern, const Node::Entry& entry);
  bool check_event_value(EventKind kind, const Node::Entry& entry);
  void unknown_event(const Node& node);

  Reading& reading_;
  const LoadContext& context_;
  fakeservers::ProtocolList protocols_;
  Scenario scenario_;
  Value personalities_;                                    // the map `personalities`, or null
  std::set<std::string, std::less<>> used_personalities_;  // of those
  const Node* own_personalities_ = nullptr;
  std::map<std::string, Protocol, std::less<>> referred_;  // what accounts use a server as
  std::set<std::pair<std::string, std::string>> broken_;   // what accounts refer to, but has errors of its own
  Duration advanced_{};                                    // by the steps so far
  std::size_t event_patterns_ = 0;                         // of temporal expectations, so far
  std::uint64_t generated_ = 0;                            // messages of the whole scenario
  std::vector<std::string> server_names_;
  std::vector<std::string> account_names_;
};

}  // namespace mailrig::scenarios
