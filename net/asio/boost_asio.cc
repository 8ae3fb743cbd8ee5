// Asio and Beast as a library of our own (BOOST_ASIO_SEPARATE_COMPILATION): compiled here once, declared elsewhere.
#include <boost/asio/impl/src.hpp>
