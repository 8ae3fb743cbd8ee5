#pragma once
/// Task<T>: a coroutine that a Loop runs. co_await stands alone in its statement, its result named, then judged.
///
///   Result<std::string_view> chunk = co_await stream.read_some(deadline);
///   if (!chunk) co_return chunk.error();

#include <boost/asio/awaitable.hpp>

#include "net/task_fwd.h"
