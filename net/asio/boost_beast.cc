// Beast as a library of our own (BOOST_BEAST_SEPARATE_COMPILATION): compiled here once, declared elsewhere. A file of
// its own, so that only programs that speak HTTP link it.
#include <boost/beast/src.hpp>
