#pragma once
/// Task<T> for headers that only declare coroutines: Asio's awaitable without Asio, which takes a third of a second to
/// parse. What defines, starts or awaits one includes net/task.h.

namespace boost::asio {

class any_io_executor;
template <class T, class Executor>
class awaitable;  // its executor defaults to any_io_executor where Asio defines it

}  // namespace boost::asio

namespace mailrig {

template <class T>
using Task = boost::asio::awaitable<T, boost::asio::any_io_executor>;

}  // namespace mailrig
