// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sweepmark::testing_support {

struct ProgramResult {
  int status = -1;  ///< exit status; 128 + signal when a signal ended it
  std::string out, err;
};

/// Runs the built `sweepmark` with these arguments; nothing passes through a shell.
/// \param words  the program's path and its arguments
ProgramResult run_program(std::vector<std::string> words);
/// The same, but sends `signal` as soon as `is_ready` says so.
ProgramResult run_program_until(std::vector<std::string> words, const std::function<bool()>& is_ready, int signal);
ProgramResult run_sweepmark(const std::vector<std::string>& arguments);

}  // namespace sweepmark::testing_support
