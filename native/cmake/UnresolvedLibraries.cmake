# Prints the libraries that LIBRARY needs, directly or not, and that are not to be found.
cmake_minimum_required(VERSION 3.24)
file(GET_RUNTIME_DEPENDENCIES LIBRARIES "${LIBRARY}"
     RESOLVED_DEPENDENCIES_VAR resolved UNRESOLVED_DEPENDENCIES_VAR unresolved)
list(JOIN unresolved ", " unresolved)
execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${unresolved}")
