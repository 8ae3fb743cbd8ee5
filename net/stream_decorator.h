#pragma once
/// A Stream that hands everything on to the one below; what stands between overrides what it changes.

#include <memory>
#include <string>
#include <utility>

#include "net/stream.h"
#include "net/task.h"

namespace mailrig {

class StreamDecorator : public Stream {
 public:
  explicit StreamDecorator(std::unique_ptr<Stream> below) : below_(std::move(below)) {}

  Task<Result<std::string_view>> read_some(Moment deadline) override { return below_->read_some(deadline); }
  Task<Status> write(std::string_view bytes, Moment deadline) override { return below_->write(bytes, deadline); }
  Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline) override {
    return below_->write_unit(bytes, charged, deadline);
  }
  std::size_t split_octets() const override { return below_->split_octets(); }
  Task<Status> start_tls(Moment deadline) override { return below_->start_tls(deadline); }
  bool is_tls() const override { return below_->is_tls(); }
  Task<Status> close(Ending ending, Moment deadline) override { return below_->close(ending, deadline); }
  void abort() override { below_->abort(); }
  std::string peer() const override { return below_->peer(); }

 protected:
  Stream& below() { return *below_; }
  const Stream& below() const { return *below_; }

 private:
  std::unique_ptr<Stream> below_;
};

}  // namespace mailrig
