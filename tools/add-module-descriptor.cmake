# Adds module-info.class to a jar, where it is missing or older: Maven may run on a JDK that cannot read it.
# Leaves the jar untouched otherwise, since a jar with a new time makes every module behind it compile anew.
#
#   cmake -DJAR=FILE -DCLASSES=DIR -DDATE=TIMESTAMP -P add-module-descriptor.cmake
cmake_minimum_required(VERSION 3.24)
set(stamp "${JAR}.described")
# IS_NEWER_THAN holds for equal times too, and when the second file does not exist.
if("${JAR}" IS_NEWER_THAN "${stamp}" OR "${CLASSES}/module-info.class" IS_NEWER_THAN "${stamp}")
  execute_process(
    COMMAND "$ENV{JAVA_HOME}/bin/jar" --update "--date=${DATE}" "--file=${JAR}" -C "${CLASSES}" module-info.class
    COMMAND_ERROR_IS_FATAL ANY)
  # Later than the jar even where file times are coarse.
  execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 0.02)
  file(TOUCH "${stamp}")
endif()
