# SPDX-License-Identifier: Apache-2.0
# Warnings and sanitizers: used by our own targets, never exported.
add_library(sweepmark_build_flags INTERFACE)
target_compile_options(sweepmark_build_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align
    -Woverloaded-virtual -Wconversion -Wno-sign-conversion -Wdouble-promotion -Werror>
  $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings -Xcompiler=-Wall,-Wextra>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # False alarms of GCC 12 about std::string (GCC bugs 105329, 105651).
  target_compile_options(sweepmark_build_flags INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict -Wno-stringop-overflow -Wno-array-bounds>)
endif()
if(SWEEPMARK_SANITIZE)
  set(sanitize_flags -fsanitize=${SWEEPMARK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  # Everything of ours is built with them; the flag also goes to the linker.
  add_compile_options(${sanitize_flags})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's manual: sanitizers hide from it what is initialised, so that it warns of what is.
    target_compile_options(sweepmark_build_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized>)
  endif()
  add_link_options(${sanitize_flags})
endif()

# One library for a folder: sweepmark_library(kernels SOURCES ... PUBLIC ... PRIVATE ...) makes sweepmark::kernels.
function(sweepmark_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;HEADERS;PUBLIC;PRIVATE")
  add_library(sweepmark_${name} STATIC ${arg_SOURCES})
  add_library(sweepmark::${name} ALIAS sweepmark_${name})
  target_sources(sweepmark_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(sweepmark_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:sweepmark_build_flags>)
  set_target_properties(sweepmark_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(sweepmark_${name} PUBLIC cxx_std_20)
  set_property(GLOBAL APPEND PROPERTY SWEEPMARK_LIBRARIES sweepmark_${name})
endfunction()
