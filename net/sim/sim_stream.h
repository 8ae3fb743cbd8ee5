#pragma once
/// The two ends of a simulated connection.

#include <deque>
#include <memory>
#include <string>

#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/stream.h"
#include "net/task.h"

namespace mailrig::sim {

/// One direction: what was written, in segments that arrive in order.
class SimPipe final : private Event {
 public:
  // A writer that is this far ahead of its reader waits, as TCP's window makes it wait: memory stays bounded.
  static constexpr std::size_t window_octets = 256 * 1024;

  SimPipe(SimLoop& loop, SimLink link, const std::string& reader)
      : loop_(loop),
        link_(link),
        reader_waits_(reader + " waits for bytes"),
        reader_stalls_(reader + " takes nothing more") {}

  Task<Status> write(std::string_view bytes, std::size_t charged, bool may_split, Moment deadline);
  Task<Result<std::string_view>> read_some(Moment deadline);
  void close(bool reset);
  /// The reader is gone: what it has not read is thrown away, and its writer is told.
  void stop_reading();
  /// The same, and the call of this side that waits here fails as `cancelled`, as later ones do.
  void abort_writing();
  void abort_reading();
  std::size_t split_at() const { return link_.split_at; }

 private:
  enum class End : std::uint8_t { none, fin, rst };
  struct Segment {
    Moment arrival;
    std::string bytes;
    End end = End::none;
  };
  /// Who is parked on this pipe, with the alarm that ends the wait.
  class Parked final : public Event {
   public:
    explicit Parked(Parked*& slot) : slot_(slot) { slot_ = this; }
    ~Parked() override { slot_ = nullptr; }  // also when the coroutine is abandoned

    std::unique_ptr<Resumption> resumption;
    bool timed_out = false;

   private:
    void fire() override {
      timed_out = true;
      std::unique_ptr<Resumption> woken = std::move(resumption);
      woken->resume();
    }
    Parked*& slot_;
  };

  void fire() override;
  void push(Segment segment, std::size_t charged);
  Task<bool> park(Parked*& slot, Moment deadline, std::string_view what);  // false: timed out
  static void wake(Parked*& slot);
  SimLoop& loop_;
  SimLink link_;
  std::string reader_waits_;  // for the finding of a hang
  std::string reader_stalls_;
  Moment line_free_{};
  std::deque<Segment> in_flight_;
  std::deque<std::string> arrived_;
  std::string current_;  // what the last read_some handed out
  std::size_t unread_ = 0;
  End end_ = End::none;  // has arrived
  bool closed_ = false;  // the writer has said its last
  bool reader_gone_ = false;
  bool writing_aborted_ = false;
  bool reading_aborted_ = false;
  Parked* waiting_reader_ = nullptr;
  Parked* waiting_writer_ = nullptr;
};

/// Both pipes, shared by both ends.
struct SimConnection {
  SimConnection(SimLoop& loop, SimLink link, const std::string& server)
      : to_server(loop, link, "the server " + server), to_client(loop, link, "the client of " + server) {}

  SimPipe to_server;
  SimPipe to_client;
};

class SimStream final : public Stream {
 public:
  SimStream(std::shared_ptr<SimConnection> connection, bool server, std::string peer)
      : connection_(std::move(connection)),
        in_(server ? connection_->to_server : connection_->to_client),
        out_(server ? connection_->to_client : connection_->to_server),
        peer_(std::move(peer)) {}
  ~SimStream() override;

  Task<Result<std::string_view>> read_some(Moment deadline) override { return in_.read_some(deadline); }
  Task<Status> write(std::string_view bytes, Moment deadline) override {
    return out_.write(bytes, bytes.size(), true, deadline);
  }
  Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline) override {
    return out_.write(bytes, charged, false, deadline);
  }
  std::size_t split_octets() const override { return out_.split_at() == 0 ? Stream::split_octets() : out_.split_at(); }
  Task<Status> close(Ending ending, Moment deadline) override;
  void abort() override;
  std::string peer() const override { return peer_; }

 private:
  std::shared_ptr<SimConnection> connection_;
  SimPipe& in_;
  SimPipe& out_;
  std::string peer_;
};

}  // namespace mailrig::sim
