#include "fakeservers/core/faulty_reply.h"

#include <algorithm>

namespace mailrig::fakeservers {
namespace {

const FaultRule no_fault{};

}  // namespace

void FaultyReply::begin(const FaultRule* rule, std::string head, std::unique_ptr<ReplySource> body, Step step) {
  rule_ = rule == nullptr ? &no_fault : rule;
  buffer_ = std::move(head);
  offset_ = 0;
  buffer_at_ = 0;
  body_ = std::move(body);
  step_ = step;
  active_ = true;
  delayed_ = false;
  pause_due_ = false;
  after_ = FaultyReply::After::go_on;
  if (rule_->garble && rule_->garble->at < buffer_.size())
    buffer_[rule_->garble->at] = static_cast<char>(buffer_[rule_->garble->at] ^ rule_->garble->flip);
}

std::optional<Action> FaultyReply::next() {
  if (!active_) return std::nullopt;
  if (!delayed_) {
    delayed_ = true;
    if (rule_->delay > Duration::zero()) return Wait{step_, rule_->delay};
  }
  if (rule_->hang && !rule_->cut_after) return finish();
  std::uint64_t position = buffer_at_ + offset_;
  if (rule_->cut_after && position >= *rule_->cut_after) return finish();
  if (offset_ == buffer_.size() && !refill()) return finish();
  if (pause_due_) {
    pause_due_ = false;
    if (rule_->drip->every > Duration::zero()) return Wait{step_, rule_->drip->every};
  }
  std::size_t length = std::min(buffer_.size() - offset_, send_octets_max);
  if (rule_->split_every > 0) length = std::min(length, rule_->split_every);
  if (rule_->drip) length = std::min(length, rule_->drip->octets);
  if (rule_->cut_after)
    length = static_cast<std::size_t>(std::min<std::uint64_t>(length, *rule_->cut_after - position));
  std::string_view piece = std::string_view(buffer_).substr(offset_, length);
  offset_ += length;
  pause_due_ = rule_->drip.has_value();
  return Send{step_, piece};
}

bool FaultyReply::refill() {
  buffer_at_ += buffer_.size();
  buffer_.clear();
  offset_ = 0;
  if (body_ == nullptr || !body_->append(buffer_, send_octets_max)) return false;
  if (rule_->garble && rule_->garble->at >= buffer_at_ && rule_->garble->at - buffer_at_ < buffer_.size()) {
    char& octet = buffer_[rule_->garble->at - buffer_at_];
    octet = static_cast<char>(octet ^ rule_->garble->flip);
  }
  return true;
}

std::optional<Action> FaultyReply::finish() {
  active_ = false;
  body_.reset();
  if (rule_->hang) {
    after_ = After::hang;
  } else if (rule_->cut_after || rule_->ending) {
    after_ = After::close;
    ending_ = rule_->ending.value_or(Ending::reset);
  }
  return std::nullopt;
}

}  // namespace mailrig::fakeservers
