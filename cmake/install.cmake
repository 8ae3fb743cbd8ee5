# What `cmake --install` puts where, and the package that CPack makes of it (cpack -G DEB in the build folder).
#
#   bin/mailrig, share/man/man1/mailrig.1, completions of bash, zsh and fish, and for people and editors, since the program carries
#   them too: share/mailrig/{suite,personalities,scenario.schema.json,report.schema.json}, share/doc/mailrig

include(GNUInstallDirs)

# Made by the program itself, from the tables of --help.
set(MADE "")
foreach(ROW "manual|mailrig.1" "completion bash|mailrig.bash" "completion zsh|_mailrig" "completion fish|mailrig.fish")
  string(REPLACE "|" ";" ROW "${ROW}")
  list(GET ROW 0 WORDS)
  list(GET ROW 1 FILE)
  separate_arguments(WORDS)
  add_custom_command(
    OUTPUT ${CMAKE_BINARY_DIR}/installed/${FILE}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/installed
    COMMAND $<TARGET_FILE:mailrig> ${WORDS} > ${CMAKE_BINARY_DIR}/installed/${FILE}
    DEPENDS mailrig
    VERBATIM)
  list(APPEND MADE ${CMAKE_BINARY_DIR}/installed/${FILE})
endforeach()
# A sanitized program takes its time for what no sanitized build installs.
if(MAILRIG_SANITIZE)
  add_custom_target(manual DEPENDS ${MADE})
else()
  add_custom_target(manual ALL DEPENDS ${MADE})
endif()

install(TARGETS mailrig EXPORT mailrigTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# For tests in C++: a header and a small library that runs the program (find_package(mailrig), target mailrig::fixture).
add_library(mailrig_fixture STATIC fixture/fixture.cc)
set_target_properties(mailrig_fixture PROPERTIES EXPORT_NAME fixture POSITION_INDEPENDENT_CODE ON)
target_include_directories(mailrig_fixture PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(mailrig_fixture PRIVATE $<BUILD_INTERFACE:nlohmann_json::nlohmann_json>)
install(TARGETS mailrig_fixture EXPORT mailrigTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES fixture/fixture.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mailrig)
install(EXPORT mailrigTargets NAMESPACE mailrig:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mailrig)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/installed/mailrigConfigVersion.cmake COMPATIBILITY SameMinorVersion)
file(WRITE ${CMAKE_BINARY_DIR}/installed/mailrigConfig.cmake [[
include(${CMAKE_CURRENT_LIST_DIR}/mailrigTargets.cmake)
get_target_property(MAILRIG_PROGRAM mailrig::mailrig LOCATION)
set_property(TARGET mailrig::fixture APPEND PROPERTY INTERFACE_COMPILE_DEFINITIONS MAILRIG_PROGRAM="${MAILRIG_PROGRAM}")
]])
install(FILES ${CMAKE_BINARY_DIR}/installed/mailrigConfig.cmake ${CMAKE_BINARY_DIR}/installed/mailrigConfigVersion.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/mailrig)
install(FILES ${CMAKE_BINARY_DIR}/installed/mailrig.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/installed/mailrig.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME mailrig)
install(FILES ${CMAKE_BINARY_DIR}/installed/_mailrig DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${CMAKE_BINARY_DIR}/installed/mailrig.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(DIRECTORY scenarios/suite DESTINATION ${CMAKE_INSTALL_DATADIR}/mailrig)
install(DIRECTORY fakeservers/personalities DESTINATION ${CMAKE_INSTALL_DATADIR}/mailrig FILES_MATCHING PATTERN "*.json")
install(FILES scenarios/scenario.schema.json reports/report.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/mailrig)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR})

if(BUILD_TESTING AND NOT MAILRIG_SANITIZE)
  add_test(NAME install_test COMMAND ${CMAKE_SOURCE_DIR}/ci/install_test ${CMAKE_BINARY_DIR})
  set_tests_properties(install_test PROPERTIES LABELS "ci" TIMEOUT 300)
endif()

set(CPACK_PACKAGE_NAME mailrig)
set(CPACK_PACKAGE_VENDOR mailrig)
set(CPACK_PACKAGE_CONTACT "mailrig <mailrig@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Test harness for mail retrieval")
set(CPACK_PACKAGE_DESCRIPTION "Fake POP3, SMTP and CRM servers act out scripted scenarios against a mail client, in virtual time and on real sockets.")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_DEBIAN_PACKAGE_SECTION mail)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
include(CPack)
