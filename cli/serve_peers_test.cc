// `mailrig serve` for clients that we did not write: curl, and Python's poplib and smtplib.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/testing/peers.h"

namespace mailrig::cli {
namespace {

using testing::Child;
using testing::contents;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::PeerLab;
using testing::put;
using testing::Ran;
using testing::to_text;
using Json = nlohmann::json;

constexpr const char* python = "/usr/bin/python3";
constexpr const char* curl = "/usr/bin/curl";

// What every script begins with: where the servers are, whom to trust, and connections to them.
constexpr std::string_view prelude = R"(
import json, poplib, smtplib, ssl, sys
ready = json.load(open(sys.argv[1]))
trust = ssl.create_default_context(cafile=ready['ca_file'])
def server(name): return next(s for s in ready['servers'] if s['name'] == name)
def pop3(name, host='localhost', trust=trust):
    s = server(name)
    if s['tls'] == 'implicit': return poplib.POP3_SSL(host, s['port'], context=trust, timeout=20)
    client = poplib.POP3(host, s['port'], timeout=20)
    if s['tls'] == 'starttls': client.stls(trust)
    return client
def login(client, name):
    user = server(name)['users'][0]
    client.user(user['user']); client.pass_(user['password'])
    return client
def smtp(name, host='localhost'):
    s = server(name)
    if s['tls'] == 'implicit': return smtplib.SMTP_SSL(host, s['port'], context=trust, timeout=20)
    client = smtplib.SMTP(host, s['port'], timeout=20)
    if s['tls'] == 'starttls': client.starttls(context=trust)
    return client
)";

struct Serve : ::testing::Test {
  void SetUp() override {
    for (const char* program : {python, curl})
      if (!std::filesystem::exists(program)) GTEST_SKIP() << program << " is not installed";
  }

  void start(std::vector<std::string> more = {}, const std::string& story = {}) {
    std::vector<std::string> command = {MAILRIG_BINARY_DIR "/mailrig", "serve", "--ready-file", ready_file()};
    if (!story.empty()) {
      put(lab / "story.json", story);
      command.push_back(lab / "story.json");
    }
    command.insert(command.end(), more.begin(), more.end());
    serve = std::make_unique<Child>(command, lab / "out", testing::Stdin::kept);
    for (int i = 0; i < 1000 && serve->runs() && !std::filesystem::exists(ready_file()); ++i) ::poll(nullptr, 0, 10);
    ASSERT_TRUE(std::filesystem::exists(ready_file())) << contents(lab / "out");
  }
  /// Until the last line that it wrote says so.
  void wait_for(const std::string& words) const {
    for (int i = 0; i < 1000 && contents(lab / "out").find(words) == std::string::npos; ++i) ::poll(nullptr, 0, 10);
    EXPECT_THAT(contents(lab / "out"), HasSubstr(words));
  }
  int stop(int signal = SIGTERM) const {
    serve->kill(signal);
    return serve->wait(testing::process_patience);
  }
  std::string ready_file() const { return lab / "ready.json"; }
  Json ready() const { return Json::parse(contents(ready_file())); }
  Json server(const std::string& name) const {
    const Json all = ready();
    for (const Json& one : all["servers"])
      if (one["name"] == name) return one;
    ADD_FAILURE() << "no server " << name << " in " << all.dump();
    return {};
  }
  std::string url(const std::string& scheme, const std::string& name, const std::string& path = {}) const {
    return fmt::format("{}://localhost:{}{}", scheme, server(name)["port"].get<int>(), path);
  }
  Ran run_python(const std::string& script) const {
    put(lab / "script.py", std::string(prelude) + script);
    return testing::run({python, lab / "script.py", ready_file()});
  }
  Ran run_curl(std::vector<std::string> words) const {
    words.insert(words.begin(), {curl, "--silent", "--show-error", "--max-time", "20", "--cacert",
                                 ready()["ca_file"].get<std::string>()});
    return testing::run(words);
  }

  PeerLab lab;
  std::unique_ptr<Child> serve;
};

TEST_F(Serve, WithoutAStoryItServesADemoUserOverEveryProtocol) {
  start();
  const Json all = ready();
  for (const Json& one : all["servers"]) {
    EXPECT_EQ(one["host"], "127.0.0.1");
    EXPECT_GT(one["port"].get<int>(), 0);
    EXPECT_THAT(one["tls"], ::testing::AnyOf("implicit", "starttls", "none"));
    EXPECT_TRUE(one.contains("users") && one.contains("protocol"));
  }
  EXPECT_FALSE(std::filesystem::exists(ready_file() + ".partial"));
}

TEST_F(Serve, CertificatesAreForTheNamesThatAreGiven) {
  start({"--name", "mail.customer.example", "--name", "192.0.2.7"},
        R"({ "id": "a/b", "title": "t", "servers": { "isp": { "personality": "generic", "tls": "implicit",
             "mailboxes": { "anna": { "password": "s3cret" } } } } })");
  const int port = server("isp")["port"].get<int>();
  const auto list_at = [&](const std::string& name) {
    return run_curl({"--resolve", fmt::format("{}:{}:127.0.0.1", name, port), "--user", "anna:s3cret",
                     fmt::format("pop3s://{}:{}", name, port)})
        .code;
  };
  EXPECT_EQ(list_at("mail.customer.example"), 0);
  EXPECT_EQ(list_at("localhost"), 0);
  EXPECT_EQ(list_at("other.customer.example"), 60);  // curl: the peer's certificate cannot be verified
  const Ran shown = testing::run({"/bin/sh", "-c",
                                  fmt::format("openssl s_client -connect 127.0.0.1:{} </dev/null 2>/dev/null | "
                                              "openssl x509 -noout -ext subjectAltName",
                                              port)});
  EXPECT_THAT(shown.out, HasSubstr("DNS:mail.customer.example")) << to_text(shown);
  EXPECT_THAT(shown.out, HasSubstr("IP Address:192.0.2.7")) << to_text(shown);
}

// As OpenSSL's own client sees it; of a dovecot that declines: findings/dovecot-tickets-never-resume.sh.
TEST_F(Serve, SessionsAreResumedAsThePersonalityDoes) {
  start({}, R"({ "id": "a/b", "title": "t", "servers": {
    "usual": { "personality": "generic", "protocol": "pop3", "tls": "implicit" },
    "dovecot": { "personality": "dovecot", "protocol": "pop3", "tls": "implicit" },
    "none": { "personality": "generic", "protocol": "smtp", "tls": "implicit", "session_resumption": "none" } } })");
  const auto second_visit = [&](const std::string& name, const std::string& version) {
    const std::string session = lab / name + version;
    const auto visit = [&](const std::string& option) {
      return testing::run({"/bin/sh", "-c",
                           fmt::format("printf 'QUIT\\r\\n' | openssl s_client -nocommands -ign_eof -{} -connect "
                                       "127.0.0.1:{} {} '{}' 2>/dev/null",
                                       version, server(name)["port"].get<int>(), option, session)})
          .out;
    };
    visit("-sess_out");
    if (!std::filesystem::exists(session)) return std::string("no session");
    const std::string seen = visit("-sess_in");
    return std::string(seen.find("\nReused, ") != std::string::npos ? "resumed" : "new");
  };
  for (const char* version : {"tls1_2", "tls1_3"}) {
    EXPECT_EQ(second_visit("usual", version), "resumed") << version;
    EXPECT_EQ(second_visit("dovecot", version), "new") << version;
  }
  EXPECT_NE(second_visit("none", "tls1_3"), "resumed");
}

// The servers repeat the client's secrets, known to the story and not, in every form: no output has them.
TEST_F(Serve, WhatServersRepeatOfSecretsIsInNoOutput) {
  // By Python's base64, binascii and urllib.parse.quote: of the password, the CRM's client secret and refresh token.
  const std::vector<std::string> forms = {
      "p4ss+w0rd/9x",     "cDRzcyt3MHJkLzl4", "eHA0c3MrdzByZC85eA==", "703473732b773072642f3978",
      "p4ss%2Bw0rd%2F9x", "cs-9f&7a=1z",      "Y3MtOWYmN2E9MXo=",     "63732d39662637613d317a",
      "cs-9f%267a%3D1z",  "1000.rt~5b2%c1",   "MTAwMC5ydH41YjIlYzE=", "313030302e72747e356232256331",
      "1000.rt~5b2%25c1"};
  std::string echo = "echo";
  for (const std::string& form : forms) echo += ' ' + form;
  start(
      {"--transcript", lab / "dialogue", "--json", lab / "r.json", "--junit", lab / "r.xml", "--html", lab / "r.html"},
      fmt::format(R"({{ "id": "a/b", "title": "t", "servers": {{
    "isp": {{ "personality": "generic", "protocol": "pop3", "mailboxes": {{ "anna": {{ "password": "p4ss+w0rd/9x" }} }},
      "faults": [ {{ "on": "PASS", "reply": "-ERR {0}" }} ] }},
    "out": {{ "personality": "generic", "protocol": "smtp", "tls": "none", "mailboxes": {{ "anna": {{ "password": "p4ss+w0rd/9x" }} }},
      "faults": [ {{ "on": "AUTH", "reply": "535 {0}" }} ] }},
    "crm": {{ "personality": "zoho-crm", "tls": "none",
      "clients": {{ "client_id": "id", "client_secret": "cs-9f&7a=1z", "refresh_token": "1000.rt~5b2%c1" }},
      "faults": [ {{ "on": "search", "reply_bytes": "HTTP/1.1 400 {0}\r\nContent-Length: 0\r\n\r\n" }} ] }} }},
    "steps": [ {{ "expect": {{ "servers.isp.sessions[0].commands": [], "servers.out.sessions[0].commands": [],
      "servers.crm.sessions[0].commands": [], "servers.crm.calls": [], "servers.crm.requests": [] }} }} ] }})",
                  echo));
  const Ran ran = run_python(R"(
import urllib.request, urllib.parse
for word in ('p4ss+w0rd/9x', 'unknown-wr0ng-one'):
    try: client = pop3('isp'); client.user('anna'); client.pass_(word)
    except poplib.error_proto as error: print(error)
    try: smtp('out').login('anna', word)
    except smtplib.SMTPAuthenticationError as error: print(error)
crm = 'http://localhost:%d' % server('crm')['port']
def call(path, headers={}):
    try: urllib.request.urlopen(urllib.request.Request(crm + path, headers=headers), timeout=20).read()
    except urllib.error.HTTPError as error: print(error)
call('/oauth/v2/token?' + urllib.parse.urlencode(dict(refresh_token='1000.rt~5b2%c1', client_id='id', client_secret='wr0ng-client-one', grant_type='refresh_token')))
call('/crm/v8/Contacts/search?email=a', {'Authorization': 'Zoho-oauthtoken unknown-t0ken-one'})
)");
  EXPECT_EQ(ran.code, 0) << to_text(ran);
  EXPECT_EQ(stop(), 1);
  std::vector<std::string> unwanted = forms;
  for (const char* word : {"unknown-wr0ng-one", "dW5rbm93bi13cjBuZy1vbmU", "wr0ng-client-one", "unknown-t0ken-one"})
    unwanted.emplace_back(word);
  for (const char* file : {"out", "dialogue", "r.json", "r.xml", "r.html"}) {
    const std::string text = contents(lab / file);
    for (const std::string& form : unwanted) EXPECT_THAT(text, Not(HasSubstr(form))) << file;
    EXPECT_THAT(text, HasSubstr("anna")) << file;
  }
  EXPECT_THAT(contents(lab / "dialogue"), HasSubstr("-ERR echo <password>"));
}

// `run` has these options, and what `serve` prints to be run again names them.
TEST_F(Serve, StrictAndTimeout) {
  const std::string story = R"({ "id": "a/b", "title": "t", "servers": { "isp": { "protocol": "pop3" } },
    "steps": [ { "expect": { "servers.isp.logins": 1 }, "level": "SHOULD" } ] })";
  start({"--timeout", "200ms"}, story);
  EXPECT_EQ(serve->wait(testing::process_patience), 0) << contents(lab / "out");
  EXPECT_THAT(contents(lab / "out"), HasSubstr("The time of --timeout (200ms) is over: serving ends."));
  EXPECT_THAT(contents(lab / "out"), HasSubstr("--seed 1 --timeout 200ms\n"));
  EXPECT_FALSE(std::filesystem::exists(ready_file()));
  start({"--strict", "--timeout", "200ms"}, story);
  EXPECT_EQ(serve->wait(testing::process_patience), 1) << contents(lab / "out");
  const std::string out = contents(lab / "out");
  const std::string again = " again: mailrig ";
  ASSERT_THAT(out, HasSubstr(again));
  const std::string replay = out.substr(out.rfind(again) + again.size());
  EXPECT_THAT(replay, HasSubstr("--strict --timeout 200ms\n"));
  // As printed, by a shell.
  const Ran ran = testing::run(
      {"/bin/sh", "-c", MAILRIG_BINARY_DIR "/mailrig " + replay.substr(0, replay.find('\n')) + " </dev/null"});
  EXPECT_EQ(ran.code, 1) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("servers.isp.logins"));

  const Ran odd = testing::run({MAILRIG_BINARY_DIR "/mailrig", "serve", "--timeout", "soon"});
  EXPECT_EQ(odd.code, 2);
  EXPECT_THAT(odd.err, HasSubstr("mailrig serve: --timeout: "));
  const Ran port = testing::run({MAILRIG_BINARY_DIR "/mailrig", "serve", lab / "story.json", "--port", "pop=1110"});
  EXPECT_EQ(port.code, 2);
  EXPECT_THAT(port.err, HasSubstr("no server is named \"pop\"; there is isp"));
}

TEST_F(Serve, PoplibRetrievesAndDeletes) {
  start();
  Ran ran = run_python(R"(
for name in ('pop3', 'pop3s'):
    client = login(pop3(name), name)
    count, octets = client.stat()
    listed = [int(line.split()[1]) for line in client.list()[1]]
    bodies = [b'\r\n'.join(client.retr(i + 1)[1]) + b'\r\n' for i in range(count)]
    print(name, count, octets == sum(listed), [len(b) for b in bodies] == listed, len(client.uidl()[1]))
    print(client.top(1, 0)[1][-1] == b'', client.noop()[:3])
    client.dele(1); client.rset(); client.dele(2); client.quit()
    client = login(pop3(name), name)
    print(client.stat()[0]); client.quit()
)");
  EXPECT_EQ(ran.out, "pop3 5 True True 5\nTrue b'+OK'\n4\npop3s 5 True True 5\nTrue b'+OK'\n4\n") << to_text(ran);
  EXPECT_EQ(stop(), 0);
  EXPECT_THAT(contents(lab / "out"), HasSubstr("C: PASS <password>"));
  EXPECT_THAT(contents(lab / "out"), Not(HasSubstr("C: PASS demo")));
}

TEST_F(Serve, PoplibIsToldOfAWrongPassword) {
  start();
  Ran ran = run_python(R"(
client = pop3('pop3s')
client.user('demo@mailrig.test')
try: client.pass_('wr0ng')
except poplib.error_proto as error: print(error.args[0][:4])
)");
  EXPECT_EQ(ran.out, "b'-ERR'\n") << to_text(ran);
  EXPECT_EQ(stop(), 0);
  EXPECT_THAT(contents(lab / "out"), Not(HasSubstr("wr0ng")));
}

TEST_F(Serve, CurlFetchesOverStlsAndImplicitTls) {
  start();
  for (const auto& [scheme, name] : {std::pair("pop3", "pop3"), std::pair("pop3s", "pop3s")}) {
    Ran list = run_curl({"--ssl-reqd", "--user", "demo@mailrig.test:demo-password", url(scheme, name, "/")});
    EXPECT_EQ(list.code, 0) << to_text(list);
    EXPECT_THAT(list.out, HasSubstr("5 "));
    Ran message = run_curl({"--ssl-reqd", "--user", "demo@mailrig.test:demo-password", url(scheme, name, "/1")});
    EXPECT_EQ(message.code, 0) << to_text(message);
    EXPECT_THAT(message.out, HasSubstr("\r\n\r\n"));
  }
}

TEST_F(Serve, CurlRefusesACertificateThatItDoesNotTrust) {
  start();
  Ran ran = testing::run({curl, "--silent", "--show-error", "--max-time", "20", "--cacert", lab / "ca.pem", "--user",
                          "demo@mailrig.test:demo-password", url("pop3s", "pop3s", "/1")});
  EXPECT_EQ(ran.code, 60) << to_text(ran);  // CURLE_PEER_FAILED_VERIFICATION
  EXPECT_EQ(stop(), 0);
  EXPECT_THAT(contents(lab / "out"), Not(HasSubstr("USER")));
}

TEST_F(Serve, TheCertificatesNameLocalhostAndBothLoopbackAddresses) {
  start({"--host", "::"});
  Ran ran = run_python(R"(
for host in ('localhost', '127.0.0.1', '::1'):
    for name in ('pop3', 'pop3s'):
        client = login(pop3(name, host), name); print(host, client.stat()[0]); client.quit()
)");
  EXPECT_EQ(ran.out, "localhost 5\nlocalhost 5\n127.0.0.1 5\n127.0.0.1 5\n::1 5\n::1 5\n") << to_text(ran);
}

TEST_F(Serve, SmtplibAndCurlSend) {
  start();
  Ran ran = run_python(R"(
for name in ('smtp', 'smtps'):
    client = smtp(name)
    user = server(name)['users'][0]
    client.login(user['user'], user['password'])
    print(client.sendmail(user['user'], ['bob@elsewhere.test'], 'Subject: from python\r\n\r\n.\r\n..dots\r\n'))
    try: client.sendmail('nobody@else.test', [], 'x')
    except smtplib.SMTPException as error: print(type(error).__name__)
    client.quit()
    client = smtp(name)
    try: client.login(user['user'], 'wr0ng')
    except smtplib.SMTPAuthenticationError as error: print(error.smtp_code)
)");
  EXPECT_EQ(ran.out, "{}\nSMTPRecipientsRefused\n535\n{}\nSMTPRecipientsRefused\n535\n") << to_text(ran);
  put(lab / "message", "Subject: from curl\r\n\r\nhello\r\n");
  for (const auto& [scheme, name] : {std::pair("smtp", "smtp"), std::pair("smtps", "smtps")}) {
    Ran sent = run_curl({"--ssl-reqd", "--user", "demo@mailrig.test:demo-password", "--mail-from", "demo@mailrig.test",
                         "--mail-rcpt", "bob@elsewhere.test", "--upload-file", lab / "message", url(scheme, name)});
    EXPECT_EQ(sent.code, 0) << to_text(sent);
  }
  EXPECT_EQ(stop(), 0);
  EXPECT_THAT(contents(lab / "out"), HasSubstr("smtps"));
}

TEST_F(Serve, CurlAsksTheCrm) {
  start();
  Ran refused = run_curl({url("https", "crm", "/crm/v8/Contacts/search?email=a@b.test")});
  EXPECT_EQ(refused.code, 0) << to_text(refused);
  EXPECT_THAT(refused.out, HasSubstr("\"status\":\"error\""));
  EXPECT_EQ(stop(), 0);
}

constexpr const char* deletes_story = R"({
  "id": "outside/deletes", "title": "The client deletes what it has retrieved",
  "servers": { "isp": { "personality": "dovecot", "tls": "starttls-required",
    "mailboxes": { "anna": { "password": "s3cret", "messages": { "generate": 3 } } } } },
  "accounts": { "home": { "pop3": "isp", "user": "anna", "password": "s3cret", "leave_on_server": false } },
  "steps": [
    { "poll": "home" },
    { "expect": { "accounts.home.stored": 3, "servers.isp.commands.DELE": 3, "servers.isp.mailboxes.anna.kept": 0 } } ] }
)";

TEST_F(Serve, SigtermJudgesWhatTheServersSaw) {
  start({"--junit", lab / "junit.xml", "--json", lab / "report.json", "--html", lab / "report.html"}, deletes_story);
  EXPECT_THAT(contents(lab / "out"), HasSubstr("accounts.home.stored"));  // skipped, by name
  EXPECT_THAT(contents(lab / "out"), HasSubstr("poll is a step of the client under test"));
  Ran ran = run_python(R"(
client = login(pop3('isp'), 'isp')
for i in range(3): client.retr(i + 1); client.dele(i + 1)
client.quit()
)");
  EXPECT_EQ(ran.code, 0) << to_text(ran);
  EXPECT_EQ(stop(SIGTERM), 0) << contents(lab / "out");
  EXPECT_EQ(Json::parse(contents(lab / "report.json"))["scenarios"][0]["verdict"], "pass");
  EXPECT_THAT(contents(lab / "junit.xml"), HasSubstr("failures=\"0\""));
  EXPECT_THAT(contents(lab / "report.html"), HasSubstr("</html>"));
}

TEST_F(Serve, AClientThatDoesNotDoItsPartTurnsItRed) {
  start({"--junit", lab / "junit.xml"}, deletes_story);
  Ran ran = run_python("client = login(pop3('isp'), 'isp'); client.retr(1); client.dele(1); client.quit()\n");
  EXPECT_EQ(ran.code, 0) << to_text(ran);
  EXPECT_EQ(stop(SIGINT), 1) << contents(lab / "out");
  EXPECT_THAT(contents(lab / "out"), HasSubstr("servers.isp.commands.DELE"));
  EXPECT_THAT(contents(lab / "junit.xml"), HasSubstr("failures=\"1\""));
}

TEST_F(Serve, AClientThatSaysItsPasswordInClearTurnsItRed) {
  start({}, deletes_story);
  Ran ran = run_python(R"(
client = poplib.POP3('localhost', server('isp')['port'], timeout=20)
try: client._shortcmd('USER anna'); client._shortcmd('PASS s3cret')
except poplib.error_proto: client._putcmd('PASS s3cret')
client.close()
)");
  EXPECT_EQ(ran.code, 0) << to_text(ran);
  wait_for("PASS <password>");
  EXPECT_EQ(stop(), 1) << contents(lab / "out");
  EXPECT_THAT(contents(lab / "out"), HasSubstr("the password of anna"));
  EXPECT_THAT(contents(lab / "out"), Not(HasSubstr("s3cret")));
}

constexpr const char* locking_story = R"({
  "id": "outside/lock", "title": "The account is locked and unlocked while a client comes and goes",
  "servers": { "gmail": { "personality": "gmail",
    "mailboxes": { "anna": { "password": "s3cret", "messages": { "generate": 5 } } } } },
  "accounts": { "work": { "pop3": "gmail", "user": "anna", "password": "s3cret" } },
  "steps": [
    { "poll": "work" },
    { "expire_password": { "mailbox": "anna" }, "after": { "command": "RETR", "nth": 2 } },
    { "lock": { "mailbox": "anna", "how": "captcha" } } ] }
)";

TEST_F(Serve, LaterStepsWaitForTheirConditionOrForAPerson) {
  start({}, locking_story);
  const char* logs_in = "client = login(pop3('gmail'), 'gmail'); print(client.stat()[0]); client.quit()\n";
  EXPECT_EQ(run_python(logs_in).out, "5\n");
  serve->say("lock anna\n");
  wait_for("done: lock of ");
  EXPECT_THAT(run_python(logs_in).err, HasSubstr("Web login required"));
  serve->say("unlock anna\n");
  wait_for("done: unlock on gmail");
  EXPECT_EQ(run_python("client = login(pop3('gmail'), 'gmail'); client.retr(1); client.retr(2); client.quit()\n").err,
            "");
  wait_for("step: expire_password gmail");
  EXPECT_THAT(run_python(logs_in).err, HasSubstr("Username and password not accepted"));
  serve->say("dance anna\n");
  wait_for("\"dance anna\" is no step that waits in this story");
  EXPECT_EQ(stop(), 0);
}

TEST_F(Serve, APortThatIsTakenIsTold) {
  start();
  const std::string port = std::to_string(server("pop3")["port"].get<int>());
  Ran ran = lab.mailrig({"serve", "--port", "pop3=" + port});
  EXPECT_EQ(ran.code, 4) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr(port));
  EXPECT_THAT(ran.err, HasSubstr("stop it, or choose another port"));
}

TEST_F(Serve, OfATableOneRowIsServed) {
  const std::string table =
      R"({ "id": "outside/table", "title": "t", "table": [ { "row": "a", "n": 1 }, { "row": "b", "n": 2 } ],
    "servers": { "isp": { "personality": "generic",
      "mailboxes": { "anna": { "password": "s3cret", "messages": { "generate": "${n}" } } } } } })";
  put(lab / "table.json", table);
  Ran ran = lab.mailrig({"serve", lab / "table.json"});
  EXPECT_EQ(ran.code, 2) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("--filter ID:\n  outside/table[a]\n  outside/table[b]\n"));
  start({"--filter", "outside/table[b]"}, table);
  EXPECT_EQ(run_python("client = login(pop3('isp'), 'isp'); print(client.stat()[0]); client.quit()\n").out, "2\n");
}

TEST_F(Serve, APortOfAServerThatThereIsNotIsTold) {
  Ran ran = lab.mailrig({"serve", "--port", "pop=1110"});
  EXPECT_EQ(ran.code, 2) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("no server is named \"pop\""));
  EXPECT_THAT(ran.err, HasSubstr("did you mean pop3?"));
}

TEST_F(Serve, WhatSmtpServersAcceptIsWritten) {
  start({"--accepted", lab / "mail"}, R"({ "id": "outside/mail", "title": "t",
    "servers": { "out": { "protocol": "smtp", "personality": "generic", "tls": "none", "auth_required": false, "relay": "any" } },
    "steps": [ { "expect": { "servers.out.accepted": { "count": 2 } } } ] })");
  EXPECT_EQ(run_python(R"(
client = smtp('out')
for text in (b'Subject: 1\r\n\r\n.dot\r\n', b'Subject: 2\r\n\r\n\xff\r\n'):
    client.sendmail('a@x.test', ['b@x.test'], text)
client.quit()
)")
                .err,
            "");
  EXPECT_EQ(stop(), 0) << contents(lab / "out");
  EXPECT_EQ(contents(lab / "mail/outside/mail/out/1.eml"), "Subject: 1\r\n\r\n.dot\r\n");
  EXPECT_EQ(contents(lab / "mail/outside/mail/out/2.eml"), "Subject: 2\r\n\r\n\xff\r\n");
  std::filesystem::remove(lab / "mail/outside/mail/out/SHA256SUMS");
  std::filesystem::remove(ready_file());
  start({"--accepted", lab / "mail"}, contents(lab / "story.json"));
  EXPECT_EQ(
      run_python(
          "client = smtp('out'); client.sendmail('a@x.test', ['b@x.test'], b'Subject: 3\\r\\n\\r\\n'); client.quit()")
          .err,
      "");
  EXPECT_EQ(stop(), 4) << "two files are there that are not known as ours";
  EXPECT_EQ(contents(lab / "mail/outside/mail/out/1.eml"), "Subject: 1\r\n\r\n.dot\r\n");
}

TEST_F(Serve, WhatOnlyASimulatedNetworkHasIsRefused) {
  put(lab / "silent.json", R"({ "id": "outside/silent", "title": "t", "servers": { "isp": { "silent": true } } })");
  const Ran ran = lab.mailrig({"serve", lab / "silent.json"});
  EXPECT_EQ(ran.code, 3) << to_text(ran);
  EXPECT_THAT(ran.err, HasSubstr("server isp: \"silent\" is of the simulated network"));
}

TEST_F(Serve, AChosenPortIsTheOne) {
  const std::uint16_t port = PeerLab::free_port();
  start({"--port", fmt::format("pop3={}", port)});
  EXPECT_EQ(server("pop3")["port"], port);
}

}  // namespace
}  // namespace mailrig::cli
