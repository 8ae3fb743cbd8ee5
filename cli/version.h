#pragma once
/// Which mailrig this is. Example: version() == "0.1.0".

#include <string>
#include <string_view>

namespace mailrig::cli {

std::string_view version();
/// For bug reports: the version, the compiler, and the libraries in use, one a line.
std::string version_report();

}  // namespace mailrig::cli
