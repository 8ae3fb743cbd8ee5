# Files of the repository as text inside the program, so that it needs none of them at run time.
#
#   mailrig_embed(mailrig_reports report_page reports/html/page.css reports/html/page.js)
#
# gives the library mailrig_reports the header "embedded/report_page.h":
#
#   namespace mailrig::embedded::report_page {
#   extern const std::string_view page_css;      // each file under its own name, as a C identifier
#   extern const std::string_view page_js;
#   struct File { std::string_view name, text; };
#   extern const std::span<const File> files;    // all of them in the order given; name is "page.css"
#   }
#
# The bytes are taken over at build time and unchanged: an edited file rebuilds one object and nothing else.

set(MAILRIG_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_file.cmake)
set(MAILRIG_EMBED_TREE_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_tree.cmake)

function(mailrig_embed TARGET NAME)
  get_target_property(TYPE ${TARGET} TYPE)
  if(TYPE STREQUAL "INTERFACE_LIBRARY")
    return()  # a room that holds no source yet has nothing to put the bytes into
  endif()
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/embedded)
  set(NAMESPACE "mailrig::embedded::${NAME}")
  set(DECLARATIONS "")
  set(DEFINITIONS "")
  set(VIEWS "")
  set(ROWS "")
  set(PARTS "")
  foreach(FILE ${ARGN})
    get_filename_component(BASENAME ${FILE} NAME)
    string(MAKE_C_IDENTIFIER ${BASENAME} IDENTIFIER)
    set(PART ${FOLDER}/${NAME}/${IDENTIFIER}.inc)
    add_custom_command(
      OUTPUT ${PART}
      COMMAND ${CMAKE_COMMAND} -D INPUT=${CMAKE_SOURCE_DIR}/${FILE} -D OUTPUT=${PART} -P ${MAILRIG_EMBED_SCRIPT}
      DEPENDS ${CMAKE_SOURCE_DIR}/${FILE} ${MAILRIG_EMBED_SCRIPT}
      COMMENT "Embedding ${FILE}"
      VERBATIM)
    list(APPEND PARTS ${PART})
    string(APPEND DECLARATIONS "extern const std::string_view ${IDENTIFIER};  // ${FILE}\n")
    # The bytes end in a NUL of their own, so that an empty file is an array too.
    string(APPEND DEFINITIONS
      "constexpr char ${IDENTIFIER}_bytes[] = {\n#include \"embedded/${NAME}/${IDENTIFIER}.inc\"\n    '\\0'};\n")
    string(APPEND VIEWS "constinit const std::string_view ${IDENTIFIER}{${IDENTIFIER}_bytes, sizeof(${IDENTIFIER}_bytes) - 1};\n")
    string(APPEND ROWS "    {\"${BASENAME}\", {${IDENTIFIER}_bytes, sizeof(${IDENTIFIER}_bytes) - 1}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${FOLDER}/${NAME}.h @ONLY CONTENT [[
#pragma once
// Made by cmake/embed.cmake.

#include <span>
#include <string_view>

namespace @NAMESPACE@ {
@DECLARATIONS@
struct File {
  std::string_view name;
  std::string_view text;
};
extern const std::span<const File> files;
}  // namespace @NAMESPACE@
]])
  file(CONFIGURE OUTPUT ${FOLDER}/${NAME}.cc @ONLY CONTENT [[
// Made by cmake/embed.cmake.
#include "embedded/@NAME@.h"

namespace @NAMESPACE@ {
namespace {
@DEFINITIONS@
constexpr File rows[] = {
@ROWS@};
}  // namespace

@VIEWS@
constinit const std::span<const File> files{rows};
}  // namespace @NAMESPACE@
]])
  set_source_files_properties(${FOLDER}/${NAME}.cc PROPERTIES OBJECT_DEPENDS "${PARTS}" SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${TARGET} PRIVATE ${FOLDER}/${NAME}.cc)
  target_include_directories(${TARGET} PUBLIC ${CMAKE_BINARY_DIR}/generated)
endfunction()

# The same for a folder of many files, whose names are their paths below ROOT:
#
#   mailrig_embed_tree(mailrig_cli bundled_suite scenarios/suite gmail/window.json smtp/sent.json)
#
# gives "embedded/bundled_suite.h" with `files` alone.
function(mailrig_embed_tree TARGET NAME ROOT)
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/embedded)
  set(NAMESPACE "mailrig::embedded::${NAME}")
  list(JOIN ARGN "\n" LIST)
  file(CONFIGURE OUTPUT ${FOLDER}/${NAME}.txt CONTENT "${LIST}\n")
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/${ROOT}/ OUTPUT_VARIABLE INPUTS)
  add_custom_command(
    OUTPUT ${FOLDER}/${NAME}.inc
    COMMAND ${CMAKE_COMMAND} -D ROOT=${CMAKE_SOURCE_DIR}/${ROOT} -D LIST=${FOLDER}/${NAME}.txt -D OUTPUT=${FOLDER}/${NAME}.inc
            -P ${MAILRIG_EMBED_TREE_SCRIPT}
    DEPENDS ${INPUTS} ${FOLDER}/${NAME}.txt ${MAILRIG_EMBED_TREE_SCRIPT}
    COMMENT "Embedding ${ROOT}"
    VERBATIM)
  file(CONFIGURE OUTPUT ${FOLDER}/${NAME}.h @ONLY CONTENT [[
#pragma once
// Made by cmake/embed.cmake.

#include <span>
#include <string_view>

namespace @NAMESPACE@ {
struct File {
  std::string_view name;
  std::string_view text;
};
extern const std::span<const File> files;  // sorted by name
}  // namespace @NAMESPACE@
]])
  file(CONFIGURE OUTPUT ${FOLDER}/${NAME}.cc @ONLY CONTENT [[
// Made by cmake/embed.cmake.
#include "embedded/@NAME@.h"

#ifdef __clang__
#pragma clang diagnostic ignored "-Woverlength-strings"
#endif

namespace @NAMESPACE@ {
namespace {
constexpr File rows[] = {
#include "embedded/@NAME@.inc"
};
}  // namespace

constinit const std::span<const File> files{rows};
}  // namespace @NAMESPACE@
]])
  set_source_files_properties(${FOLDER}/${NAME}.cc PROPERTIES OBJECT_DEPENDS ${FOLDER}/${NAME}.inc SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${TARGET} PRIVATE ${FOLDER}/${NAME}.cc)
  target_include_directories(${TARGET} PUBLIC ${CMAKE_BINARY_DIR}/generated)
endfunction()
