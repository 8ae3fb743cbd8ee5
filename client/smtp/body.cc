#include "client/smtp/body.h"

#include <algorithm>
#include <cstring>

namespace mailrig::client {
namespace {

constexpr std::string_view final_dot = ".\r\n";
// What one step may add at most beyond the run of plain octets: CRLF and a dot, or CRLF and the final dot.
constexpr std::size_t extra_octets_max = 2 + final_dot.size();

}  // namespace

std::string_view SmtpBody::next() {
  piece_.clear();
  if (ended_) return {};
  piece_.reserve(send_octets_max);
  while (!rest_.empty() && piece_.size() + extra_octets_max < send_octets_max) encode();
  if (rest_.empty() && piece_.size() + extra_octets_max <= send_octets_max) {
    if (!line_start_) piece_ += "\r\n";
    piece_ += final_dot;
    ended_ = true;
  }
  return piece_;
}

/// Takes one run up to and including a line end, as far as there is room.
void SmtpBody::encode() {
  if (after_cr_ && rest_.front() == '\n') {
    after_cr_ = false;
    rest_.remove_prefix(1);
    return;
  }
  after_cr_ = false;
  if (line_start_ && rest_.front() == '.') piece_ += '.';
  const std::size_t room = send_octets_max - extra_octets_max - piece_.size() + 1;
  std::string_view run = rest_.substr(0, room);
  if (const void* lf = std::memchr(run.data(), '\n', run.size()))
    run = run.substr(0, static_cast<std::size_t>(static_cast<const char*>(lf) - run.data()));
  if (const void* cr = std::memchr(run.data(), '\r', run.size()))
    run = run.substr(0, static_cast<std::size_t>(static_cast<const char*>(cr) - run.data()));
  piece_ += run;
  rest_.remove_prefix(run.size());
  line_start_ = line_start_ && run.empty();
  if (rest_.empty() || (rest_.front() != '\r' && rest_.front() != '\n')) return;
  after_cr_ = rest_.front() == '\r';
  rest_.remove_prefix(1);
  piece_ += "\r\n";
  line_start_ = true;
}

SmtpBodySurvey survey_body(std::string_view message) {
  SmtpBodySurvey survey;
  char before = '\n';  // of a message without any octet nothing has to be ended
  for (char c : message) {
    survey.eight_bit = survey.eight_bit || (static_cast<unsigned char>(c) & 0x80U) != 0;
    if (c == '\n')
      survey.octets += before == '\r' ? 0 : 2;
    else
      survey.octets += c == '\r' ? 2 : 1;
    before = c;
  }
  if (before != '\n' && before != '\r') survey.octets += 2;
  return survey;
}

}  // namespace mailrig::client
