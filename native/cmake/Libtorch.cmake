# Finds libtorch, or fetches it once per user, and offers it as the imported target `libtorch`.
#
# The first of these is taken:
#   1. LIBTORCH_HOME (-D or environment): an unzipped libtorch or the `torch` folder of a Python installation
#   2. the per-user cache
#   3. the official archive for the platform (LIBTORCH_VARIANT: cpu by default, or cu126, cu130, ...)
#   4. the wheel of the same version through the machine's own `python3 -m pip`
# 3 and 4 fill the cache. The Java loader looks in the same places (dev.pantorch.ffi.LibtorchLocator).
#
# find_package(Torch) is avoided on purpose: it pulls in Caffe2's targets, and with a CUDA build it asks for
# the CUDA toolkit, none of which the shim needs. Linking only c10 and torch_cpu keeps one shim binary good
# for the CPU, CUDA, MPS and XPU builds of the same version.
#
# Sets LIBTORCH_HOME_RESOLVED, LIBTORCH_INCLUDE_DIR, LIBTORCH_LIBRARY_DIR, PANTORCH_PLATFORM.
set(PANTORCH_LIBTORCH_VERSION 2.13.0)

include("${CMAKE_CURRENT_LIST_DIR}/LibtorchProvision.cmake")

set(LIBTORCH_HOME "$ENV{LIBTORCH_HOME}" CACHE PATH "An unzipped libtorch, or a Python torch folder")
set(LIBTORCH_VARIANT "$ENV{LIBTORCH_VARIANT}" CACHE STRING "The build to fetch: cpu, cu126, cu130, ...")
set(variant "${LIBTORCH_VARIANT}")
if(NOT variant)
  set(variant cpu)
endif()

if(LIBTORCH_HOME)
  pantorch_check_libtorch("${LIBTORCH_HOME}" problem)
  if(problem)
    message(FATAL_ERROR "${problem}"
      "  remedy: point LIBTORCH_HOME at libtorch ${PANTORCH_LIBTORCH_VERSION}, or unset it to have it fetched")
  endif()
  file(REAL_PATH "${LIBTORCH_HOME}" LIBTORCH_HOME_RESOLVED)
else()
  pantorch_provision_libtorch("${variant}" LIBTORCH_HOME_RESOLVED)
endif()
message(STATUS "libtorch ${PANTORCH_LIBTORCH_VERSION}: ${LIBTORCH_HOME_RESOLVED}")

set(LIBTORCH_INCLUDE_DIR "${LIBTORCH_HOME_RESOLVED}/include")
set(LIBTORCH_LIBRARY_DIR "${LIBTORCH_HOME_RESOLVED}/lib")
pantorch_platform(PANTORCH_PLATFORM)

add_library(libtorch INTERFACE IMPORTED)
target_include_directories(libtorch SYSTEM INTERFACE
  "${LIBTORCH_INCLUDE_DIR}" "${LIBTORCH_INCLUDE_DIR}/torch/csrc/api/include")
if(WIN32)
  target_link_libraries(libtorch INTERFACE
    "${LIBTORCH_LIBRARY_DIR}/c10.lib" "${LIBTORCH_LIBRARY_DIR}/torch_cpu.lib")
else()
  target_link_libraries(libtorch INTERFACE
    "${LIBTORCH_LIBRARY_DIR}/libc10${CMAKE_SHARED_LIBRARY_SUFFIX}"
    "${LIBTORCH_LIBRARY_DIR}/libtorch_cpu${CMAKE_SHARED_LIBRARY_SUFFIX}")
  if(NOT APPLE)
    # Where the linker finds libtorch_cpu's own dependencies (libgomp). Not recorded in the shim.
    target_link_options(libtorch INTERFACE "-Wl,-rpath-link,${LIBTORCH_LIBRARY_DIR}")
  endif()
endif()

# For Maven: tests and examples use the very libtorch the shim was built against.
file(CONFIGURE OUTPUT "${CMAKE_SOURCE_DIR}/native/target/libtorch-home.txt"
     CONTENT "@LIBTORCH_HOME_RESOLVED@\n" @ONLY)
file(CONFIGURE OUTPUT "${CMAKE_SOURCE_DIR}/native/target/libtorch.properties"
     CONTENT "pantorch.libtorch.home=@LIBTORCH_HOME_RESOLVED@\n" @ONLY)
