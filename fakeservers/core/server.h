#pragma once
/// What every fake server is to the rig: it opens a session per connection, can be changed by a step, and can be looked
/// at.
///
///   std::unique_ptr<FakeServer> gmail = make_pop3_server(context, settings);
///   std::unique_ptr<Session> session = (*gmail).open({.connection = "gmail#1", .peer = "127.0.0.1:40001"});
///   gmail->change("lock", Value(Value::Map{{"mailbox", "anna@zillum.test"}}));
///   gmail->observe().find("mailboxes");

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/settings.h"
#include "base/sha256.h"
#include "base/value.h"
#include "fakeservers/core/content.h"
#include "net/session.h"
#include "net/tls/tls.h"
#include "net/world.h"

namespace mailrig::fakeservers {

/// What the judge of a run wants to know the moment it happens. Called from within the server's session.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  struct Message {
    std::string_view server;
    std::string_view mailbox;
    std::string_view uid;
    const Content& content;
    const Sha256::Digest& sum;  // of the content; the server has worked it out for the transcript, once a message
  };
  /// A RETR is about to be answered with this message, whole.
  virtual void on_retrieve(std::string_view /*connection*/, const Message& /*message*/) {}
  /// DELE was received for this message (before it is answered).
  virtual void on_delete(std::string_view /*connection*/, const Message& /*message*/) {}
  /// SMTP accepted a message, whole (before the 250).
  virtual void on_accept(std::string_view /*connection*/, const Content& /*message*/) {}
  /// The CRM put the e-mail with this Message-ID on a record.
  virtual void on_associate(std::string_view /*server*/, std::string_view /*record*/, std::string_view /*message_id*/) {
  }

  // What the dialogue consists of. Lines are masked and escaped, as the transcript has them.

  virtual void on_open(std::string_view /*server*/, std::string_view /*connection*/) {}
  /// The client talked before the greeting had gone out; told once a session.
  virtual void on_early(std::string_view /*server*/, std::string_view /*connection*/) {}
  /// A command was read. `verb` is in capitals, or the CRM's word for the call.
  virtual void on_command(std::string_view /*connection*/, std::string_view /*verb*/, std::string_view /*line*/) {}
  /// Something else than a command is about to be answered: "message" (after its final dot) or "response" (to a SASL
  /// challenge).
  virtual void on_exchange(std::string_view /*connection*/, std::string_view /*name*/) {}
  /// The POP3 command that was read last on this connection names this message.
  virtual void on_message(std::string_view /*connection*/, std::string_view /*mailbox*/, std::string_view /*uid*/) {}
  /// The first line of a reply (or the greeting) is on its way.
  virtual void on_reply(std::string_view /*connection*/, std::string_view /*line*/) {}
  /// `user` is empty where a login was refused before the server knew one.
  virtual void on_login(std::string_view /*connection*/, std::string_view /*user*/, bool /*accepted*/) {}
  /// A rule of the scenario bends this exchange; `rule` as describe() has it.
  virtual void on_fault(std::string_view /*connection*/, std::string_view /*rule*/) {}
  /// The session is over: "quit", "closed", "reset", "timed-out" or "cut".
  virtual void on_end(std::string_view /*connection*/, std::string_view /*end*/) {}
};

/// What one item of "messages" stands for: a message, or many (`generate`). Which keys make the bytes is for the maker;
/// `uid`, `at`, `every`, `read`, `popped` and the like are read by the server.
struct MessageBatch {
  std::size_t count = 1;
  std::function<Content(std::size_t index)> content;  // index below count; called once each, in order
};

/// What a server is made of.
struct ServerContext {
  World& world;
  std::string name;  // in the scenario: "gmail"
  ServerObserver* observer = nullptr;
  /// Turns an item of "messages" into bytes. Without one a server knows plain texts and { "text": ... } only.
  std::function<Result<MessageBatch>(const Value& message_spec)> make_messages = {};
};

struct ConnectionInfo {
  std::string connection;  // "gmail#3", unique in a run
  unsigned number = 0;     // 3: the nth connection to this server, counted from 1
  std::string peer;        // "127.0.0.2:40001"
  bool tls = false;        // implicit TLS is already up
  bool starttls_offered = false;
};

/// How a server answers a ClientHello.
enum class Handshake : std::uint8_t {
  proper,
  plain,    // its protocol in clear, as on a port without TLS
  stalled,  // not at all: it reads and keeps silent
  cut,      // with FIN, in the middle of the handshake
};

/// A rule of the scenario and how often it came true; one that never did is a finding.
struct RuleReport {
  std::string rule;       // as a person would say it: "RETR, the 3rd, on connection 2: cut after 100 octets"
  std::size_t index = 0;  // in its list "faults"
  std::size_t list = 0;   // 0: the list of the server; n: that of the nth `set` that brought one
  std::uint64_t fired = 0;
  std::string nearest = {};  // the exchange that came nearest and the field that differed; empty when it fired
  /// How near that was: the fields that differed, then how far the one that is told. To be compared only.
  std::pair<int, std::uint64_t> miss = {};
};

/// A message on its way from one server into a mailbox of another.
struct IncomingMail {
  std::string_view mailbox;  // a recipient's address or a user's name
  const Content& message;
  bool own_copy = false;  // what the user sent itself
};

/// Settings that hold from a server's start to its end: its host and its links are made by them, so the step `set`
/// refuses them.
bool is_fixed(std::string_view setting);

class FakeServer {
 public:
  virtual ~FakeServer() = default;
  virtual std::unique_ptr<Session> open(ConnectionInfo arrival) = 0;
  /// What becomes of TLS on this connection; asked once for each, before open(), where the server has TLS.
  virtual Handshake handshake(const ConnectionInfo& /*arrival*/) { return Handshake::proper; }
  /// Asked whenever the server is given a certificate.
  virtual SessionResumption resumption() const { return SessionResumption::accepted; }
  /// The session of this connection has ended; how is what the drive loop said.
  virtual void on_closed(std::string_view connection, const Status& how) = 0;
  /// A step of the scenario. Error bad_input names what is wrong with the arguments.
  virtual Status change(std::string_view verb, const Value& arguments) = 0;
  /// The server that one of ProtocolDescriptor::references names; it outlives the sessions of this one. Error
  /// bad_input: it is not such a server.
  virtual Status link(std::string_view setting, FakeServer& other);
  /// Mail arrives now. False where no mailbox here is the one meant.
  virtual bool deliver(const IncomingMail& /*mail*/) { return false; }
  /// What expectations see under servers.NAME.
  virtual Value observe() const = 0;
  virtual std::vector<RuleReport> rules() const = 0;
};

}  // namespace mailrig::fakeservers
