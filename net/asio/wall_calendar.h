#pragma once
/// The calendar on the wall: the only reader of the system's date. For serve, fetch, send and the service.

#include "net/asio/asio_loop.h"

namespace mailrig {

class WallCalendar final : public Calendar {
 public:
  explicit WallCalendar(AsioLoop& loop) : loop_(loop) {}
  Instant now() const override;
  Task<void> move_to(Instant when) override;

 private:
  AsioLoop& loop_;
};

}  // namespace mailrig
