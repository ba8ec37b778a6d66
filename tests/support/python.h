// SPDX-License-Identifier: Apache-2.0
//
// Independent readers from PyPI, run by the project's own virtual environment (scripts/setup.sh).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sweepmark::testing_support {

/// Whether .venv is there and has the module.
bool python_has(const std::string& module);

struct PythonRun {
  int status = -1;
  std::string output;  ///< standard output and error
};
/// Runs tests/support/python/SCRIPT with arguments.
PythonRun run_python(const std::string& script, const std::vector<std::string>& arguments);

}  // namespace sweepmark::testing_support

/// Skips (fails where real data is required, as in CI) when the virtual environment has no such module.
#define SWEEPMARK_NEED_PYTHON(module)                                                                        \
  if (!::sweepmark::testing_support::python_has(module)) {                                                   \
    if (::sweepmark::testing_support::data_required()) FAIL() << "required, but not in .venv: " << (module); \
    GTEST_SKIP() << "no " << (module) << " in .venv (scripts/setup.sh installs it)";                         \
  }
