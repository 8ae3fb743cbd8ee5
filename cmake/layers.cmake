# Who includes whom is checked at every build, before anything is compiled (ci/layers takes some 20 ms).
#   mailrig_layered(TARGET)    lets TARGET wait for the check

add_custom_target(layers COMMAND ${CMAKE_SOURCE_DIR}/ci/layers ${CMAKE_SOURCE_DIR} COMMENT "Who includes whom" VERBATIM)
add_test(NAME layers_test COMMAND ${CMAKE_SOURCE_DIR}/ci/layers_test)
add_test(NAME setup_test COMMAND ${CMAKE_SOURCE_DIR}/ci/setup_test)
set_tests_properties(layers_test setup_test PROPERTIES LABELS "ci" TIMEOUT 300)

function(mailrig_layered TARGET)
  add_dependencies(${TARGET} layers)
endfunction()

# What ci/mutate does to a line, and what ci/citations finds; without building anything.
find_program(PYTHON3 python3)
if(PYTHON3)
  add_test(NAME mutate_test COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/ci/mutate_test)
  add_test(NAME citations_test COMMAND ${CMAKE_SOURCE_DIR}/ci/citations_test)
  add_test(NAME commits_test COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/ci/commits_test)
  set_tests_properties(mutate_test citations_test commits_test PROPERTIES LABELS "ci" TIMEOUT 120)
endif()
