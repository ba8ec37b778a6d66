// SPDX-License-Identifier: Apache-2.0
//
// Small help for readers of text files: whole files, lines with their numbers, numbers that say what is wrong with
// them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// The whole content of a file. The error names it.
Result<std::string> read_file(const std::filesystem::path& path);

struct Line {
  std::size_t number = 0;  ///< from 1
  std::string_view text;   ///< without the line end
};

/// Lines that hold more than blanks. The views point into `text`.
std::vector<Line> lines_of(std::string_view text);

/// Words between blanks.
std::vector<std::string_view> words_of(std::string_view text);

/// A finite number that is the whole word, or nothing.
bool parse_number(std::string_view word, double& out);
bool parse_number(std::string_view word, std::int64_t& out);

/// Numbers of a line. Errors: fewer than `least`, a word that is no finite number; `place` is put in front.
Result<std::vector<double>> parse_numbers(std::string_view text, std::size_t least, const std::string& place);

/// "file, line 7"
std::string at_line(const std::filesystem::path& file, std::size_t number);

}  // namespace sweepmark
