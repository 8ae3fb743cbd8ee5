#include "scenarios/language/new_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "fakeservers/core/protocol.h"

namespace mailrig::scenarios {
namespace {

constexpr std::string_view pop3_text = R"({{
  // For editors: where scenario.schema.json is, seen from this file. The path fits a folder of scenarios/suite.
  "$schema": "../../scenario.schema.json",
  "id": "my/{personality}-first-retrieval",
  "title": "Three messages on a {personality} server are retrieved once and stay there",

  // The server: a personality and what differs from it. Its mailbox holds two generated messages and one of our own.
  "servers": {{
    "isp": {{
      "personality": "{personality}",
      "mailboxes": {{
        "anna@zillum.test": {{
          "password": "s3cret",
          "messages": [
            {{ "generate": 2, "size": "2KiB..4KiB" }},
            "From: Bert <bert@customer.test>\r\nTo: anna@zillum.test\r\nSubject: hello\r\nMessage-ID: <1@customer.test>\r\nDate: Mon, 2 Jun 2014 08:00:00 +0000\r\n\r\nHello Anna\r\n"
          ]
        }}
      }}
    }}
  }},

  // What the user has configured in the client.
  "accounts": {{
    "work": {{ "pop3": "isp", "user": "anna@zillum.test", "password": "s3cret", "every": "15m" }}
  }},

  "steps": [
    {{ "poll": "work" }},
    {{ "expect": {{
        "accounts.work.state": "ok",
        "accounts.work.stored": 3,
        "accounts.work.messages[-1].subject": "hello",
        "servers.isp.mailboxes['anna@zillum.test'].kept": 3 }} }},
    {{ "advance": "1h", "note": "four more polls" }},
    {{ "expect": {{ "accounts.work.stored": 3, "servers.isp.commands.RETR": 3, "servers.isp.commands.DELE": 0 }} }}
  ]
}}
)";

constexpr std::string_view smtp_text = R"({{
  // For editors: where scenario.schema.json is, seen from this file. The path fits a folder of scenarios/suite.
  "$schema": "../../scenario.schema.json",
  "id": "my/{personality}-first-message",
  "title": "A message goes out through a {personality} server",

  // The server: a personality and what differs from it. Who may send is one of its mailboxes.
  "servers": {{
    "out": {{
      "personality": "{personality}",
      "protocol": "smtp",
      "mailboxes": {{ "anna@zillum.test": {{ "password": "s3cret" }} }}
    }}
  }},

  // What the user has configured in the client.
  "accounts": {{
    "work": {{ "smtp": "out", "user": "anna@zillum.test", "password": "s3cret" }}
  }},

  "steps": [
    {{ "send": {{ "account": "work", "to": "bert@customer.test", "subject": "hello", "text": "Hello Bert\r\n" }} }},
    {{ "expect": {{
        "accounts.work.sent[0].state": "sent",
        "servers.out.accepted": {{ "count": 1 }},
        "servers.out.accepted[0].recipients": ["bert@customer.test"],
        "servers.out.accepted[0].body": {{ "contains": "Hello Bert" }} }} }}
  ]
}}
)";

constexpr std::string_view crm_text = R"({{
  // For editors: where scenario.schema.json is, seen from this file. The path fits a folder of scenarios/suite.
  "$schema": "../../scenario.schema.json",
  "id": "my/{personality}-first-association",
  "title": "A message of a known contact is put on its record in {personality}, once",

  // A mailbox with one message, and a CRM that knows its sender.
  "servers": {{
    "isp": {{
      "personality": "generic",
      "mailboxes": {{
        "anna@zillum.test": {{
          "password": "s3cret",
          "messages": "From: Bert <bert@customer.test>\r\nTo: anna@zillum.test\r\nSubject: hello\r\nMessage-ID: <1@customer.test>\r\nDate: Mon, 2 Jun 2014 08:00:00 +0000\r\n\r\nHello Anna\r\n"
        }}
      }}
    }},
    "crm": {{
      "personality": "{personality}",
      "records": {{ "Contacts": [ {{ "Last_Name": "Bolt", "Email": "bert@customer.test" }} ] }}
    }}
  }},

  // What the user has configured in the client.
  "accounts": {{
    "work": {{ "pop3": "isp", "crm": "crm", "user": "anna@zillum.test", "password": "s3cret", "every": "15m" }}
  }},

  "steps": [
    {{ "advance": "1h" }},
    {{ "expect": {{
        "accounts.work.stored": 1,
        "accounts.work.crm.associated": 1,
        "servers.crm.emails": {{ "count": 1 }},
        "servers.crm.emails[0].subject": "hello" }} }}
  ]
}}
)";

/// The scenario that shows a protocol off.
std::string_view text_for(std::string_view protocol) {
  return protocol == "pop3" ? pop3_text : protocol == "smtp" ? smtp_text : crm_text;
}

}  // namespace

Result<std::string> new_scenario(std::string_view personality, Protocol protocol) {
  std::vector<std::string_view> names;
  for (Protocol one : fakeservers::built_in_protocols()) {
    if (protocol != nullptr && protocol != one) continue;
    for (const std::string& name : one->personalities()) {
      if (name == personality)
        return fmt::format(fmt::runtime(text_for(one->name)), fmt::arg("personality", personality));
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  std::string_view meant = nearest(personality, names);
  std::string of = protocol != nullptr ? fmt::format(" {}", protocol->name) : "";
  return Error{Errc::bad_input, fmt::format("there is no{} personality \"{}\"; {}", of, printable(personality),
                                            meant.empty() ? "there are " + join_words(names)
                                                          : fmt::format("did you mean \"{}\"?", meant))};
}

}  // namespace mailrig::scenarios
