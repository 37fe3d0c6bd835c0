# One static library per module, one test program beside it.
#
#   uhoh_module(name [DEPENDS target...] [SYSTEM library...] [TEST_DEPENDS target...])
#
# Sources are the folder's *.cpp; those that end in _test.cpp make the program test_<name>.

find_package(fmt REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
if(UHOH_TESTS)
  find_package(GTest REQUIRED)
endif()

add_library(uhoh_options INTERFACE)
target_include_directories(uhoh_options INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(uhoh_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Wno-missing-field-initializers -Werror
  # g++ 12 takes a std::expected or variant that was moved for uninitialised once it is inlined.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
if(UHOH_SANITIZE)
  target_compile_options(uhoh_options INTERFACE -fsanitize=${UHOH_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(uhoh_options INTERFACE -fsanitize=${UHOH_SANITIZE})
endif()

if(UHOH_FUZZ)
  # The code under test tells the fuzzer which way an input took.
  target_compile_options(uhoh_options INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(uhoh_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(uhoh_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} uhoh_options GTest::gtest GTest::gmock GTest::gtest_main)
  # Only for those that read files of the project: ccache finds the others again from any clone.
  foreach(source ${ARG_SOURCES})
    file(STRINGS ${source} reads_files REGEX UHOH_SOURCE_DIR LIMIT_COUNT 1)
    if(reads_files)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS UHOH_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    endif()
  endforeach()
  add_test(NAME ${name} COMMAND ${name})
endfunction()

function(uhoh_module name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SYSTEM;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(uhoh_${name} STATIC ${sources})
    target_link_libraries(uhoh_${name} PUBLIC ${ARG_DEPENDS} fmt::fmt PRIVATE uhoh_options ${ARG_SYSTEM})
    target_include_directories(uhoh_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  else()
    add_library(uhoh_${name} INTERFACE)
    target_link_libraries(uhoh_${name} INTERFACE ${ARG_DEPENDS} fmt::fmt)
    target_include_directories(uhoh_${name} INTERFACE ${PROJECT_SOURCE_DIR}/src)
  endif()
  if(UHOH_TESTS AND tests)
    uhoh_test(test_${name} SOURCES ${tests} DEPENDS uhoh_${name} ${ARG_TEST_DEPENDS})
  endif()
endfunction()
