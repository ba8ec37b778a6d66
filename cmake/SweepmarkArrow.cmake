# SPDX-License-Identifier: Apache-2.0
# Arrow's C++ library comes with the pyarrow wheel (Debian 12 has no libarrow-dev). scripts/setup.sh puts it into .venv;
# -DSWEEPMARK_ARROW_ROOT=... points elsewhere. Makes the target sweepmark::arrow; its licence is
# in SWEEPMARK_ARROW_LICENCES.
set(SWEEPMARK_ARROW_ROOT "" CACHE PATH "Folder of pyarrow (holds include/ and libarrow.so.*)")
if(NOT SWEEPMARK_ARROW_ROOT)
  file(GLOB arrow_candidates ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/pyarrow)
  # A wheel is built by an interpreter that has it (pyproject.toml).
  if(NOT arrow_candidates AND Python_EXECUTABLE)
    execute_process(COMMAND ${Python_EXECUTABLE} -c "import pyarrow, os; print(os.path.dirname(pyarrow.__file__))"
      OUTPUT_STRIP_TRAILING_WHITESPACE OUTPUT_VARIABLE arrow_candidates ERROR_QUIET)
  endif()
  list(LENGTH arrow_candidates found)
  if(found EQUAL 0)
    message(FATAL_ERROR "Arrow was not found in .venv: run scripts/setup.sh, or set SWEEPMARK_ARROW_ROOT")
  endif()
  list(GET arrow_candidates 0 SWEEPMARK_ARROW_ROOT)
endif()
file(GLOB arrow_library ${SWEEPMARK_ARROW_ROOT}/libarrow.so.*)
list(GET arrow_library 0 arrow_library)
add_library(sweepmark::arrow SHARED IMPORTED GLOBAL)
set_target_properties(sweepmark::arrow PROPERTIES IMPORTED_LOCATION ${arrow_library})
target_include_directories(sweepmark::arrow SYSTEM INTERFACE ${SWEEPMARK_ARROW_ROOT}/include)
# A wheel keeps them beside the package, a copy of one's own in it.
foreach(folder ${SWEEPMARK_ARROW_ROOT}/../pyarrow-*.dist-info/licenses ${SWEEPMARK_ARROW_ROOT}/../pyarrow-*.dist-info ${SWEEPMARK_ARROW_ROOT})
  file(GLOB SWEEPMARK_ARROW_LICENCES ${folder}/LICENSE.txt ${folder}/NOTICE.txt)
  if(SWEEPMARK_ARROW_LICENCES)
    break()
  endif()
endforeach()
if(NOT SWEEPMARK_ARROW_LICENCES)
  message(FATAL_ERROR "Arrow's LICENSE.txt was not found in ${SWEEPMARK_ARROW_ROOT} or beside it: the library is not installed without it")
endif()
message(STATUS "sweepmark: Arrow from ${SWEEPMARK_ARROW_ROOT}")
