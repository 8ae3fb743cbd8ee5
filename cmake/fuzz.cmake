# Fuzz targets, where MAILRIG_FUZZ is on: FOLDER/NAME_fuzz.cc is the program NAME_fuzz, with
#   FOLDER/seeds/NAME/       inputs to begin with, written by hand
#   FOLDER/NAME.dict         words of its grammar, where there are any
# ctest runs each over its seeds and for a few seconds more. What it finds on the way stays in the build folder.

function(mailrig_fuzz FOLDER LIBRARY)
  if(NOT MAILRIG_FUZZ)
    return()
  endif()
  file(GLOB SOURCES CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/${FOLDER}/*_fuzz.cc)
  foreach(SOURCE ${SOURCES})
    get_filename_component(TARGET ${SOURCE} NAME_WE)
    string(REGEX REPLACE "_fuzz$" "" NAME ${TARGET})
    add_executable(${TARGET} ${SOURCE})
    mailrig_layered(${TARGET})
    target_link_libraries(${TARGET} PRIVATE ${LIBRARY})
    target_link_options(${TARGET} PRIVATE -fsanitize=fuzzer)
    set(FOUND ${CMAKE_BINARY_DIR}/fuzz/${NAME})
    file(MAKE_DIRECTORY ${FOUND})
    set(DICTIONARY "")
    if(EXISTS ${CMAKE_SOURCE_DIR}/${FOLDER}/${NAME}.dict)
      set(DICTIONARY -dict=${CMAKE_SOURCE_DIR}/${FOLDER}/${NAME}.dict)
    endif()
    add_test(NAME ${TARGET}
             COMMAND ${TARGET} -max_total_time=5 -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix=${FOUND}-
                     ${DICTIONARY} ${FOUND} ${CMAKE_SOURCE_DIR}/${FOLDER}/seeds/${NAME})
    set_tests_properties(${TARGET} PROPERTIES LABELS fuzz TIMEOUT 120)
  endforeach()
endfunction()
