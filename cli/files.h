#pragma once
/// Files that a user names on the command line.
///
///   Result<std::string> message = read_file("mail.eml", message_octets_max);
///   Result<std::string> password = read_password("secret.txt");      // without the line end that an editor adds

#include <string>

#include "base/result.h"

namespace mailrig::cli {

/// The whole file. Errors: environment (it cannot be read), limit_exceeded; the message names the file and what to do.
///
/// A FIFO, device, socket or folder is refused at once, never waited for: by such a name somebody else would decide
/// when mailrig goes on. A descriptor that the caller passed open is another matter: /dev/stdin and /dev/fd/N, which a
/// shell writes for `<(command)`, are read to their end whatever they are, but for a folder.
Result<std::string> read_file(const std::string& path, std::size_t octets_max);

/// Keeps a FIFO open that is written to later: its reader would take the end of a first opening for the end of all.
class OutputHold {
 public:
  OutputHold() = default;
  explicit OutputHold(int descriptor) : descriptor_(descriptor) {}
  ~OutputHold();
  OutputHold(OutputHold&& other) noexcept;
  OutputHold& operator=(OutputHold&& other) noexcept;

 private:
  int descriptor_ = -1;
};

/// Before a file is opened for writing by `path`: opening a FIFO that no program reads would wait for ever. Error
/// environment: such a FIFO, or a socket. All else passes; that it cannot be written, its opening tells.
Result<OutputHold> hold_output(const std::string& path);

// The longest passwords in use are tokens of a few kilobytes; more is the wrong file.
inline constexpr std::size_t password_octets_max = 64 * 1024;
/// One LF or CRLF at the end is dropped. Error bad_input: the file is empty, or holds more than one line or a NUL. No
/// message ever holds a part of it.
Result<std::string> read_password(const std::string& path);

}  // namespace mailrig::cli
