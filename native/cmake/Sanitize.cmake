# The shim, its tests and the libraries of tests under GCC's sanitizers, in a build folder of their own:
#
#   cmake -S . -B native/target/sanitize -DPANTORCH_SANITIZE=address,undefined
#   cmake --build native/target/sanitize --parallel && ctest --test-dir native/target/sanitize
#
# libtorch itself is as ever: what it does with memory is seen where it allocates, frees, and calls the
# C library (memcpy, strlen, ...), and wherever our own code, or code of its headers, touches it.
#
# Sets PANTORCH_TEST_ENVIRONMENT, for the properties of tests.
set(PANTORCH_SANITIZE "" CACHE STRING "Sanitizers to build with: address,undefined")
set(PANTORCH_TEST_ENVIRONMENT "")
if(PANTORCH_SANITIZE)
  if(NOT (CMAKE_SYSTEM_NAME STREQUAL "Linux" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU"))
    # Others link the sanitizer into programs, so that a library cannot be checked with it inside Java.
    message(FATAL_ERROR "PANTORCH_SANITIZE wants GCC on Linux, not ${CMAKE_CXX_COMPILER_ID} on ${CMAKE_SYSTEM_NAME}")
  endif()
  # The library that Maven packs is left alone, and what the Java side is told of it.
  set(PANTORCH_RESOURCES "${CMAKE_BINARY_DIR}/resources" CACHE PATH "" FORCE)
  set(PANTORCH_BINDINGS_SOURCES "${CMAKE_BINARY_DIR}/bindings" CACHE PATH "" FORCE)
  add_compile_options(
    -fsanitize=${PANTORCH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1
    # It wants the type information of every class that is touched; libraries keep some to themselves.
    -fno-sanitize=vptr)
  add_link_options(-fsanitize=${PANTORCH_SANITIZE})
  set(asan_options "strict_string_checks=1:detect_stack_use_after_return=1")
  set(ubsan_options "print_stacktrace=1")
  set(PANTORCH_TEST_ENVIRONMENT
    "ASAN_OPTIONS=set:${asan_options}:detect_leaks=1" "UBSAN_OPTIONS=set:${ubsan_options}")

  # For Maven (profile sanitize), which runs the tests in Java on this library. The sanitizer has to be
  # there before Java, and the C++ library with it, whose functions it takes the place of. Signals are the
  # JVM's. It ends by System.exit with most of its memory in use, which is no leak.
  execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -print-file-name=libasan.so
                  OUTPUT_VARIABLE asan OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_CXX_COMPILER}" -print-file-name=libstdc++.so
                  OUTPUT_VARIABLE stdcxx OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  string(CONCAT java_options "${asan_options}:detect_leaks=0:abort_on_error=1:allocator_may_return_null=1"
         ":handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0")
  file(GENERATE OUTPUT "${CMAKE_BINARY_DIR}/sanitizer.properties" CONTENT
"sanitizer.library=$<TARGET_FILE:pantorch>
sanitizer.preload=${asan} ${stdcxx}
sanitizer.address=${java_options}
sanitizer.undefined=${ubsan_options}
")
endif()
