// SPDX-License-Identifier: Apache-2.0
//
// Small help for readers of text files: whole files, lines with their numbers, numbers that say what is wrong with
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/result.h"

namespace sweepmark {

/// The whole content of a file. The error names it.
Result<std::string> read_file(const std::filesystem::path& path);

/// The first bytes of a file, for recognising it; empty where it cannot be read.
std::string read_head(const std::filesystem::path& path, std::size_t bytes);

struct Line {
  std::size_t number = 0;  ///< from 1
  std::string_view text;   ///< without the line end
};

/// Lines that hold more than blanks. The views point into `text`.
std::vector<Line> lines_of(std::string_view text);

/// Lines of a table whose line i is that of frame i. Errors: a blank line with others behind it, which would give
/// frames the rows of others.
Result<std::vector<Line>> rows_by_frame(std::string_view text, const std::filesystem::path& file);

/// Words between blanks.
std::vector<std::string_view> words_of(std::string_view text);

/// A finite number that is the whole word, or nothing.
bool parse_number(std::string_view word, double& out);
bool parse_number(std::string_view word, std::int64_t& out);

/// Nanoseconds of a decimal number of seconds (or of another unit of 10^digits nanoseconds), digit by digit: a double
/// does not hold them all. Digits beyond a nanosecond are cut off. \return false for anything else, an exponent too
bool parse_time(std::string_view word, std::int64_t& nanoseconds, int digits = 9);

/// "1557539956.500022": the inverse, without trailing zeros after the first decimal.
std::string seconds_text(std::int64_t nanoseconds);

/// `value` in the shortest digits that read back as the same double.
std::string shortest(double value);

/// `value` rounded to so many decimals. A number that went through a change of frames or angles is written so: what is
/// written then reads back, through the same change, to the same digits.
double rounded(double value, int decimals);

struct CsvRow {
  std::size_t line = 0;   ///< from 1
  std::string_view text;  ///< as it is in the file, without the line end
  std::vector<std::string> cells;
};

/// Rows of comma-separated cells; a cell in double quotes may hold commas, line ends and doubled quotes.
/// Errors: a quote that does not end; `file` and line are named.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const std::filesystem::path& file);

/// The cell in quotes where it needs them.
std::string csv_cell(const std::string& text);

/// Numbers of a line. Errors: fewer than `least`, a word that is no finite number; `place` is put in front.
Result<std::vector<double>> parse_numbers(std::string_view text, std::size_t least, const std::string& place);

/// "file, line 7"
std::string at_line(const std::filesystem::path& file, std::size_t number);

}  // namespace sweepmark
