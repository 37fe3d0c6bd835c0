// Boost.JSON is compiled here, so that no library beside the headers is needed.
#include <boost/json/src.hpp>
