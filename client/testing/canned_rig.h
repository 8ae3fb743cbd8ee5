#pragma once
/// The simulation with servers that read from a sheet: for tests of what the client does over several connections.
///
///   CannedRig rig;
///   rig.serve("smtp.test", 25, {{{"", "220 x\r\n"}, {"EHLO", "250 x\r\n"}}, {{"", "421 busy\r\n"}}});
///   rig.run([&]() -> Task<void> { ... });
///   rig.heard("smtp.test")[1];          // all that the second connection received

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "client/connect.h"
#include "net/drive.h"
#include "net/sim/sim_loop.h"
#include "net/sim/sim_network.h"
#include "net/task.h"

namespace mailrig::client::testing {

/// Once what has come since the last turn holds `until`, `reply` is said. The connection ends after the last turn.
struct Turn {
  std::string until;
  std::string reply;
};
using Sheet = std::vector<Turn>;

class SheetReader final : public Session {
 public:
  SheetReader(Sheet sheet, std::string& heard) : sheet_(std::move(sheet)), heard_(heard) {}

  Action next() override {
    if (failed_) return Done{};
    if (at_ == sheet_.size()) return std::exchange(closed_, true) ? Action(Done{}) : Action(Close{});
    if (since_.find(sheet_[at_].until) == std::string::npos) return Receive{Step::request, 1h};
    since_.clear();
    const Turn& turn = sheet_[at_++];
    if (turn.reply.empty()) return next();
    return Send{Step::request, turn.reply};
  }
  void on_bytes(std::string_view bytes) override {
    heard_ += bytes;
    since_ += bytes;
  }
  void on_committed(Status) override {}
  void on_tls() override {}
  void on_error(Error) override { failed_ = true; }

 private:
  Sheet sheet_;
  std::string& heard_;
  std::string since_;
  std::size_t at_ = 0;
  bool closed_ = false;
  bool failed_ = false;
};

class CannedRig {
 public:
  CannedRig() = default;
  ~CannedRig() { loop.abandon(); }

  /// One sheet a connection, in order; further connections are refused.
  void serve(const std::string& host, std::uint16_t port, std::vector<Sheet> sheets) {
    Desk& desk = desks_[host];
    desk.sheets = std::move(sheets);
    desk.next = 0;
    if (desk.listener) return;
    Result<std::unique_ptr<Listener>> listener = network.listen({host, port});
    desk.listener = std::move(listener).value();
    loop.spawn(accept(desk));
  }
  /// What each connection to it has received.
  const std::vector<std::string>& heard(const std::string& host) { return desks_[host].heard; }

  void run(const std::function<Task<void>()>& main) {
    LoopEnd end = loop.run(main(), {});
    finished = end.why == LoopEnd::Why::finished;
  }

  sim::SimLoop loop;
  sim::SimNetwork network{loop};
  sim::SimCalendar calendar{loop, parse_instant("2014-06-02T09:00:00Z").value()};
  Prng prng{7};
  Transcript transcript;
  World world{loop, loop, calendar, network, prng, transcript};
  ClientContext surroundings{.world = world};
  bool finished = false;

 private:
  struct Desk {
    std::unique_ptr<Listener> listener;
    std::vector<Sheet> sheets;
    std::size_t next = 0;
    std::vector<std::string> heard;
  };

  Task<void> accept(Desk& desk) {
    desk.heard.reserve(1000);  // sessions hold references into it
    for (;;) {
      Result<std::unique_ptr<Stream>> stream = co_await desk.listener->accept();
      if (!stream) co_return;
      desk.heard.emplace_back();
      if (desk.next < desk.sheets.size())
        loop.spawn(serve_one(*std::move(stream), desk.sheets[desk.next++], desk.heard.back()));
    }
  }
  Task<void> serve_one(std::unique_ptr<Stream> stream, Sheet sheet, std::string& heard) {
    SheetReader session(std::move(sheet), heard);
    Status ended = co_await drive(session, *stream, world, {});
    static_cast<void>(ended);
  }

  std::map<std::string, Desk> desks_;
};

}  // namespace mailrig::client::testing
