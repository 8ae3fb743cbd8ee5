#include "cli/version.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sqlite3.h>

#include <CLI/Version.hpp>
#include <boost/version.hpp>
#include <nlohmann/detail/abi_macros.hpp>

namespace mailrig::cli {

std::string_view version() { return MAILRIG_VERSION; }

std::string version_report() {
#ifdef __clang__
  constexpr std::string_view compiler = "clang " __clang_version__;
#else
  constexpr std::string_view compiler = "g++ " __VERSION__;
#endif
  return fmt::format(
      "mailrig {}\n"
      "compiler {}\n"
      "OpenSSL {}, SQLite {}, Boost {}.{}.{}, fmt {}.{}.{}, nlohmann_json {}.{}.{}, CLI11 {}\n",
      version(), compiler, OpenSSL_version(OPENSSL_VERSION_STRING), sqlite3_libversion(), BOOST_VERSION / 100000,
      BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
      NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH, CLI11_VERSION);
}

}  // namespace mailrig::cli
