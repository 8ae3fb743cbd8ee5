#pragma once
/// What the server's side of every line protocol has in common: lines in, replies out, faults between the two.
///
///   class Pop3Session final : public LineSession {
///     void on_command(const Command& command) override {        // command.verb == "NOOP", in capitals
///       if (command.verb == "NOOP") say("+OK");
///     } };
///
/// A protocol says what it answers by say() and say_body(), and what comes after the reply by upgrade() and leave().
/// The rest is here: lines that end in CRLF or LF, however they are split; a bounded buffer (line_octets_max), whatever
/// a peer sends; replies streamed in pieces of 64 KiB; one write for all that was pipelined, where no fault intervenes;
/// faults; the transcript, in which a line is what masked() makes of it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secrets.h"
#include "fakeservers/core/fault_matcher.h"
#include "fakeservers/core/faulty_reply.h"
#include "fakeservers/core/server.h"
#include "fakeservers/core/server_log.h"
#include "net/session.h"

namespace mailrig::fakeservers {

class LineSession : public Session {
 public:
  Action next() final;
  void on_bytes(std::string_view bytes) final;
  void on_committed(Status /*status*/) final {}
  void on_tls() final;
  void on_error(Error error) final;

 protected:
  /// The views live until on_command returns.
  struct Command {
    std::string_view verb;      // in capitals
    std::string_view argument;  // what follows the first space; trailing spaces and all
    std::string_view line;      // as it came, without its end
  };

  /// All of these outlive the session.
  LineSession(const ServerContext& context, FaultMatcher& faults, ServerLog& log, ConnectionInfo arrival);

  // What the protocol is.

  /// The first words. Asked for before anything is received.
  virtual void greet() = 0;
  /// A rule said this in place of the greeting, or besides it where that is carried out.
  virtual void on_scripted_greeting(std::string_view /*reply*/) {}
  /// How long the greeting is held back. A client that talks meanwhile, or while a rule holds it back, is noted
  /// (Record::early).
  virtual Duration greet_delay() const { return {}; }
  /// The client talked before the greeting. True: something was said instead of the greeting.
  virtual bool on_early() { return false; }
  virtual void on_command(const Command& command) = 0;
  /// A rule's `reply` stood in for the command, which is therefore not carried out.
  virtual void on_scripted(const Command& /*command*/) {}
  /// Are stray blanks of a command line passed over? What follows PASS stays as it is.
  virtual bool lenient_blanks() const { return false; }
  /// What a fault's `argument` is compared with.
  virtual std::string_view fault_argument(const Command& command) const { return command.argument; }
  /// Must the connection be closed after this reply of a rule, whatever the command? (421, RFC 5321 section 3.8)
  virtual bool closes(std::string_view /*reply*/) const { return false; }
  /// A line that is no command, since expect_line() was called: "AHVzZXIAcHc=". Nothing masks it but the protocol: the
  /// transcript has what line_entry() says.
  virtual void on_line(std::string_view /*line*/) {}
  /// A rule's `reply` stood in for that to the line, which is therefore not looked at.
  virtual void on_scripted_line(std::string_view /*line*/) {}
  /// Bytes between expect_data() and end_data(). Returns how many were taken; all of them, but for those after the end.
  virtual std::size_t on_data(std::string_view bytes) { return bytes.size(); }
  virtual void on_long_line() = 0;
  virtual void on_idle() = 0;
  /// TLS is up after upgrade(); what was received in clear is gone.
  virtual void on_upgraded() {}
  /// The connection is over, whatever the reason; said once.
  virtual void on_end() {}

  /// Of a line, its end included. `begun` is what came of it by now, perhaps with more after it.
  virtual std::size_t line_octets_max(std::string_view begun) const = 0;
  /// How long the server waits for the next line.
  virtual Duration patience() const = 0;
  /// The line as the transcript and the server's log may have it: no secret. Control bytes are escaped here too.
  virtual std::string masked(const Command& command) const = 0;
  virtual std::string line_entry(std::string_view /*line*/) const { return "<password>"; }
  virtual std::string_view mailbox() const { return {}; }
  virtual Step step_of(const Command& /*command*/) const { return Step::request; }

  // What it says.

  /// One line, or several with CRLF between them; CRLF is added.
  void say(std::string_view lines);
  /// The same, where the transcript must have another text (a reply that echoes what may be a secret).
  void say_masked(std::string_view lines, std::string_view entry);
  /// Bytes as they are, with an entry of their own, or none.
  void say_bytes(std::string_view bytes, std::string_view entry);
  /// After what was said; at most one a reply.
  void say_body(std::unique_ptr<ReplySource> body, std::string_view entry);
  /// Before the reply.
  void pause(Duration span) { pause_ += span; }
  /// Whether more has come behind the line that is being answered.
  bool has_more() const { return taken_ < input_.size(); }
  /// After the reply. The session then ends with an error, but for ServerLog::End::quit.
  void leave(Ending ending = Ending::orderly, ServerLog::End end = ServerLog::End::closed);
  void upgrade() { upgrade_ = true; }
  void expect_line() { expects_line_ = true; }
  bool expects_line() const { return expects_line_; }
  void expect_data() { expects_data_ = true; }
  void end_data() { expects_data_ = false; }

  /// Inside greet() and on_command(): the rule that bends this reply, or null.
  const FaultRule* rule() const { return rule_; }
  /// For exchanges that are no command: the SMTP server's "message". Between this call and the end of the callback the
  /// rule bends what is said. True where the rule's own reply was said in place, and nothing is to be carried out.
  bool scripted(std::string_view exchange, std::string_view argument = {});

  const ServerContext& context() const { return context_; }
  const ConnectionInfo& arrival() const { return arrival_; }
  ServerLog& log() { return log_; }
  ServerLog::Record& record() { return *record_; }
  bool tls() const { return tls_; }
  Moment now() const { return context_.world.clock.now(); }
  void entry(TranscriptEntry::Who who, std::string text);

 private:
  void learn_secret(std::string_view secret);
  void note_secret(std::string_view said);
  enum class Phase : std::uint8_t { start, talking, hanging, over };

  void fill();
  bool work();
  std::optional<Action> hold_greeting();
  std::optional<Action> listen_on();
  Action listening(Action action);
  void begin();
  void flush_entries();
  bool forget_taken();
  void take_line(std::string_view line);
  void meet(std::string_view on, std::string_view argument, bool argument_is_secret = false);
  bool says_script();
  void settle();
  Action close();
  void end(ServerLog::End how, Status status);

  // A reply line in the transcript: RFC 2449 §4 has 512 octets at most.
  static constexpr std::size_t line_entry_octets_max = 512;

  const ServerContext& context_;
  FaultMatcher& faults_;
  ServerLog& log_;
  ConnectionInfo arrival_;
  ServerLog::Record* record_;

  Phase phase_ = Phase::start;
  bool tls_ = false;
  bool receiving_ = false;
  bool expects_line_ = false;
  bool expects_data_ = false;
  bool upgrade_ = false;
  std::optional<Ending> leave_;
  ServerLog::End end_ = ServerLog::End::closed;
  Status status_;

  std::optional<Moment> greets_at_;
  bool greeting_is_due_ = false;
  bool greeted_ = false;                 // all of the greeting is out
  std::optional<Moment> listens_until_;  // where a rule holds the greeting back
  std::string input_;
  std::size_t taken_ = 0;  // of input_
  std::string verb_;       // of the present command, in capitals

  // Said in good order and on its way.
  std::string out_;
  std::size_t sent_ = 0;  // of out_
  std::unique_ptr<ReplySource> body_;
  Step step_ = Step::greeting;

  // The reply that is being made, and what becomes of it under a rule.
  std::string reply_;
  std::unique_ptr<ReplySource> reply_body_;
  const FaultRule* rule_ = nullptr;
  bool muted_ = false;  // the rule has replied; what the command itself says is not sent
  Duration pause_{};
  FaultRule paused_;  // the rule with the server's own pause added to it
  FaultyReply plan_;
  std::vector<std::string> entries_;  // of the reply: the transcript has them once it is sent

  // What this client said of secrets that the scenario does not know: a wrong password, a response to a challenge.
  Secrets heard_;
  std::size_t heard_count_ = 0;
};

}  // namespace mailrig::fakeservers
