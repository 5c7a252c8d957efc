# Provisioning of libtorch, with archives and wheels made here: nothing is downloaded.
#
#   cmake -DWORK=DIR -DREAL_HOME=LIBTORCH -DSHIM=libpantorch.so -P provision_test.cmake
cmake_minimum_required(VERSION 3.24)
include("${CMAKE_CURRENT_LIST_DIR}/../cmake/LibtorchProvision.cmake")
set(PANTORCH_LIBTORCH_VERSION 2.13.0)
file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
file(REAL_PATH "${WORK}" WORK)

function(expect_equal actual expected)
  if(NOT "${actual}" STREQUAL "${expected}")
    message(FATAL_ERROR "expected\n[${expected}]\nbut was\n[${actual}]")
  endif()
endfunction()

function(expect_contains actual expected)
  string(FIND "${actual}" "${expected}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "expected\n[${actual}]\nto contain\n[${expected}]")
  endif()
endfunction()

# A folder that passes for a libtorch: a real library under each name, headers of the given version.
function(make_libtorch home library minor)
  pantorch_libtorch_files(files)
  foreach(file IN LISTS files)
    cmake_path(GET file PARENT_PATH folder)
    file(MAKE_DIRECTORY "${home}/${folder}")
    file(COPY_FILE "${library}" "${home}/${file}")
  endforeach()
  file(WRITE "${home}/include/torch/headeronly/version.h"
       "#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR ${minor}\n#define TORCH_VERSION_PATCH 0\n")
  file(MAKE_DIRECTORY "${home}/share")
  file(WRITE "${home}/share/readme" "\n")
  file(WRITE "${home}/version.py" "__version__ = '2.${minor}.0+cpu'\n")
endfunction()

# A wheel that pip takes for torch, around the folder `torch` in `tree`.
function(make_wheel tree folder)
  set(info torch-2.13.0+cpu.dist-info)
  file(WRITE "${tree}/${info}/METADATA" "Metadata-Version: 2.1\nName: torch\nVersion: 2.13.0+cpu\n")
  file(WRITE "${tree}/${info}/WHEEL"
       "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n")
  file(WRITE "${tree}/${info}/RECORD" "")
  file(MAKE_DIRECTORY "${folder}")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E tar cf "${folder}/torch-2.13.0+cpu-py3-none-any.whl" --format=zip
            torch ${info}
    WORKING_DIRECTORY "${tree}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Provisions in a process of its own, as a build does, with an empty cache and no package registry.
file(WRITE "${WORK}/provision.cmake" "
  cmake_minimum_required(VERSION 3.24)
  include(\"${CMAKE_CURRENT_LIST_DIR}/../cmake/LibtorchProvision.cmake\")
  set(PANTORCH_LIBTORCH_VERSION 2.13.0)
  pantorch_provision_libtorch(cpu home)
  message(STATUS \"home: \${home}\")
")
set(provision "${CMAKE_COMMAND}" -E env "XDG_CACHE_HOME=${WORK}/cache" "HOME=${WORK}" "LOCALAPPDATA=${WORK}/cache"
    PIP_NO_INDEX=1 PIP_CONFIG_FILE=/dev/null "PIP_FIND_LINKS=${WORK}/wheels"
    "LIBTORCH_URL=file://${WORK}/official.zip" "${CMAKE_COMMAND}" -P "${WORK}/provision.cmake")
set(ENV{XDG_CACHE_HOME} "${WORK}/cache")
set(ENV{HOME} "${WORK}")
set(ENV{LOCALAPPDATA} "${WORK}/cache")
pantorch_cache_dir(cache)
set(home "${cache}/libtorch/2.13.0-cpu")

pantorch_libtorch_files(files)
list(GET files 0 c10)

# --- A libtorch that somebody names.
pantorch_check_libtorch("${WORK}/nowhere" problem)
expect_equal("${problem}" "libtorch cannot be used.\n  path:   ${WORK}/nowhere\n  found:  no such folder\n\
  wanted: libtorch 2.13.0 with its lib and include folders\n")

make_libtorch("${WORK}/old" "${REAL_HOME}/${c10}" 12)
pantorch_check_libtorch("${WORK}/old" problem)
expect_equal("${problem}" "libtorch cannot be used.\n  path:   ${WORK}/old\n  found:  libtorch 2.12.0\n\
  wanted: libtorch 2.13.0 with its lib and include folders\n")

file(REMOVE "${WORK}/old/${c10}" "${WORK}/old/include/ATen/Operators.h")
pantorch_check_libtorch("${WORK}/old" problem)
expect_equal("${problem}" "libtorch cannot be used.\n  path:   ${WORK}/old\n\
  found:  no ${c10}, include/ATen/Operators.h\n\
  wanted: libtorch 2.13.0 with its lib and include folders\n")

pantorch_check_libtorch("${REAL_HOME}" problem)
expect_equal("${problem}" "")

# --- Neither the archive nor a wheel can be had.
file(MAKE_DIRECTORY "${WORK}/wheels")
execute_process(COMMAND ${provision} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE error)
expect_equal("${code}" 1)
expect_contains("${error}" "libtorch could not be fetched.")
expect_contains("${error}" "path:   ${home}\n")
expect_contains("${error}" "archive: file://${WORK}/official.zip: ")
expect_contains("${error}" "-m pip download torch==2.13.0: ERROR: ")
expect_contains("${error}" "wanted: libtorch 2.13.0 (cpu)\n")
expect_contains("${error}" "remedy: unpack libtorch 2.13.0 by hand and set LIBTORCH_HOME")

# --- A wheel that needs libraries of other packages: the shim in libtorch's place needs libtorch.
if(CMAKE_HOST_SYSTEM_NAME STREQUAL "Linux")
  make_libtorch("${WORK}/cuda/torch" "${SHIM}" 13)
  make_wheel("${WORK}/cuda" "${WORK}/wheels")
  execute_process(COMMAND ${provision} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE error)
  expect_equal("${code}" 1)
  expect_contains("${error}" "wheel: fetched, but it needs what this machine lacks: ")
endif()

# --- The wheel; two builds at once share one download.
make_libtorch("${WORK}/cpu/torch" "${REAL_HOME}/${c10}" 13)
make_wheel("${WORK}/cpu" "${WORK}/wheels")
# Several commands of one execute_process run at once, as a pipeline; so each keeps its output to itself.
list(JOIN provision "\" \"" command)
file(WRITE "${WORK}/quiet.cmake"
     "execute_process(COMMAND \"${command}\" OUTPUT_FILE \${LOG} ERROR_FILE \${LOG} COMMAND_ERROR_IS_FATAL ANY)\n")
execute_process(COMMAND "${CMAKE_COMMAND}" "-DLOG=${WORK}/first.log" -P "${WORK}/quiet.cmake"
                COMMAND "${CMAKE_COMMAND}" "-DLOG=${WORK}/second.log" -P "${WORK}/quiet.cmake"
                RESULTS_VARIABLE codes)
expect_equal("${codes}" "0;0")
set(output "")
foreach(log IN ITEMS first second)
  file(READ "${WORK}/${log}.log" text)
  expect_contains("${text}" "-- home: ${home}\n")
  string(APPEND output "${text}")
endforeach()
string(REGEX MATCHALL "-- Unpacking libtorch" unpacked "${output}")
list(LENGTH unpacked count)
expect_equal("${count}" 1)
file(STRINGS "${home}/build-version" version)
expect_equal("${version}" "2.13.0+cpu")
file(GLOB left RELATIVE "${cache}/libtorch" "${cache}/libtorch/*")
expect_equal("${left}" "2.13.0-cpu;2.13.0-cpu.lock")

# --- From then on the cache serves, and a damaged one is named.
file(REMOVE_RECURSE "${WORK}/wheels")
execute_process(COMMAND ${provision} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
expect_equal("${output}" "-- home: ${home}\n")
file(REMOVE "${home}/${c10}")
execute_process(COMMAND ${provision} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE error)
expect_equal("${code}" 1)
expect_contains("${error}" "found:  no ${c10}\n")
expect_contains("${error}" "remedy: delete this folder; the next build fetches it again")

# --- The archive comes before the wheel, and a wrong one is not taken.
file(REMOVE_RECURSE "${home}")
make_libtorch("${WORK}/archive/libtorch" "${REAL_HOME}/${c10}" 13)
execute_process(COMMAND "${CMAKE_COMMAND}" -E tar cf "${WORK}/official.zip" --format=zip libtorch
                WORKING_DIRECTORY "${WORK}/archive" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${provision} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
expect_contains("${output}" "-- Downloading file://${WORK}/official.zip")
expect_contains("${output}" "home: ${home}")

file(REMOVE_RECURSE "${home}")
execute_process(COMMAND "${CMAKE_COMMAND}" -E env LIBTORCH_SHA256=00ff ${provision}
                RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE error)
file(SHA256 "${WORK}/official.zip" hash)
expect_equal("${code}" 1)
expect_contains("${error}" "The libtorch archive is not the expected one.")
expect_contains("${error}" "path:   file://${WORK}/official.zip\n")
expect_contains("${error}" "found:  SHA-256 ${hash}\n")
expect_contains("${error}" "wanted: SHA-256 00ff\n")

file(REMOVE_RECURSE "${WORK}/archive")
make_libtorch("${WORK}/archive/libtorch" "${REAL_HOME}/${c10}" 12)
execute_process(COMMAND "${CMAKE_COMMAND}" -E tar cf "${WORK}/official.zip" --format=zip libtorch
                WORKING_DIRECTORY "${WORK}/archive" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${provision} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE error)
expect_equal("${code}" 1)
expect_contains("${error}" "archive: fetched, but libtorch cannot be used.")
expect_contains("${error}" "found:  libtorch 2.12.0")

# --- A truncated archive.
file(WRITE "${WORK}/official.zip" "PK half an archive")
execute_process(COMMAND ${provision} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE error)
expect_equal("${code}" 1)
expect_contains("${error}" "archive: file://${WORK}/official.zip: the archive is damaged")
file(REMOVE_RECURSE "${WORK}")
