#include "fakeservers/certificates/staged_tls.h"

#include "net/stream_decorator.h"
#include "net/task.h"

namespace mailrig::fakeservers {
namespace {

/// Says `in_clear`, if anything, and never shakes hands.
class DeafStream final : public StreamDecorator {
 public:
  DeafStream(std::unique_ptr<Stream> below, std::string in_clear)
      : StreamDecorator(std::move(below)), in_clear_(std::move(in_clear)) {}

  Task<Status> start_tls(Moment deadline) override {
    if (!in_clear_.empty()) {
      Status said = co_await below().write(in_clear_, deadline);
      if (!said) co_return said;
    }
    for (;;) {
      Result<std::string_view> heard = co_await below().read_some(deadline);
      if (heard) continue;
      if (in_clear_.empty()) co_return std::move(heard).error();
      co_return Error{Errc::tls_failed, "this server was told not to speak TLS", Step::tls,
                      std::string(to_string(CertificateClass::not_tls))};
    }
  }

 private:
  std::string in_clear_;
};

class CurtStream final : public StreamDecorator {
 public:
  using StreamDecorator::StreamDecorator;

  Task<Status> close(Ending ending, Moment deadline) override {
    return below().close(ending == Ending::orderly ? Ending::no_close_notify : ending, deadline);
  }
};

}  // namespace

std::unique_ptr<Stream> with_staged_tls(std::unique_ptr<Stream> below, std::shared_ptr<const TlsServerContext> context,
                                        CertificateFault fault, std::string in_clear) {
  if (fault == CertificateClass::not_tls) return std::make_unique<DeafStream>(std::move(below), std::move(in_clear));
  if (fault == CertificateClass::handshake_stalled) return std::make_unique<DeafStream>(std::move(below), "");
  std::unique_ptr<Stream> stream = with_tls(std::move(below), std::move(context));
  if (fault == CertificateClass::truncated) return std::make_unique<CurtStream>(std::move(stream));
  return stream;
}

}  // namespace mailrig::fakeservers
