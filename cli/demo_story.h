#pragma once
/// What `mailrig serve` serves without a scenario: a benign POP3, SMTP and CRM server with a demo user and a few
/// messages.

#include "cli/run/scenario_files.h"

namespace mailrig::cli {

Selection demo_story();

}  // namespace mailrig::cli
