#include "net/tap_stream.h"

#include "net/stream_decorator.h"
#include "net/task.h"

namespace mailrig {
namespace {

class TapStream final : public StreamDecorator {
 public:
  TapStream(std::unique_ptr<Stream> below, TapListener listener)
      : StreamDecorator(std::move(below)), listener_(std::move(listener)) {}

  Task<Result<std::string_view>> read_some(Moment deadline) override {
    Result<std::string_view> chunk = co_await below().read_some(deadline);
    if (chunk) listener_(TapDirection::received, *chunk);
    co_return chunk;
  }
  Task<Status> write(std::string_view bytes, Moment deadline) override {
    listener_(TapDirection::sent, bytes);
    return below().write(bytes, deadline);
  }
  Task<Status> write_unit(std::string_view bytes, std::size_t charged, Moment deadline) override {
    listener_(TapDirection::sent, bytes);
    return below().write_unit(bytes, charged, deadline);
  }

 private:
  TapListener listener_;
};

}  // namespace

std::unique_ptr<Stream> with_tap(std::unique_ptr<Stream> below, TapListener listener) {
  return std::make_unique<TapStream>(std::move(below), std::move(listener));
}

}  // namespace mailrig
