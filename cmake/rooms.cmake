# A room is a folder with those within it: its .cc files are the library mailrig_ROOM, its *_test.cc files the tests beside them.
#   x_test.cc        -> ROOM_test        (run in dev and asan)
#   x_net_test.cc    -> ROOM_net_test    (real sockets or threads: label net, also run under tsan)
#   x_peers_test.cc  -> ROOM_peers_test  (real clients and servers: label peers)
# main.cc is left to the program.

if(BUILD_TESTING)
  include(GoogleTest)
endif()

# Asio and Beast are compiled once, in net/asio/boost_asio.cc: every other file only sees declarations.
set(MAILRIG_BOOST_DEFINITIONS BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
include(cmake/precompiled.cmake)

# Rooms whose files are compiled some at a time (CMake's unity build): what a file costs is mostly the templates that its
# neighbours instantiate too, so that a clean build takes a third to a half. A developer's builds compile file by file:
# that is quicker after a change of one, and sees an include that a file forgot.
set(MAILRIG_FEW_UNITS "" CACHE STRING "Rooms to compile some files at a time, for example client;net")

function(mailrig_in_few_units TARGET ROOM)
  if(NOT ROOM IN_LIST MAILRIG_FEW_UNITS)
    return()
  endif()
  set_target_properties(${TARGET} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 12)
  # Seen together, a parameter shadows a function of another file's unnamed namespace, and for g++ each such namespace is a header's.
  target_compile_options(${TARGET} PRIVATE -Wno-shadow)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${TARGET} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()

function(mailrig_room NAME)
  cmake_parse_arguments(ROOM "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${NAME}/*.cc)
  set(TESTS ${SOURCES})
  list(FILTER TESTS INCLUDE REGEX "_test\\.cc$")
  list(FILTER SOURCES EXCLUDE REGEX "(_test|/main|_fuzz)\\.cc$")
  set(NET_TESTS ${TESTS})
  list(FILTER NET_TESTS INCLUDE REGEX "_net_test\\.cc$")
  set(PEERS_TESTS ${TESTS})
  list(FILTER PEERS_TESTS INCLUDE REGEX "_peers_test\\.cc$")
  list(FILTER TESTS EXCLUDE REGEX "_(net|peers)_test\\.cc$")

  if(SOURCES)
    add_library(mailrig_${NAME} STATIC ${SOURCES})
    mailrig_layered(mailrig_${NAME})
    mailrig_in_few_units(mailrig_${NAME} ${NAME})
    target_include_directories(mailrig_${NAME} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(mailrig_${NAME} PUBLIC ${ROOM_LINKS})
    target_compile_definitions(mailrig_${NAME} PUBLIC ${MAILRIG_BOOST_DEFINITIONS})
    if(NAME STREQUAL "cli")
      mailrig_precompiled(mailrig_${NAME} cli)
    else()
      mailrig_precompiled(mailrig_${NAME} room)
    endif()
  else()
    add_library(mailrig_${NAME} INTERFACE)
    target_include_directories(mailrig_${NAME} INTERFACE ${CMAKE_SOURCE_DIR})
    target_link_libraries(mailrig_${NAME} INTERFACE ${ROOM_LINKS})
  endif()
  mailrig_test(${NAME}_test mailrig_${NAME} "room-${NAME}" ${TESTS})
  mailrig_test(${NAME}_net_test mailrig_${NAME} "room-${NAME};net" ${NET_TESTS})
  mailrig_test(${NAME}_peers_test mailrig_${NAME} "room-${NAME};peers" ${PEERS_TESTS})
endfunction()

function(mailrig_test NAME LIBRARY LABELS)
  if(NOT ARGN OR NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${NAME} ${ARGN})
  mailrig_layered(${NAME})
  target_link_libraries(${NAME} PRIVATE ${LIBRARY} GTest::gmock GTest::gtest_main)
  mailrig_precompiled(${NAME} tests)
  target_compile_definitions(${NAME} PRIVATE MAILRIG_SOURCE_DIR="${CMAKE_SOURCE_DIR}" MAILRIG_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if("peers" IN_LIST LABELS)
    # One by one, so that ctest says of each whether it was skipped: a program as a whole would count as passed.
    gtest_discover_tests(${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS peers TIMEOUT 300)
    return()
  endif()
  add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(SECONDS 300)
  if(MAILRIG_SANITIZE)
    set(SECONDS 1800)  # a sanitizer takes three to ten times as long
  endif()
  # ctest starts the dearest first; on a clean clone it has no times of its own to go by, and a test of minutes that
  # begins last leaves the other processors idle.
  set(COST 1)
  if(NAME STREQUAL "cli_test")
    set(COST 100)
  elseif(NAME STREQUAL "mime_test")
    set(COST 50)
  endif()
  set_tests_properties(${NAME} PROPERTIES LABELS "${LABELS}" TIMEOUT ${SECONDS} COST ${COST})
endfunction()
