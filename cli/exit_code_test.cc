#include "cli/exit_code.h"

#include <gtest/gtest.h>

namespace mailrig::cli {
namespace {

TEST(ExitCode, NumbersAreAPromiseToShells) {
  EXPECT_EQ(static_cast<int>(ExitCode::done), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::failed), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::usage), 2);
  EXPECT_EQ(static_cast<int>(ExitCode::invalid_scenario), 3);
  EXPECT_EQ(static_cast<int>(ExitCode::environment), 4);
  EXPECT_EQ(static_cast<int>(ExitCode::threshold), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::internal), 70);
  EXPECT_EQ(static_cast<int>(ExitCode::interrupted), 130);  // 128 and the number of the signal, as a shell says it
  EXPECT_EQ(static_cast<int>(ExitCode::terminated), 143);
}

TEST(ExitCode, TheWorseOfTwoIsInTheOrderOfTheDesign) {
  constexpr ExitCode order[] = {ExitCode::internal, ExitCode::interrupted,      ExitCode::terminated,
                                ExitCode::usage,    ExitCode::invalid_scenario, ExitCode::environment,
                                ExitCode::failed,   ExitCode::threshold,        ExitCode::done};
  for (std::size_t high = 0; high < std::size(order); ++high)
    for (std::size_t low = high; low < std::size(order); ++low) {
      EXPECT_EQ(worse(order[high], order[low]), order[high]);
      EXPECT_EQ(worse(order[low], order[high]), order[high]);
    }
}

}  // namespace
}  // namespace mailrig::cli
