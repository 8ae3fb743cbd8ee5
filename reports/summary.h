#pragma once
/// How often each verdict was given, and the words for it.
///
///   VerdictCounts counts = count_verdicts(run);
///   counts[Verdict::pass] == 70;
///   in_words(counts) == "70 passed, 2 failed, 1 skipped";

#include <array>
#include <string>

#include "base/outcome.h"

namespace mailrig::reports {

inline constexpr std::array<Verdict, verdict_count> all_verdicts{
    Verdict::pass, Verdict::fail, Verdict::error, Verdict::hang, Verdict::skipped, Verdict::non_strict, Verdict::known};

struct VerdictCounts {
  std::array<std::size_t, verdict_count> by_verdict{};

  std::size_t& operator[](Verdict verdict) { return by_verdict[static_cast<std::size_t>(verdict)]; }
  std::size_t operator[](Verdict verdict) const { return by_verdict[static_cast<std::size_t>(verdict)]; }
  std::size_t total() const;
};

VerdictCounts count_verdicts(const RunOutcome& run);

/// Those that occurred, passes first; "nothing ran" where there is none.
std::string in_words(const VerdictCounts& counts);

/// True where anything calls for attention: a scenario that makes the run fail, a threshold that broke, a file that is
/// invalid, a run that was ended before it was complete.
bool has_failed(const RunOutcome& run);

/// "gmail/queue-full (sim)", "gmail/queue-full (sim, repeat 2)" for the second and later rounds of --repeat.
std::string label(const Outcome& outcome);

/// Why it did not pass, in one sentence: the reason, or the first finding, or what the verdict means. Empty for a pass.
std::string headline(const Outcome& outcome);

/// What a verdict and a closing verdict mean, for legends and messages.
std::string_view meaning(Verdict verdict);
std::string_view meaning(Closing closing);

}  // namespace mailrig::reports
