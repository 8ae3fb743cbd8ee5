#pragma once
/// Where `mailrig mail` puts what it makes: standard output, or a file that is there only once it is whole.
///
///   MailOutput output(program, options.to);
///   Status written = output.write(octets);  ...  output.finish();

#include <fstream>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/files.h"
#include "cli/program.h"

namespace mailrig::cli {

class MailOutput {
 public:
  /// An empty path is standard output.
  MailOutput(Program& program, std::string path);
  ~MailOutput();
  MailOutput(const MailOutput&) = delete;
  MailOutput& operator=(const MailOutput&) = delete;

  /// Errors: environment.
  Status write(std::string_view octets);
  Status finish();

 private:
  Program& program_;
  std::string path_;
  std::string unfinished_;  // until it is whole
  Status opening_;          // a FIFO that no program reads is not waited for
  OutputHold hold_;
  std::ofstream file_;
};

}  // namespace mailrig::cli
