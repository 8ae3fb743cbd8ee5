#include "cli/demo_story.h"

#include "embedded/demo_files.h"

namespace mailrig::cli {

Selection demo_story() { return select_from_text("(the built-in demo)", embedded::demo_files::demo_story_json); }

}  // namespace mailrig::cli
