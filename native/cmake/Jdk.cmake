# Finds a JDK 25 or newer for the operator generator: PANTORCH_JAVA, else JAVA_HOME (Maven sets it to its
# toolchain's JDK), PATH and the usual folders. Sets PANTORCH_JAVA to the path of its `java`.
set(PANTORCH_JAVA_MINIMUM 25)
set(PANTORCH_JAVA "" CACHE FILEPATH "The java launcher of a JDK ${PANTORCH_JAVA_MINIMUM} or newer")

# The feature version of the JDK that `java` belongs to, or 0.
function(pantorch_jdk_version java out)
  set(${out} 0 PARENT_SCOPE)
  file(REAL_PATH "${java}" real)
  get_filename_component(bin "${real}" DIRECTORY)
  get_filename_component(home "${bin}" DIRECTORY)
  if(EXISTS "${home}/release" AND (EXISTS "${bin}/javac" OR EXISTS "${bin}/javac.exe"))
    file(STRINGS "${home}/release" line REGEX "^JAVA_VERSION=" LIMIT_COUNT 1)
    if(line MATCHES "\"([0-9]+)")
      set(${out} "${CMAKE_MATCH_1}" PARENT_SCOPE)
    endif()
  endif()
endfunction()

if(PANTORCH_JAVA)
  pantorch_jdk_version("${PANTORCH_JAVA}" version)
  if(version LESS PANTORCH_JAVA_MINIMUM)
    # Named wrongly, or removed since the last configuration.
    message(STATUS "${PANTORCH_JAVA} is not of a JDK ${PANTORCH_JAVA_MINIMUM} or newer; looking for another")
    set(PANTORCH_JAVA "")
  endif()
endif()
if(NOT PANTORCH_JAVA)
  find_program(path_java NAMES java NO_CACHE)
  file(GLOB folder_javas
    /usr/lib/jvm/*/bin/java /opt/*/bin/java /Library/Java/JavaVirtualMachines/*/Contents/Home/bin/java
    "$ENV{HOME}/.sdkman/candidates/java/*/bin/java" "$ENV{HOME}/.jdks/*/bin/java"
    "$ENV{ProgramFiles}/*/jdk*/bin/java.exe")
  set(tried "")
  foreach(java IN ITEMS "$ENV{JAVA_HOME}/bin/java" "${path_java}" LISTS folder_javas)
    if(EXISTS "${java}")
      pantorch_jdk_version("${java}" version)
      if(version GREATER_EQUAL PANTORCH_JAVA_MINIMUM)
        set(PANTORCH_JAVA "${java}" CACHE FILEPATH "" FORCE)
        break()
      endif()
      string(APPEND tried "\n    ${java} (version ${version})")
    endif()
  endforeach()
endif()
if(NOT PANTORCH_JAVA)
  message(FATAL_ERROR "No JDK found for the operator generator.\n  found:  ${tried}\n"
    "  wanted: a JDK ${PANTORCH_JAVA_MINIMUM} or newer\n"
    "  remedy: install one, or name it with JAVA_HOME or -DPANTORCH_JAVA=JDK/bin/java")
endif()
message(STATUS "JDK for the generator: ${PANTORCH_JAVA}")
