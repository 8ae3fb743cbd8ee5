#include "net/stream.h"

#include "net/task.h"

namespace mailrig {

Task<Status> Stream::write_unit(std::string_view bytes, std::size_t /*charged*/, Moment deadline) {
  return write(bytes, deadline);
}

Task<Status> Stream::start_tls(Moment /*deadline*/) {
  co_return Error{Errc::internal, "this stream was set up without TLS and cannot be upgraded", Step::tls};
}

}  // namespace mailrig
