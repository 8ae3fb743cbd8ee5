// The ends of life of the program, as a user sees them: `serve` is told to stop while a session is in the middle of
// something, `run` while scenarios are under way. Each ends soon, with whole reports, and leaves no file behind. Under
// AddressSanitizer a session that outlives its server shows here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/testing/process.h"
#include "reports/testing/json_schema.h"

namespace mailrig::cli {
namespace {

using ::testing::AnyOf;
using testing::Child;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Stdin;
using Json = nlohmann::json;

// What waits for a session waits for minutes; this is for a machine that is busy with other things.
constexpr std::chrono::milliseconds soon{20'000};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

struct Ends : ::testing::Test {
  Ends() {
    std::string name = (std::filesystem::temp_directory_path() / "mailrig-ends-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    std::filesystem::create_directories(folder + "/tmp");
    ::setenv("TMPDIR", (folder + "/tmp").c_str(), 1);
  }
  ~Ends() override {
    ::unsetenv("TMPDIR");
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  std::string at(const std::string& name) const { return folder + "/" + name; }

  /// JSON by the schema, JUnit and HTML to their ends.
  Json reports() const {
    Json report = Json::parse(contents(at("r.json")), nullptr, false);
    EXPECT_FALSE(report.is_discarded());
    const Json schema = Json::parse(contents("reports/report.schema.json"));
    EXPECT_THAT(reports::testing::schema_violations(schema, report), IsEmpty());
    EXPECT_THAT(contents(at("r.xml")), ::testing::EndsWith("</testsuites>\n"));
    EXPECT_THAT(contents(at("r.html")), ::testing::EndsWith("</html>\n"));
    const testing::Ran parsed = testing::run(
        {"/usr/bin/env", "python3", "-c", "import sys, xml.dom.minidom as d; d.parse(sys.argv[1])", at("r.xml")});
    if (parsed.code != 127) {  // env(1): there is no Python
      EXPECT_EQ(parsed.code, 0) << testing::to_text(parsed);
    }
    return report;
  }
  std::vector<std::string> with_reports(std::vector<std::string> words) const {
    words.insert(words.begin(), MAILRIG_BINARY_DIR "/mailrig");
    for (const char* kind : {"json", "junit", "html"}) {
      words.push_back(std::string("--") + kind);
      words.push_back(at(kind == std::string("junit") ? "r.xml" : std::string("r.") + kind));
    }
    return words;
  }
  std::vector<std::string> left_in_tmp() const {
    std::vector<std::string> left;
    for (const auto& entry : std::filesystem::directory_iterator(at("tmp"))) left.push_back(entry.path());
    return left;
  }

  std::string folder;
};

// --- serve ---

constexpr const char* story = R"({ "id": "ends", "title": "sessions in every state",
  "servers": {
    "greets": { "personality": "generic", "tls": "none", "faults": [ { "on": "greeting", "delay": "6m" } ] },
    "pop": { "personality": "generic", "tls": "none", "failed_login_delay": "6m",
      "faults": [ { "on": "NOOP", "delay": "6m" }, { "on": "TOP", "drip": { "octets": 1, "every": "1m" } }, { "on": "STAT", "hang": true } ],
      "mailboxes": { "anna": { "password": "s3cret", "messages": [ { "generate": 1, "size": "20000000..20000000" } ] } } },
    "shakes": { "personality": "generic", "tls": "implicit", "mailboxes": { "anna": { "password": "s3cret" } } },
    "upgrades": { "personality": "generic", "tls": "starttls", "mailboxes": { "anna": { "password": "s3cret" } } },
    "smtp": { "personality": "generic", "protocol": "smtp", "tls": "none", "mailboxes": { "anna": { "password": "s3cret" } } },
    "greets-smtp": { "personality": "generic", "protocol": "smtp", "tls": "none", "greet_delay": "6m" },
    "crm": { "personality": "zoho-crm", "protocol": "crm", "tls": "none", "service_time": "6m" } },
  "steps": [] })";

struct ServeEnds : Ends {
  void start() {
    std::ofstream(at("story.json")) << story;
    serve = std::make_unique<Child>(with_reports({"serve", at("story.json"), "--ready-file", at("ready.json")}),
                                    at("out"), Stdin::kept);
    for (int i = 0; i < 3000 && serve->runs() && !std::filesystem::exists(at("ready.json")); ++i)
      ::poll(nullptr, 0, 10);
    ready = Json::parse(contents(at("ready.json")), nullptr, false);
    ASSERT_FALSE(ready.is_discarded()) << contents(at("out"));
  }
  /// A connection to this server that stays open until the test ends.
  int call(const std::string& name) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (const Json& server : ready["servers"])
      if (server["name"] == name) address.sin_port = htons(server["port"].get<std::uint16_t>());
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0) << name;
    sockets.push_back(socket);
    return socket;
  }
  static void say(int socket, const std::string& text) {
    EXPECT_EQ(::send(socket, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// Reads up to a line feed.
  static std::string hear(int socket) {
    std::string line;
    char octet = 0;
    while (!line.ends_with('\n')) {
      pollfd readable{socket, POLLIN, 0};
      if (::poll(&readable, 1, static_cast<int>(soon.count())) <= 0 || ::recv(socket, &octet, 1, 0) != 1) break;
      line += octet;
    }
    return line;
  }
  /// Until the dialogue that `serve` prints says so.
  void wait_for(const std::string& words) const {
    for (int i = 0; i < 3000 && contents(at("out")).find(words) == std::string::npos; ++i) ::poll(nullptr, 0, 10);
    EXPECT_THAT(contents(at("out")), HasSubstr(words));
  }
  /// What was asked for before has been taken in: a later connection has been served.
  void settle() {
    const int later = call("smtp");
    EXPECT_THAT(hear(later), ::testing::StartsWith("220"));
  }
  int login() {
    const int socket = call("pop");
    EXPECT_THAT(hear(socket), ::testing::StartsWith("+OK"));
    say(socket, "USER anna\r\nPASS s3cret\r\n");
    EXPECT_THAT(hear(socket), ::testing::StartsWith("+OK"));
    EXPECT_THAT(hear(socket), ::testing::StartsWith("+OK"));
    return socket;
  }

  void TearDown() override {
    if (serve) {
      serve->kill(SIGTERM);
      // 0 or 1: what the servers have to say of the dialogue; never the number of a crash.
      EXPECT_THAT(serve->wait(soon), AnyOf(0, 1)) << contents(at("out"));
      const Json report = reports();
      EXPECT_EQ(report["scenarios"].size(), 1U);
      EXPECT_FALSE(std::filesystem::exists(at("ready.json")));
      EXPECT_FALSE(std::filesystem::exists(at("ready.json.ca.pem")));
      EXPECT_THAT(left_in_tmp(), IsEmpty());
    }
    for (int socket : sockets) ::close(socket);
  }

  std::unique_ptr<Child> serve;
  Json ready;
  std::vector<int> sockets;
};

TEST_F(ServeEnds, WithoutAConnection) { start(); }

TEST_F(ServeEnds, BeforeTheGreeting) {
  start();
  call("greets");
  call("greets-smtp");
  settle();
}

TEST_F(ServeEnds, AmidAHandshake) {
  start();
  call("shakes");  // no octet of a ClientHello
  say(call("shakes"), std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
  const int upgrading = call("upgrades");
  hear(upgrading);
  say(upgrading, "STLS\r\n");
  EXPECT_THAT(hear(upgrading), ::testing::StartsWith("+OK"));
  settle();
}

TEST_F(ServeEnds, WaitingForACommand) {
  start();
  hear(call("pop"));
  login();
}

TEST_F(ServeEnds, PausingAfterAFailedLogin) {
  start();
  const int socket = call("pop");
  hear(socket);
  say(socket, "USER anna\r\nPASS wr0ng\r\n");
  hear(socket);
  wait_for("C: PASS");
  settle();
}

TEST_F(ServeEnds, PausingBeforeAReply) {
  start();
  const int socket = login();
  say(socket, "NOOP\r\n");
  wait_for("C: NOOP");
}

TEST_F(ServeEnds, DrippingAMessage) {
  start();
  const int socket = login();
  say(socket, "TOP 1 0\r\n");
  char octet = 0;
  EXPECT_EQ(::recv(socket, &octet, 1, 0), 1);
}

TEST_F(ServeEnds, NeverAnswering) {
  start();
  say(login(), "STAT\r\n");
  wait_for("C: STAT");
}

TEST_F(ServeEnds, WritingToAClientThatDoesNotRead) {
  start();
  const int socket = login();
  say(socket, "RETR 1\r\n");
  EXPECT_THAT(hear(socket), ::testing::StartsWith("+OK"));
  settle();
}

TEST_F(ServeEnds, InTheMiddleOfAMessageThatIsBeingSent) {
  start();
  const int socket = call("smtp");
  hear(socket);
  say(socket, "HELO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna>\r\nDATA\r\nhalf a li");
  wait_for("C: DATA");
}

TEST_F(ServeEnds, WorkingOnACall) {
  start();
  say(call("crm"), "GET /crm/v2/Contacts HTTP/1.1\r\nHost: localhost\r\n\r\n");
  settle();
}

TEST_F(ServeEnds, AfterTheClientHasGone) {
  start();
  const int socket = login();
  say(socket, "NOOP\r\n");
  wait_for("C: NOOP");
  ::shutdown(socket, SHUT_RDWR);
}

TEST_F(ServeEnds, AndWithoutAReadyFileThatCanBeWritten) {
  std::ofstream(at("story.json")) << story;
  const std::string program = MAILRIG_BINARY_DIR "/mailrig";
  const testing::Ran ran =
      testing::run({program, "serve", at("story.json"), "--ready-file", at("no-such-folder/ready.json")});
  EXPECT_EQ(ran.code, 4) << testing::to_text(ran);
  std::filesystem::create_directories(at("taken"));  // the root certificate can be written there, the ready-file cannot
  const testing::Ran taken = testing::run({program, "serve", at("story.json"), "--ready-file", at("taken")});
  EXPECT_EQ(taken.code, 4) << testing::to_text(taken);
  EXPECT_FALSE(std::filesystem::exists(at("taken.ca.pem")));
  EXPECT_FALSE(std::filesystem::exists(at("taken.partial")));
  ASSERT_EQ(::mkfifo(at("fifo").c_str(), 0600), 0);  // not replaced by a file that goes away at the end
  const testing::Ran fifo = testing::run({program, "serve", at("story.json"), "--ready-file", at("fifo")});
  EXPECT_EQ(fifo.code, 4) << testing::to_text(fifo);
  EXPECT_TRUE(std::filesystem::is_fifo(at("fifo")));
}

// --- run ---

TEST_F(Ends, RunIsInterruptedAtTwentyPoints) {
  for (int point = 1; point <= 20; ++point) {
    SCOPED_TRACE(point);
    const int signal = point % 2 == 0 ? SIGTERM : SIGINT;
    int out[2];
    ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    const int err = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    Child run(with_reports({"run", "scenarios/suite/retrieval/delete-after-store.json", "--repeat", "20000", "--jobs",
                            point % 3 == 0 ? "1" : "2"}),
              out[1], err);
    std::string told;
    char octet = 0;
    for (int lines = 0; lines < point && ::read(out[0], &octet, 1) == 1; lines += octet == '\n' ? 1 : 0) told += octet;
    run.kill(signal);
    std::string rest;
    char octets[4096];
    for (ssize_t got = 0; (got = ::read(out[0], octets, sizeof octets)) > 0;)
      rest.append(octets, static_cast<std::size_t>(got));
    ::close(out[0]);
    EXPECT_EQ(run.wait(soon), 128 + signal) << told << rest;
    const Json report = reports();
    EXPECT_GE(report["scenarios"].size(), static_cast<std::size_t>(point));
    EXPECT_EQ(report["summary"]["total"], report["scenarios"].size());
    EXPECT_EQ(report["summary"]["failed"], true);
    const std::string why = report["incomplete"].is_string() ? report["incomplete"].get<std::string>() : "";
    EXPECT_THAT(why, HasSubstr(signal == SIGINT ? "SIGINT" : "SIGTERM"));
    EXPECT_THAT(why, HasSubstr("of 20000 scenarios"));
    EXPECT_THAT(contents(at("r.xml")), HasSubstr("the run is complete"));
    EXPECT_THAT(contents(at("r.html")), HasSubstr("<h2>Incomplete</h2>"));
    EXPECT_THAT(rest, HasSubstr("INCOMPLETE"));
    EXPECT_THAT(left_in_tmp(), IsEmpty());
  }
}

}  // namespace
}  // namespace mailrig::cli
