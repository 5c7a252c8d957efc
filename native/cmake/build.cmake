# What Maven runs: configures (only when a setting changed) and builds with every core.
#
#   cmake [-DLIBTORCH_HOME=DIR] [-DLIBTORCH_VARIANT=cu130] [-DTARGET=pantorch]
#         [-DSANITIZE=address,undefined] -P native/cmake/build.cmake
#
# TARGET pantorch is the shim alone; without it the native tests are built too. SANITIZE builds in
# native/target/sanitize instead of native/target/cmake (Sanitize.cmake).
#
# JAVA_HOME, which Maven sets to its toolchain's JDK, is the JDK that runs the operator generator.
cmake_minimum_required(VERSION 3.24)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
if(SANITIZE)
  set(build "${root}/native/target/sanitize")
else()
  set(build "${root}/native/target/cmake")
endif()

find_program(ninja NAMES ninja ninja-build NO_CACHE)
if(ninja)
  set(generator -G Ninja)
elseif(NOT WIN32)
  set(generator -G "Unix Makefiles")
endif()

# Empty values clear what an earlier configuration left in CMake's cache.
if(NOT LIBTORCH_HOME)
  set(LIBTORCH_HOME "$ENV{LIBTORCH_HOME}")
endif()
if(NOT LIBTORCH_VARIANT)
  set(LIBTORCH_VARIANT "$ENV{LIBTORCH_VARIANT}")
endif()
set(settings ${generator} "-DLIBTORCH_HOME=${LIBTORCH_HOME}" "-DLIBTORCH_VARIANT=${LIBTORCH_VARIANT}")

if(SANITIZE)
  list(APPEND settings "-DPANTORCH_SANITIZE=${SANITIZE}")
endif()

# Configure when a setting changed, when the last attempt failed, or when the libtorch it found is gone.
# Otherwise CMake itself notices what changed.
set(stamp "${build}/settings.txt")
set(last "")
if(EXISTS "${stamp}")
  file(READ "${stamp}" last)
  file(STRINGS "${root}/native/target/libtorch-home.txt" home)
endif()
if(NOT "${settings}" STREQUAL last OR NOT EXISTS "${home}/lib")
  file(REMOVE "${stamp}")
  execute_process(COMMAND "${CMAKE_COMMAND}" --fresh ${settings} -S "${root}" -B "${build}"
                  COMMAND_ERROR_IS_FATAL ANY)
  file(WRITE "${stamp}" "${settings}")
endif()
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
if(NOT TARGET)
  set(TARGET all)
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build}" --config Release --parallel "${cores}"
                        --target "${TARGET}"
                COMMAND_ERROR_IS_FATAL ANY)
