// A server that repeats what it was given, anywhere and in any form: nothing that a user sees holds the password.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/smtp/session.h"

namespace mailrig::client {
namespace {

/// By base64(1), xxd(1) and Python: not by the code under test.
const std::vector<std::string> forms = {
    "s3cret/horse",         "S3CRET/HORSE",
    "s3cret%2Fhorse",       "AGFubmEAczNjcmV0L2hvcnNl",  // what AUTH PLAIN sent
    "czNjcmV0L2hvcnNl",                                  // what AUTH LOGIN sends
    "eHMzY3JldC9ob3JzZQ==", "7333637265742f686f727365",
};

std::string all_that_is_told(std::size_t place, const std::string& said, std::string& asked,
                             std::string_view mechanisms) {
  std::vector<std::string> answers = {"220 ready\r\n", "250-host\r\n250 AUTH " + std::string(mechanisms) + "\r\n"};
  if (mechanisms == "LOGIN") {
    answers.emplace_back("334 VXNlcm5hbWU6\r\n");
    answers.emplace_back("334 UGFzc3dvcmQ6\r\n");
  }
  for (const char* answer :
       {"235 in\r\n", "250 sender\r\n", "250 recipient\r\n", "354 go on\r\n", "250 taken\r\n", "221 bye\r\n"})
    answers.emplace_back(answer);
  if (place < answers.size()) answers[place] = said;
  std::string told;
  const std::string message = "Subject: x\r\n\r\nhi\r\n";
  const std::vector<std::string> recipients = {"bob@test"};
  SmtpSession session({.tls = TlsMode::none, .user = "anna", .password = "s3cret/horse"},
                      {{.from = "anna@test", .recipients = recipients, .content = message}},
                      [&told](TranscriptEntry::Who /*who*/, const std::string& line) { told += line + "\n"; });
  std::size_t next = 0;
  for (int steps = 0; steps < 200; ++steps) {
    const Action action = session.next();
    if (const Send* send = std::get_if<Send>(&action)) {
      asked += send->bytes;
    } else if (std::get_if<Receive>(&action) != nullptr) {
      if (next < answers.size())
        session.on_bytes(answers[next++]);
      else
        session.on_error({Errc::end_of_stream, "the server closed the connection"});
    } else if (const Done* done = std::get_if<Done>(&action)) {
      if (!done->status) told += to_string(done->status.error()) + done->status.error().reason + "\n";
      break;
    }
  }
  for (const SmtpResult& result : session.results()) {
    told += result.judgement.message + "\n";
    for (const SmtpRecipient& recipient : result.recipients) told += recipient.judgement.message + "\n";
  }
  if (session.refusal()) told += session.refusal()->message;
  return told;
}

TEST(SmtpSessionSecrets, NoAnswerCanShowThePassword) {
  for (std::string_view mechanisms : {"PLAIN", "LOGIN"}) {
    std::string asked;
    all_that_is_told(99, "", asked, mechanisms);
    EXPECT_NE(asked.find(mechanisms == "PLAIN" ? "AUTH PLAIN AGFubmEAczNjcmV0L2hvcnNl\r\n" : "czNjcmV0L2hvcnNl\r\n"),
              std::string::npos)
        << asked;
    EXPECT_TRUE(asked.ends_with("QUIT\r\n")) << asked;
    for (std::size_t place = 0; place < 10; ++place)
      for (const std::string& form : forms)
        for (const std::string& said :
             {"250 you said " + form + "\r\n", "334 " + form + "\r\n", "535-5.7.8 not\r\n535 5.7.8 " + form + "\r\n",
              "451 4.3.0 " + form + " again\r\n", "421 " + form + "\r\n", form + " is no reply\r\n",
              "550 " + std::string(390, 'x') + form + "\r\n"}) {
          std::string ignored;
          const std::string told = all_that_is_told(place, said, ignored, mechanisms);
          for (const std::string& secret : forms)
            EXPECT_EQ(told.find(secret), std::string::npos) << "answer " << place << ": " << said << told;
          EXPECT_EQ(told.find(form.substr(0, 8)), std::string::npos) << "answer " << place << ": " << said << told;
        }
  }
}

}  // namespace
}  // namespace mailrig::client
