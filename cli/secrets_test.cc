// Servers that repeat what the client has told them in confidence: no output of the program has it, in any form. The
// forms are written down here, made by Python's base64 and urllib.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/program.h"

namespace mailrig::cli {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

/// As it is; base64 alone and after one and two octets; hexadecimal; percent-encoded, as little as needed and all.
using Forms = std::vector<std::string>;
const Forms password_forms = {"p4ss+w0rd/9x",
                              "cDRzcyt3MHJkLzl4",
                              "eHA0c3MrdzByZC85eA==",
                              "eHlwNHNzK3cwcmQvOXg=",
                              "AGFubmEAcDRzcyt3MHJkLzl4",
                              "703473732b773072642f3978",
                              "703473732B773072642F3978",
                              "p4ss%2Bw0rd%2F9x",
                              "%70%34%73%73%2B%77%30%72%64%2F%39%78"};
const Forms token_forms = {"1000.rt~5b2%c1",
                           "MTAwMC5ydH41YjIlYzE=",
                           "eDEwMDAucnR+NWIyJWMx",
                           "eHkxMDAwLnJ0fjViMiVjMQ==",
                           "313030302e72747e356232256331",
                           "313030302E72747E356232256331",
                           "1000.rt~5b2%25c1",
                           "%31%30%30%30%2E%72%74%7E%35%62%32%25%63%31"};
const Forms client_forms = {"cs-9f&7a=1z",
                            "Y3MtOWYmN2E9MXo=",
                            "eGNzLTlmJjdhPTF6",
                            "eHljcy05ZiY3YT0xeg==",
                            "63732d39662637613d317a",
                            "63732D39662637613D317A",
                            "cs-9f%267a%3D1z",
                            "%63%73%2D%39%66%26%37%61%3D%31%7A"};

struct Scratch {
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "mailrig-secrets-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) ADD_FAILURE() << "no scratch folder";
    path = name;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path + "/" + name; }
  std::string path;
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

std::string in_lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// The forms in one line, each between words that have to come through.
std::string echo_of(const Forms& forms) {
  std::string line = "echo";
  for (const std::string& form : forms) line += ' ' + form + " end";
  return line;
}

/// Everything that `run` writes about this story, by name.
std::vector<std::pair<std::string, std::string>> outputs_of(const std::string& story) {
  const Scratch scratch;
  std::ofstream(scratch / "story.json", std::ios::binary) << story;
  std::ostringstream out, err;
  const std::string json = scratch / "r.json", junit = scratch / "r.xml", html = scratch / "r.html";
  const std::string file = scratch / "story.json";
  const char* words[] = {"mailrig", "run",         file.c_str(), "--verbose",  "--json",    json.c_str(),
                         "--junit", junit.c_str(), "--html",     html.c_str(), "--no-color"};
  Program program{.out = out, .err = err};
  EXPECT_EQ(run_program(static_cast<int>(std::size(words)), words, program), ExitCode::failed)
      << out.str() << err.str();
  return {{"stdout", out.str()},
          {"stderr", err.str()},
          {"json", contents(json)},
          {"junit", contents(junit)},
          {"html", contents(html)}};
}

void expect_masked(const std::vector<std::pair<std::string, std::string>>& outputs, const Forms& forms,
                   bool is_shown = true) {
  for (const auto& [name, text] : outputs) {
    for (const std::string& form : forms) {
      const std::size_t at = in_lower_case(text).find(in_lower_case(form));
      EXPECT_EQ(at, std::string_view::npos)
          << name << " has " << form << " in "
          << text.substr(at == std::string_view::npos ? 0 : at - std::min<std::size_t>(at, 60), 160);
    }
    if (name == "stderr" || !is_shown) continue;
    EXPECT_THAT(text, AnyOf(HasSubstr("echo <"), HasSubstr("echo &lt;"))) << "what was repeated is not in " << name;
  }
}

TEST(Secrets, OfPop3AreInNoOutput) {
  for (const std::string& form : password_forms) {
    const std::string echo = echo_of({form});
    expect_masked(outputs_of(fmt::format(R"({{ "id": "t/pop3", "title": "t",
      "servers": {{ "isp": {{ "personality": "generic", "mailboxes": {{ "anna": {{ "password": "p4ss+w0rd/9x" }} }},
        "faults": [ {{ "on": "PASS", "reply": "-ERR {}" }} ] }} }},
      "accounts": {{ "home": {{ "pop3": "isp", "user": "anna", "password": "p4ss+w0rd/9x" }} }},
      "steps": [ {{ "poll": "home" }}, {{ "expect": {{ "accounts.home.last_error": "" }} }} ] }})",
                                         echo)),
                  password_forms);
  }
}

TEST(Secrets, OfSmtpAreInNoOutput) {
  for (const std::string& form : password_forms) {
    expect_masked(outputs_of(fmt::format(R"({{ "id": "t/smtp", "title": "t",
      "servers": {{ "out": {{ "personality": "generic", "protocol": "smtp", "tls": "none",
        "mailboxes": {{ "anna": {{ "password": "p4ss+w0rd/9x" }} }}, "faults": [ {{ "on": "AUTH", "reply": "535 {}" }} ] }} }},
      "accounts": {{ "home": {{ "smtp": "out", "user": "anna", "password": "p4ss+w0rd/9x", "address": "a@x.test" }} }},
      "steps": [ {{ "send": {{ "account": "home", "to": "b@x.test", "subject": "s", "text": "t" }} }},
        {{ "expect": {{ "accounts.home.sent[0].message": "" }} }} ] }})",
                                         echo_of({form}))),
                  password_forms);
  }
}

std::string crm_story(std::string_view call, std::string_view echo) {
  return fmt::format(R"({{ "id": "t/crm", "title": "t",
    "servers": {{ "isp": {{ "personality": "generic", "mailboxes": {{ "anna": {{ "password": "pw-of-anna",
          "messages": "From: b@c.test\r\nTo: anna\r\nMessage-ID: <1@c.test>\r\nSubject: s\r\n\r\nt\r\n" }} }} }},
      "crm": {{ "personality": "zoho-crm", "records": {{ "Contacts": [ {{ "Last_Name": "B", "Email": "b@c.test" }} ] }},
        "faults": [ {{ "on": "{}", "reply": {{ "status": 400, "body": {{ "code": "ODD", "error": "{}", "message": "{}" }} }} }} ] }} }},
    "accounts": {{ "home": {{ "pop3": "isp", "crm": "crm", "user": "anna", "password": "pw-of-anna",
      "refresh_token": "1000.rt~5b2%c1", "client_secret": "cs-9f&7a=1z" }} }},
    "steps": [ {{ "poll": "home" }}, {{ "expect": {{ "accounts.home.crm.message": "" }} }} ] }})",
                     call, echo, echo);
}

TEST(Secrets, OfTheCrmAreInNoOutput) {
  for (const Forms& forms : {token_forms, client_forms})
    for (const std::string& form : forms)
      for (const char* call : {"token", "search", "associate"}) {
        SCOPED_TRACE(fmt::format("{} in the answer to {}", form, call));
        // Of what a token server says only the length is told.
        expect_masked(outputs_of(crm_story(call, echo_of({form}))), forms, std::string_view(call) != "token");
      }
}

}  // namespace
}  // namespace mailrig::cli
