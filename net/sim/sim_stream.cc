#include "net/sim/sim_stream.h"

#include <algorithm>

#include "net/suspend.h"

namespace mailrig::sim {

Task<bool> SimPipe::park(Parked*& slot, Moment deadline, std::string_view what) {
  Parked parked(slot);
  const Waiting waiting(loop_, what, parked.resumption);
  co_await suspend_with([&](std::unique_ptr<Resumption> resumption) {
    parked.resumption = std::move(resumption);
    if (deadline != never) loop_.events().schedule(parked, deadline);
  });
  co_return !parked.timed_out;
}

void SimPipe::wake(Parked*& slot) {
  if (slot == nullptr || !slot->resumption) return;
  std::unique_ptr<Resumption> resumption = std::move(slot->resumption);
  resumption->resume();
}

void SimPipe::fire() {
  Segment& segment = in_flight_.front();
  if (!reader_gone_ && !segment.bytes.empty()) arrived_.push_back(std::move(segment.bytes));
  if (segment.end != End::none) end_ = segment.end;
  in_flight_.pop_front();
  if (!in_flight_.empty()) loop_.events().schedule(*this, in_flight_.front().arrival);
  wake(waiting_reader_);
}

void SimPipe::push(Segment segment, std::size_t charged) {
  Moment departure = std::max(loop_.now(), line_free_);
  if (link_.bytes_per_second > 0)
    departure += Duration{static_cast<Duration::rep>(charged * 1'000'000'000ULL / link_.bytes_per_second)};
  line_free_ = departure;
  segment.arrival = departure + link_.latency;
  unread_ += segment.bytes.size();
  in_flight_.push_back(std::move(segment));
  if (in_flight_.size() == 1) loop_.events().schedule(*this, in_flight_.front().arrival);
}

Task<Status> SimPipe::write(std::string_view bytes, std::size_t charged, bool may_split, Moment deadline) {
  while (!bytes.empty()) {
    if (writing_aborted_) co_return Error{Errc::cancelled, "the connection is being taken down"};
    if (closed_) co_return Error{Errc::cancelled, "written after the connection was closed on this side"};
    if (reader_gone_) co_return Error{Errc::reset, "the connection was reset by the peer"};
    if (unread_ >= window_octets) {
      bool room = co_await park(waiting_writer_, deadline, reader_stalls_);
      if (!room) co_return Error{Errc::timed_out, "the peer took nothing more in time"};
      continue;
    }
    std::size_t length = std::min(bytes.size(), window_octets);
    if (!may_split)
      length = bytes.size();
    else if (link_.split_at > 0)
      length = std::min(length, link_.split_at);
    push({{}, std::string(bytes.substr(0, length))}, may_split ? length : charged);
    bytes.remove_prefix(length);
  }
  co_return Status{};
}

Task<Result<std::string_view>> SimPipe::read_some(Moment deadline) {
  for (;;) {
    if (reading_aborted_) co_return Error{Errc::cancelled, "the connection is being taken down"};
    if (reader_gone_) co_return Error{Errc::cancelled, "read after the connection was reset on this side"};
    if (!arrived_.empty()) {
      current_ = std::move(arrived_.front());
      arrived_.pop_front();
      unread_ -= current_.size();
      if (unread_ < window_octets) wake(waiting_writer_);
      co_return std::string_view(current_);
    }
    if (end_ == End::fin) co_return Error{Errc::end_of_stream, "the peer closed the connection"};
    if (end_ == End::rst) co_return Error{Errc::reset, "the connection was reset by the peer"};
    if (deadline <= loop_.now()) co_return Error{Errc::timed_out, "nothing arrived in time"};
    co_await park(waiting_reader_, deadline, reader_waits_);
  }
}

void SimPipe::close(bool reset) {
  if (std::exchange(closed_, true)) return;
  push({{}, {}, reset ? End::rst : End::fin}, 0);
}

void SimPipe::stop_reading() {
  reader_gone_ = true;
  arrived_.clear();
  wake(waiting_writer_);
}

void SimPipe::abort_writing() {
  writing_aborted_ = true;
  close(true);
  wake(waiting_writer_);
}

void SimPipe::abort_reading() {
  reading_aborted_ = true;
  stop_reading();
  wake(waiting_reader_);
}

SimStream::~SimStream() {
  out_.close(true);
  in_.stop_reading();
}

Task<Status> SimStream::close(Ending ending, Moment /*deadline*/) {
  out_.close(ending == Ending::reset);
  if (ending == Ending::reset) in_.stop_reading();
  co_return Status{};
}

void SimStream::abort() {
  std::shared_ptr<SimConnection> kept = connection_;  // whoever is woken may let go of this stream
  SimPipe& in = in_;
  out_.abort_writing();
  in.abort_reading();
}

}  // namespace mailrig::sim
