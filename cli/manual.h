// SPDX-License-Identifier: Apache-2.0
//
// The man page and the shell's completion, from the same descriptions as `--help`.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace sweepmark::cli {

/// The page sweepmark(1), for `man`.
std::string man_page(const CLI::App& program);

/// Words for bash: commands, their options, and the values of options that take one of a few.
std::string bash_completion(const CLI::App& program);

}  // namespace sweepmark::cli
