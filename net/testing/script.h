#pragma once
/// A dialogue written down as a person would read it, played against a session by hand: no stream, no loop, no time.
///
///   auto make = [] { return std::make_unique<Pop3Quit>(); };
///   EXPECT_EQ(Script{}.server("+OK ready").client("QUIT").server("+OK bye").then_done().also_failing_each_step(make),
///   "");
///
/// Script{} tests a client: server() is fed to the session, client() is expected of it. Script{Tests::server} is the
/// other way round. Everything the session does must be in the script, in this order; only an orderly Close right
/// before the end need not. Every verdict is a text: empty when all went as written, otherwise what differed, with the
/// dialogue up to there.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/session.h"

namespace mailrig::testing {

enum class Tests : std::uint8_t { client, server };

/// What a script is made of; tests write it by the words of Script.
struct ScriptItem {
  enum class Kind : std::uint8_t { say, hear, fail, wait, commit, tls, close, done };
  Kind kind;
  std::string bytes = {};   // said or heard
  bool answerable = false;  // heard: may be answered before its end
  Step step = Step::none;   // said or heard; none is not checked
  Duration span = {};       // of a wait, or the patience of what is heard; a patience of zero is not checked
  Ending ending = {};       // of a close
  Status status = {};       // of a fail, a commit, or the end
};

class Script {
 public:
  explicit Script(Tests tested = Tests::client) : tested_(tested) {}

  /// What a side says: a line (CRLF is added), or bytes as they are. The session may send its own in any pieces.
  Script& client(std::string_view line) { return client_bytes(std::string(line) + "\r\n"); }
  Script& client_bytes(std::string bytes) { return says(Tests::client, std::move(bytes)); }
  Script& server(std::string_view line) { return server_bytes(std::string(line) + "\r\n"); }
  Script& server_bytes(std::string bytes) { return says(Tests::server, std::move(bytes)); }
  /// Bytes of the peer that the session may start to answer before it has seen the last of them.
  Script& pipelined(std::string bytes);

  /// The last thing said happens at this step, or with this patience; unchecked without.
  Script& at(Step step);
  Script& patiently(Duration patience);

  /// The action that comes next fails like this, be it a Send, a Receive or a StartTls.
  Script& fails(Errc code, std::string reason = {});
  Script& peer_closes() { return fails(Errc::end_of_stream); }
  Script& times_out() { return fails(Errc::timed_out); }

  Script& waits(Duration span);
  Script& commits(Status answer = {});
  Script& starts_tls();
  Script& closes(Ending ending = Ending::orderly);

  /// The session says Done: in good order, or with this error (and this reason, where one is given).
  Script& then_done();
  Script& then_fails(Errc code, std::string reason = {});

  /// Once, each thing said being one chunk. For tests that look at the session afterwards.
  [[nodiscard]] std::string play(Session& session) const;

  using Make = std::function<std::unique_ptr<Session>()>;
  using Check = std::function<void(Session&)>;
  /// As written; what follows upon each other joined; byte by byte; and cut in two at every place. `check`, if any, is
  /// called after each play that went well.
  [[nodiscard]] std::string at_every_split(const Make& make, const Check& check = {}) const;
  /// The same, and then once more for every action and every way in which it can fail: from there on the session may
  /// commit and close, must ask nothing of its peer any more, and must end with an error. Time being up is one of the
  /// ways.
  [[nodiscard]] std::string also_failing_each_step(const Make& make, const Check& check = {}) const;

 private:
  Script& says(Tests who, std::string bytes);
  Script& add(ScriptItem item);

  Tests tested_;
  std::vector<ScriptItem> items_;
};

}  // namespace mailrig::testing
