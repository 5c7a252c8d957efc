# Checks (MODE=check) or corrects (MODE=apply) the formatting of the repository's own Java, C and C++.
#
#   cmake -DMODE=check -P format.cmake CLASSPATH_OF_GOOGLE_JAVA_FORMAT
#
# Maven sets JAVA_HOME to its toolchain's JDK. clang-format is used where the machine has it.
cmake_minimum_required(VERSION 3.24)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
math(EXPR last "${CMAKE_ARGC} - 1")
set(classpath "${CMAKE_ARGV${last}}")
set(remedy "to correct it: mvn -q -pl tools/format -Dformat=apply validate")
if(NOT MODE MATCHES "^(check|apply)$")
  message(FATAL_ERROR "-Dformat=${MODE}: wanted check or apply")
endif()

# Generated and built files are nobody's handwriting.
set(left_out "/(target|generated)/")

file(GLOB_RECURSE java_files "${root}/native/codegen/*.java" "${root}/bindings/src/*.java"
     "${root}/java-api/src/*.java" "${root}/java-api/train/src/*.java"
     "${root}/java-api/onnx/src/*.java"
     "${root}/examples/src/*.java" "${root}/tests/src/*.java" "${root}/tests/benchmarks/src/*.java")
list(FILTER java_files EXCLUDE REGEX "${left_out}")
set(exports "")
foreach(package IN ITEMS api code file main parser tree util)
  list(APPEND exports --add-exports "jdk.compiler/com.sun.tools.javac.${package}=ALL-UNNAMED")
endforeach()
if(MODE STREQUAL "check")
  set(options --dry-run --set-exit-if-changed)
else()
  set(options --replace)
endif()
# By file: the command line of a few hundred paths would be too long for some systems.
list(JOIN java_files "\n" list)
file(WRITE "${CMAKE_CURRENT_LIST_DIR}/target/java-files.txt" "${list}\n")
execute_process(
  COMMAND "$ENV{JAVA_HOME}/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 ${exports} -cp "${classpath}"
          com.google.googlejavaformat.java.Main ${options} "@${CMAKE_CURRENT_LIST_DIR}/target/java-files.txt"
  RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "google-java-format: the files named above are not formatted; ${remedy}")
endif()

# Every major version of clang-format lays some lines out differently, so one is binding.
set(clang_format_major 14)
find_program(clang_format NAMES clang-format-${clang_format_major} clang-format NO_CACHE)
set(version "none")
if(clang_format)
  execute_process(COMMAND "${clang_format}" --version OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
if(NOT version MATCHES "version ${clang_format_major}\\.")
  message(STATUS "C and C++ formatting left alone: wanted clang-format ${clang_format_major}, found ${version}")
  return()
endif()
file(GLOB_RECURSE c_files "${root}/native/include/*.h" "${root}/native/src/*.h" "${root}/native/src/*.cpp"
     "${root}/native/test/*.c" "${root}/native/test/*.cpp")
if(MODE STREQUAL "check")
  set(options --dry-run --Werror)
else()
  set(options -i)
endif()
if(c_files)
  execute_process(COMMAND "${clang_format}" ${options} ${c_files} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "clang-format: the files named above are not formatted; ${remedy}")
  endif()
endif()
