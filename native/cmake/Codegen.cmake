# Runs the operator generator (plain Java, native/codegen) over libtorch's headers, at configure time: only
# the generator knows how many files it writes. Runs again when one of its sources or the libtorch changes;
# it leaves files whose content is the same untouched, so nothing is compiled again without need.
#
# Sets PANTORCH_GENERATED_SOURCES, the C++ files for the shim. The Java files go to PANTORCH_GENERATED_JAVA.
set(PANTORCH_GENERATED_JAVA "${CMAKE_SOURCE_DIR}/native/target/generated/java" CACHE PATH
    "Where the generated Java operator sources go")
set(PANTORCH_GENERATED_CPP "${CMAKE_BINARY_DIR}/generated")

set(codegen_root "${CMAKE_SOURCE_DIR}/native/codegen/src/main/java")
file(GLOB_RECURSE codegen_sources CONFIGURE_DEPENDS "${codegen_root}/*.java")
file(GLOB_RECURSE codegen_resources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/native/codegen/src/main/resources/*")
if(codegen_sources)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${codegen_sources} ${codegen_resources})
  set(codegen_state "${LIBTORCH_HOME_RESOLVED}\n")
  foreach(source IN LISTS codegen_sources codegen_resources)
    file(SHA256 "${source}" hash)
    string(APPEND codegen_state "${hash} ${source}\n")
  endforeach()
  set(codegen_stamp "${CMAKE_BINARY_DIR}/codegen.stamp")
  set(codegen_last "")
  if(EXISTS "${codegen_stamp}" AND EXISTS "${PANTORCH_GENERATED_JAVA}")
    file(READ "${codegen_stamp}" codegen_last)
  endif()
  if(NOT codegen_state STREQUAL codegen_last)
    message(STATUS "Generating operators")
    set(codegen_classes "${CMAKE_BINARY_DIR}/codegen-classes")
    file(REMOVE_RECURSE "${codegen_classes}")
    get_filename_component(jdk_bin "${PANTORCH_JAVA}" DIRECTORY)
    execute_process(
      COMMAND "${jdk_bin}/javac" -proc:none -Xlint:all -Werror -encoding UTF-8 -d "${codegen_classes}" ${codegen_sources}
      COMMAND_ERROR_IS_FATAL ANY)
    if(codegen_resources)
      file(COPY "${CMAKE_SOURCE_DIR}/native/codegen/src/main/resources/" DESTINATION "${codegen_classes}")
    endif()
    execute_process(
      COMMAND "${PANTORCH_JAVA}" -cp "${codegen_classes}" dev.pantorch.codegen.Main
              --headers "${LIBTORCH_INCLUDE_DIR}"
              --cpp-out "${PANTORCH_GENERATED_CPP}" --java-out "${PANTORCH_GENERATED_JAVA}"
      COMMAND_ERROR_IS_FATAL ANY)
    file(WRITE "${codegen_stamp}" "${codegen_state}")
  endif()
  file(GLOB PANTORCH_GENERATED_SOURCES "${PANTORCH_GENERATED_CPP}/*.cpp")
else()
  set(PANTORCH_GENERATED_SOURCES "")
endif()
