// Is the judge awake? Each client here is broken on purpose, in one way and from outside, and a scenario of the suite
// has to turn red for it, with the finding that names what is broken. The same scenario passes with the client as it
// is. What is laid between client and world without bending anything changes nothing.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakeservers/certificates/certificate_factory.h"
#include "scenarios/language/load.h"
#include "scenarios/run/runner.h"
#include "scenarios/testing/broken_client.h"
#include "scenarios/testing/broken_stores.h"
#include "scenarios/testing/broken_talk.h"
#include "scenarios/testing/suite_files.h"

namespace mailrig::scenarios::testing {
namespace {

using namespace std::string_literals;
using client::MessageStore;

Scenario scenario_of_suite(const std::string& id) {
  const std::string path = "scenarios/suite/" + id.substr(0, id.find('[')) + ".json";
  const Result<std::string> text = read_suite_file(path);
  if (!text) throw std::runtime_error(to_string(text.error()));
  for (Scenario& scenario : load_scenarios(path, *text, {.read = read_suite_file}).scenarios)
    if (scenario.id == id) return scenario;
  throw std::runtime_error("there is no scenario " + id);
}

template <class AnyBend>
MakeBend always(auto... arguments) {
  return [=](const Endpoint&) { return std::make_unique<AnyBend>(arguments...); };
}

template <class AnyStore>
auto every_start(auto... arguments) {
  return [=](std::unique_ptr<MessageStore> store, unsigned) -> std::unique_ptr<MessageStore> {
    return std::make_unique<AnyStore>(std::move(store), arguments...);
  };
}
template <class AnyStore>
auto after_restart() {
  return [](std::unique_ptr<MessageStore> store, unsigned starts) -> std::unique_ptr<MessageStore> {
    if (starts > 1) store = std::make_unique<AnyStore>(std::move(store));
    return store;
  };
}

/// What the server shows in a scenario of the suite, as if the user had confirmed it: trusted as it stands.
std::string self_signed_pem(const Scenario& scenario) {
  const fakeservers::CertificateRequest request{.hosts = {scenario.servers.front().host}, .at = scenario.clock};
  return fakeservers::CertificateFactory().make(CertificateClass::self_signed, request)->identity.chain_pem;
}

// The table.

struct Case {
  std::string_view name;
  std::string_view scenario;
  Finding::Kind kind = Finding::Kind::expectation;
  std::string_view finding;     // its name: an invariant, or the path of an expectation
  std::string_view words = {};  // in its message or in what was found
  std::function<void(BrokenClient&, const Scenario&)> break_it = {};

  friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

std::function<void(BrokenClient&, const Scenario&)> bent(MakeBend bend) {
  return [=](BrokenClient& broken, const Scenario&) { broken.network.bend = bend; };
}
std::function<void(BrokenClient&, const Scenario&)> stored(decltype(BrokenClient::store) store) {
  return [=](BrokenClient& broken, const Scenario&) { broken.store = store; };
}

std::function<void(BrokenClient&, const Scenario&)> misdated(Duration by) {
  return [=](BrokenClient& broken, const Scenario&) { broken.misdates = by; };
}

std::vector<Case> cases() {
  using Kind = Finding::Kind;
  return {
      // nothing-in-clear
      {"LogsInWithoutTheTlsThatWasRefused", "connection/stls-stripped[refused]", Kind::invariant, "nothing-in-clear",
       "the password of account home went to the server in clear",
       bent(always<LeavesWith>(std::vector{"USER anna"s, "PASS s3cret"s}))},
      {"LogsInBeforeStls", "certificates/refused-after-stls[expired]", Kind::invariant, "nothing-in-clear",
       "the password of account home went to the server in clear", bent(always<LogsInBeforeStls>())},
      {"RetrievesWithoutTheTlsThatWasRefused", "connection/stls-stripped[refused]", Kind::invariant, "nothing-in-clear",
       "went to the client in clear", bent(always<LeavesWith>(std::vector{"USER anna"s, "PASS s3cret"s, "RETR 1"s}))},
      {"SendsThePasswordToAnSmtpServerInClear", "smtp/starttls-stripped[502]", Kind::invariant, "nothing-in-clear",
       "the password of account work went to the server in clear",
       // NUL anna@zillum.test NUL s3cret
       bent(always<SaysBeforeQuit>("AUTH PLAIN AGFubmFAemlsbHVtLnRlc3QAczNjcmV0\r\n"s))},
      {"SendsAMessageInClear", "smtp/starttls-stripped[354]", Kind::invariant, "nothing-in-clear",
       "a message that was to be sent went to the server in clear",
       bent(always<SaysBeforeQuit>("DATA\r\nSubject: offer\r\n\r\nDear Bert, this is secret\r\n.\r\n"s))},
      // stored-before-deleted
      {"DeletesBeforeItStores", "retrieval/delete-after-store", Kind::invariant, "stored-before-deleted",
       "DELE of message", bent(always<DeletesAtOnce>())},
      {"DeletesTheWrongOne", "import/storage-full", Kind::invariant, "stored-before-deleted", "DELE of message",
       bent(always<DeletesTheNextOne>())},
      {"SaysStoredAndStoresNothing", "retrieval/delete-after-store", Kind::invariant, "stored-before-deleted",
       "DELE of message", stored(every_start<LosesMessages>([](std::size_t) { return false; }))},
      // stored-exactly-once
      {"LosesAMessageThatGmailHidesNow", "gmail/two-clients-share-the-queue", Kind::invariant, "stored-exactly-once",
       "is stored nowhere: it is lost",
       stored(every_start<LosesMessages>([](std::size_t place) { return place != 1; }))},
      {"StoresTwice", "retrieval/dot-split-between-segments", Kind::invariant, "stored-exactly-once", "2 times",
       stored(every_start<StoresTwice>())},
      {"SpoilsWhatNobodyReads", "passwords/recovered-by-edit", Kind::invariant, "stored-exactly-once",
       "whose octets are not those that came", stored(every_start<SpoilsBodies>())},
      {"PipelinesWhereItIsNotOffered", "retrieval/pipelining-only-where-offered", Kind::expectation,
       "servers.exchange.sessions[0].pipelined", "", bent(always<OffersPipelining>())},
      // associated-once
      {"AssociatesAgainUnderAnotherId", "crm/associated-once", Kind::invariant, "associated-once", "<q1@customer.test>",
       stored(every_start<AssociatesAgainUnderAnotherId>())},
      // printable
      {"QuotesThePeerAsItIs", "passwords/wrong-once[dovecot]", Kind::invariant, "printable", "accounts.home",
       bent(always<QuotesWithoutEscaping>())},
      // bounded
      {"WaitsForEver", "connection/silent-network", Kind::hang, "stalled", "somebody waits without patience",
       [](BrokenClient& broken, const Scenario&) { broken.network.connects_for_ever = true; }},

      // greeting-awaited
      {"TalksBeforeAGreetingThatIsHeldBack", "connection/waits-for-the-greeting[held-back]", Kind::invariant,
       "greeting-awaited", "the client talked on isp#1 before the greeting of isp",
       bent(always<DoesNotWaitForTheGreeting>("+OK hello\r\n"s))},
      {"TalksBeforeAGreetingThatARuleHoldsBack", "connection/waits-for-the-greeting[by-a-rule]", Kind::invariant,
       "greeting-awaited", "the client talked on isp#1 before the greeting of isp",
       bent(always<DoesNotWaitForTheGreeting>("+OK hello\r\n"s))},
      {"TalksWithinTheGreeting", "connection/waits-for-the-greeting[drips]", Kind::expectation,
       "servers.out.sessions[0].early", "true", bent(always<DoesNotWaitForTheGreeting>("220 hello\r\n"s))},
      {"TalksBeforeTheGreetingOfAnSmtpServer", "connection/waits-for-the-greeting[by-a-rule]", Kind::expectation,
       R"(never "early")", "client talks before the greeting (out#1)",
       bent(always<DoesNotWaitForTheGreeting>("220 hello\r\n"s))},

      // What scenarios expect besides.
      {"RetrievesTwice", "exchange/marks-read[2013]", Kind::expectation, "servers.exchange.commands.RETR", "26",
       bent(always<RetrievesTwice>())},
      {"DeletesWhatIsToStay", "exchange/marks-read[2013]", Kind::expectation, "servers.exchange.commands.DELE", "",
       bent(always<LeavesWith>(std::vector{"DELE 1"s}))},
      {"NeverQuits", "retrieval/delete-after-store", Kind::expectation, "servers.isp.mailboxes.anna.kept", "7",
       bent(always<NeverQuits>())},
      {"TriesThePasswordTwice", "passwords/wrong-once[dovecot]", Kind::expectation, "servers.isp.commands.PASS", "2",
       bent(always<TriesThePasswordTwice>())},
      {"LosesTheEighthBit", "retrieval/odd-bodies-octet-for-octet[eight-bit]", Kind::expectation,
       "accounts.home.messages[0].sha256", "", bent(always<MisreadsMessages>(lose_eighth_bit))},
      {"UnstuffsTwice", "retrieval/dot-split-between-segments", Kind::expectation, "accounts.home.messages[0].body", "",
       bent(always<MisreadsMessages>(unstuff))},
      {"TakesThePartForTheWhole", "connection/lost-in-mid-message[fin]", Kind::expectation, "accounts.home.stored", "4",
       bent(always<TakesThePartForTheWhole>())},
      {"TakesARefusalForAMessage", "exchange/corrupted-item", Kind::expectation, "servers.exchange.mailboxes.anna.kept",
       "0", bent(always<Mishears>("RETR "s, "-ERR"s, "+OK\r\nMessage corrupted\r\n.\r\n"s))},
      {"CountsTemporaryTrouble", "passwords/temporary-trouble-is-not-counted[sys-temp]", Kind::expectation,
       "accounts.home.authentication_failures", "",
       bent(always<Mishears>("PASS "s, "-ERR [SYS/TEMP]"s, "-ERR [AUTH] no\r\n"s))},
      {"NeverGivesUp", "passwords/ten-times-disables", Kind::expectation, "accounts.home.state", "",
       bent(always<Mishears>("PASS "s, "-ERR"s, "-ERR [SYS/TEMP] later\r\n"s))},
      {"LogsInToWhateverAnswers", "connection/wrong-port[smtp]", Kind::expectation, "servers.isp.commands.USER", "",
       bent(always<Mishears>(""s, "220"s, "+OK hello\r\n"s))},
      {"TrustsWhatItIsShown", "certificates/refused-on-995[self-signed]", Kind::expectation,
       "servers.isp.commands.PASS", "",
       [](BrokenClient& broken, const Scenario& scenario) { broken.trusted_pem = self_signed_pem(scenario); }},
      {"CallsFromAnotherAddress", "connection/refused-by-source-address", Kind::expectation, "accounts.blocked.state",
       "ok", [](BrokenClient& broken, const Scenario&) { broken.network.ignores_source = true; }},
      {"SpoilsWhatItStores", "retrieval/dot-split-between-segments", Kind::expectation,
       "accounts.home.messages[0].body", "", stored(every_start<SpoilsBodies>())},
      {"ForgetsUidsWhenItRestarts", "retrieval/restart-keeps-everything", Kind::expectation,
       "servers.isp.commands.RETR", "18", stored(after_restart<ForgetsUids>())},
      {"ForgetsCountersWhenItRestarts", "retrieval/restart-keeps-everything", Kind::expectation,
       "accounts.wrong.authentication_failures", "0", stored(after_restart<ForgetsCounters>())},
      // The order of events.
      {"DeletesBeforeItHasStored", "retrieval/delete-after-store", Kind::expectation,
       R"(never {"command": "DELE"} before "stored")", "; only then: stored of message ",
       bent(always<DeletesAtOnce>())},
      {"DeletesAnotherThanItHasStored", "import/storage-full", Kind::expectation,
       R"(never {"command": "DELE"} before "stored")", "\"stored\" has not happened",
       bent(always<DeletesTheNextOne>())},
      {"RetrievesWhatItHasStored", "retrieval/restart-keeps-everything", Kind::expectation,
       R"(never {"command": "RETR"} after "stored")", ", after stored of message ",
       stored(after_restart<ForgetsUids>())},
      {"TriesARefusedPasswordAtOnce", "passwords/wrong-once[dovecot]", Kind::expectation,
       R"(never {"command": "PASS"} after "login-refused" within 14m)", ", after login of anna refused (isp#1)",
       bent(always<TriesThePasswordTwice>())},
      {"OffersAgainAtOnce", "smtp/put-off-by-address", Kind::expectation,
       R"(never {"command": "MAIL"} after {"reply": "450"} within 29m)",
       ", after reply \"450 4.2.0 greylisted\" to RCPT",
       bent(always<SaysBeforeQuit>("MAIL FROM:<anna@zillum.test>\r\n"s))},
      {"SendsAgainTooEarly", "smtp/temporary-refusal-is-tried-again[greylisted]", Kind::expectation,
       R"(never {"command": "MAIL"} after {"reply": "4"} within 29m)", ", after reply \"450 ", misdated(-10min)},
      {"SendsAgainTooLate", "smtp/temporary-refusal-is-tried-again[after-the-dot]", Kind::expectation,
       R"(after {"reply": "4"} within 31m: "accepted")", "40m", misdated(10min)},
      {"AsksTheCrmAgainTooEarly", "crm/back-off-by-counted-calls", Kind::expectation,
       R"(never {"command": "search"} after {"reply": "502"} within 59s)", ", after reply \"502 ", misdated(-40s)},
      {"AsksTheCrmAgainTooLate", "crm/back-off-by-counted-calls", Kind::expectation,
       R"(after {"reply": "502"} within 6h1m: {"command": "search"})", "later", misdated(6h)},
      {"StoresWhatItHasNotRetrieved", "retrieval/delete-after-store", Kind::expectation,
       R"(never {"event": "stored"} before "retrieved")", "\"retrieved\" has not happened",
       bent(always<MakesMessagesUp>())},
      {"ForgetsWhatWaitsForTheCrm", "crm/down-and-back[503]", Kind::expectation, "accounts.work.crm.associated", "0",
       stored(every_start<ForgetsWhatWaitsForTheCrm>())},
  };
}

/// For a reader of a failure.
std::string told(const Outcome& outcome) {
  std::string text = fmt::format("{} is {}\n", outcome.id, to_string(outcome.verdict));
  for (const Finding& finding : outcome.findings)
    text += fmt::format("{} {}: {} (expected {}, found {})\n", to_string(finding.kind), finding.name, finding.message,
                        finding.expected, finding.actual);
  return text;
}

bool is_named(const Outcome& outcome, Finding::Kind kind, std::string_view name, std::string_view words) {
  return std::ranges::any_of(outcome.findings, [&](const Finding& finding) {
    return finding.kind == kind && finding.name == name &&
           (finding.message.find(words) != std::string::npos || finding.actual.find(words) != std::string::npos);
  });
}

class BrokenClients : public ::testing::TestWithParam<Case> {};

TEST_P(BrokenClients, TurnAScenarioRed) {
  const Case& one = GetParam();
  const Scenario scenario = scenario_of_suite(std::string(one.scenario));
  const Outcome sound = run_scenario(scenario, {});
  ASSERT_EQ(sound.verdict, Verdict::pass) << told(sound);

  BrokenClient broken;
  one.break_it(broken, scenario);
  const Outcome outcome = run_scenario(scenario, {.around_client = std::ref(broken)});
  EXPECT_EQ(outcome.verdict, one.kind == Finding::Kind::hang ? Verdict::hang : Verdict::fail) << told(outcome);
  EXPECT_TRUE(is_named(outcome, one.kind, one.finding, one.words)) << told(outcome);
}

INSTANTIATE_TEST_SUITE_P(Each, BrokenClients, ::testing::ValuesIn(cases()),
                         [](const auto& one) { return std::string(one.param.name); });

/// No scenario of the suite sends a body without end.
constexpr std::string_view endless_story = R"({ "id": "a/endless", "title": "A message has no end",
  "servers": { "isp": { "faults": [ { "on": "RETR", "misbehave": "infinite-body" } ],
      "mailboxes": { "anna": { "password": "s3cret", "messages": { "generate": 1 } } } } },
  "accounts": { "home": { "pop3": "isp", "user": "anna", "password": "s3cret" } },
  "steps": [ { "poll": "home" }, { "expect": { "accounts.home.stored": 0 } } ] })";

/// Throws away what comes after the beginning of a message, and wants more.
class ReadsForEver : public Bend {
 public:
  std::string heard(std::string_view bytes) override {
    constexpr std::size_t enough = 2'000;
    octets_ += bytes.size();
    return octets_ < enough ? std::string(bytes) : std::string();
  }

 private:
  std::size_t octets_ = 0;
};

TEST(BrokenClient, ThatReadsWithoutBoundIsCutOff) {
  const LoadResult loaded = load_scenarios("endless.json", endless_story, {});
  ASSERT_EQ(loaded.scenarios.size(), 1U) << to_text(loaded.diagnostics.at(0));
  const Outcome sound = run_scenario(loaded.scenarios.front(), {});
  EXPECT_EQ(sound.verdict, Verdict::pass) << told(sound);
  BrokenClient broken;
  broken.network.bend = always<ReadsForEver>();
  const Outcome outcome = run_scenario(loaded.scenarios.front(), {.around_client = std::ref(broken)});
  EXPECT_EQ(outcome.verdict, Verdict::fail);
  EXPECT_TRUE(is_named(outcome, Finding::Kind::invariant, "bounded", "isp#1 has carried over")) << told(outcome);
}

TEST(BrokenClient, ThereIsOneForEachInvariant) {
  std::set<std::string_view> invariants{"bounded"};  // the one above
  for (const Case& one : cases())
    if (one.kind == Finding::Kind::invariant) invariants.insert(one.finding);
  EXPECT_EQ(invariants,
            (std::set<std::string_view>{"associated-once", "bounded", "nothing-in-clear", "printable",
                                        "greeting-awaited", "stored-before-deleted", "stored-exactly-once"}));
}

/// What turns red is the break and not what it is made with.
TEST(BrokenClient, ThatIsNotBrokenChangesNothing) {
  for (const char* id : {"retrieval/delete-after-store", "retrieval/restart-keeps-everything",
                         "connection/lost-in-mid-message[reset]", "certificates/refused-after-stls[expired]",
                         "certificates/refused-on-995[self-signed]", "smtp/sent[starttls]", "crm/associated-once"}) {
    const Scenario scenario = scenario_of_suite(id);
    BrokenClient client;
    client.network.bend = always<Bend>();
    client.store = every_start<StoreDecorator>();
    const Outcome bare = run_scenario(scenario, {});
    const Outcome wrapped = run_scenario(scenario, {.around_client = std::ref(client)});
    EXPECT_EQ(wrapped.verdict, Verdict::pass) << told(wrapped);
    EXPECT_EQ(wrapped.digest, bare.digest) << id;
  }
}

/// A dialogue that is taken apart into commands and replies is the same dialogue.
TEST(BrokenClient, ThatUnderstandsPop3ChangesNothingEither) {
  for (const char* id :
       {"retrieval/delete-after-store", "exchange/marks-read[2003]", "certificates/refused-after-stls[expired]"}) {
    const Scenario scenario = scenario_of_suite(id);
    BrokenClient client;
    client.network.bend = always<BentPop3>();
    const Outcome outcome = run_scenario(scenario, {.around_client = std::ref(client)});
    EXPECT_EQ(outcome.verdict, Verdict::pass) << told(outcome);
  }
}

}  // namespace
}  // namespace mailrig::scenarios::testing
