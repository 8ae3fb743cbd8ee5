#include "base/result.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

namespace mailrig {
namespace {

struct Known {
  Errc code;
  std::string_view word;
  Blame blame;
};

const std::vector<Known> all{{Errc::connection_refused, "connection-refused", Blame::network},
                             {Errc::unreachable, "unreachable", Blame::network},
                             {Errc::reset, "reset", Blame::network},
                             {Errc::end_of_stream, "end-of-stream", Blame::peer},
                             {Errc::truncated, "truncated", Blame::peer},
                             {Errc::timed_out, "timed-out", Blame::network},
                             {Errc::cancelled, "cancelled", Blame::rig},
                             {Errc::certificate_refused, "certificate-refused", Blame::peer},
                             {Errc::tls_failed, "tls-failed", Blame::peer},
                             {Errc::peer_protocol, "peer-protocol", Blame::peer},
                             {Errc::peer_refused, "peer-refused", Blame::peer},
                             {Errc::limit_exceeded, "limit-exceeded", Blame::peer},
                             {Errc::bad_input, "bad-input", Blame::user},
                             {Errc::environment, "environment", Blame::environment},
                             {Errc::internal, "internal", Blame::rig}};

TEST(Error, EveryCodeHasItsWordAndItsCulprit) {
  for (const Known& known : all) {
    EXPECT_EQ(to_string(known.code), known.word);
    EXPECT_EQ((Error{known.code, "m"}.blame()), known.blame) << known.word;
  }
  EXPECT_EQ(all.size(), static_cast<std::size_t>(Errc::internal) + 1);
}

TEST(Error, CulpritsHaveNames) {
  EXPECT_EQ(to_string(Blame::peer), "peer");
  EXPECT_EQ(to_string(Blame::network), "network");
  EXPECT_EQ(to_string(Blame::user), "user");
  EXPECT_EQ(to_string(Blame::environment), "environment");
  EXPECT_EQ(to_string(Blame::rig), "mailrig");
}

TEST(Error, IsToldWithItsStep) {
  EXPECT_EQ(to_string(Error{Errc::reset, "the connection was reset", Step::retrieve}),
            "retrieve: the connection was reset");
  EXPECT_EQ(to_string(Error{Errc::reset, "the connection was reset"}), "the connection was reset");
}

TEST(Error, TheStepNearestToTheCauseStays) {
  EXPECT_EQ((Error{Errc::reset, "m"}.at(Step::login).step), Step::login);
  EXPECT_EQ((Error{Errc::reset, "m", Step::tls}.at(Step::login).step), Step::tls);
}

TEST(Result, UsedUnaskedItNamesTheError) {
  Result<int> result = Error{Errc::timed_out, "nothing arrived in time", Step::greeting};
  try {
    static_cast<void>(result.value());
    FAIL() << "an error gave a value";
  } catch (const std::logic_error& failure) {
    std::string what = failure.what();
    EXPECT_NE(what.find("result_test.cc"), std::string::npos) << what;
    EXPECT_NE(what.find("greeting: nothing arrived in time"), std::string::npos) << what;
  }
}

TEST(Step, NamesAreThoseOfTheReports) {
  const std::vector<std::string_view> names{"none",  "connect", "tls",       "greeting",  "capabilities",
                                            "login", "list",    "retrieve",  "store",     "delete",
                                            "quit",  "hello",   "mail from", "rcpt to",   "data",
                                            "token", "search",  "insert",    "associate", "request"};
  ASSERT_EQ(names.size(), step_count);
  for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(to_string(static_cast<Step>(i)), names[i]);
  EXPECT_EQ(to_string(Step::remove), "delete");
  EXPECT_EQ(to_string(Step::recipient), "rcpt to");
}

}  // namespace
}  // namespace mailrig
