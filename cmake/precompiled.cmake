# Headers that nearly every file includes, parsed once a build folder instead of once a file: that halves what clang takes for the sanitizers.
#   mailrig_precompiled(TARGET tests)   in every preset; the headers of GoogleTest are half of a test's time
#   mailrig_precompiled(TARGET cli)     the same as room, with CLI11: five seconds a file without it
#   mailrig_precompiled(TARGET room)    only where MAILRIG_PRECOMPILE_ROOMS is ON: not in dev, which sees a header that a file forgot to include

option(MAILRIG_PRECOMPILE_ROOMS "Precompiled headers for the rooms too, not only for their tests" OFF)

set(MAILRIG_COMMON_HEADERS <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <span> <string> <string_view> <variant> <vector>
    <fmt/format.h> <boost/system/result.hpp>)

set(MAILRIG_PRECOMPILED room cli)
if(BUILD_TESTING)
  list(APPEND MAILRIG_PRECOMPILED tests)
endif()
foreach(KIND ${MAILRIG_PRECOMPILED})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/precompiled_${KIND}.cc CONTENT "// Made by cmake/precompiled.cmake: what the precompiled headers hang on.\n")
  add_library(precompiled_${KIND} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/generated/precompiled_${KIND}.cc)
  target_link_libraries(precompiled_${KIND} PRIVATE fmt::fmt Boost::headers)
  target_compile_definitions(precompiled_${KIND} PRIVATE ${MAILRIG_BOOST_DEFINITIONS})
  target_precompile_headers(precompiled_${KIND} PRIVATE ${MAILRIG_COMMON_HEADERS})
endforeach()
target_link_libraries(precompiled_cli PRIVATE CLI11::CLI11)
target_precompile_headers(precompiled_cli PRIVATE <CLI/CLI.hpp>)
if(BUILD_TESTING)
  target_link_libraries(precompiled_tests PRIVATE GTest::gmock)
  target_precompile_headers(precompiled_tests PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
endif()

function(mailrig_precompiled TARGET KIND)
  if(KIND STREQUAL "tests" OR MAILRIG_PRECOMPILE_ROOMS)
    target_precompile_headers(${TARGET} REUSE_FROM precompiled_${KIND})
  endif()
endfunction()
