# SPDX-License-Identifier: Apache-2.0
# Arrow's C++ library comes with the pyarrow wheel (Debian 12 has no libarrow-dev). scripts/setup.sh puts it into .venv;
# -DSWEEPMARK_ARROW_ROOT=... points elsewhere. Makes the target sweepmark_arrow.
set(SWEEPMARK_ARROW_ROOT "" CACHE PATH "Folder of pyarrow (holds include/ and libarrow.so.*)")
if(NOT SWEEPMARK_ARROW_ROOT)
  file(GLOB arrow_candidates ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/pyarrow)
  list(LENGTH arrow_candidates found)
  if(found EQUAL 0)
    message(FATAL_ERROR "Arrow was not found in .venv: run scripts/setup.sh, or set SWEEPMARK_ARROW_ROOT")
  endif()
  list(GET arrow_candidates 0 SWEEPMARK_ARROW_ROOT)
endif()
file(GLOB arrow_library ${SWEEPMARK_ARROW_ROOT}/libarrow.so.*)
list(GET arrow_library 0 arrow_library)
add_library(sweepmark_arrow SHARED IMPORTED GLOBAL)
set_target_properties(sweepmark_arrow PROPERTIES IMPORTED_LOCATION ${arrow_library})
target_include_directories(sweepmark_arrow SYSTEM INTERFACE ${SWEEPMARK_ARROW_ROOT}/include)
message(STATUS "sweepmark: Arrow from ${SWEEPMARK_ARROW_ROOT}")
