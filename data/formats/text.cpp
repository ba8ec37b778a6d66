// SPDX-License-Identifier: Apache-2.0
#include "data/formats/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "data/file_recorder.h"

namespace sweepmark {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

template <class Number>
bool parse_whole(std::string_view word, Number& out) {
  if (word.starts_with('+')) word.remove_prefix(1);
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), out);
  return failure == std::errc{} && end == word.data() + word.size();
}

}  // namespace

Result<std::string> read_file(const fs::path& path) {
  std::error_code failure;
  if (fs::is_directory(path, failure)) return Error{fmt::format("expected a file, got a folder: {}", path.string())};
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{fmt::format("cannot open ({}): {}", std::strerror(errno), path.string())};
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (file.bad()) return Error{fmt::format("cannot read: {}", path.string())};
  FileRecorder::note(path, content);
  return content;
}

std::string read_head(const std::filesystem::path& path, std::size_t bytes) {
  std::string head(bytes, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(bytes));
  head.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, in.gcount())));
  FileRecorder::note(path, head);
  return head;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(blanks) != std::string_view::npos) lines.push_back({number, line});
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return lines;
}

Result<std::vector<Line>> rows_by_frame(std::string_view text, const std::filesystem::path& file) {
  std::vector<Line> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].number != i + 1)
      return Error{fmt::format("{}: expected the row of frame {}, got a blank line with rows behind it",
                               at_line(file, i + 1), i)};
  }
  return lines;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    text.remove_prefix(end);
  }
}

bool parse_number(std::string_view word, double& out) { return parse_whole(word, out) && std::isfinite(out); }
bool parse_number(std::string_view word, std::int64_t& out) { return parse_whole(word, out); }

bool parse_time(std::string_view word, std::int64_t& nanoseconds, int digits) {
  const bool negative = word.starts_with('-');
  if (negative) word.remove_prefix(1);
  const std::size_t dot = std::min(word.find('.'), word.size());
  std::string decimals(word.substr(std::min(dot + 1, word.size())));
  if (decimals.find_first_not_of("0123456789") != std::string::npos) return false;
  decimals.resize(static_cast<std::size_t>(digits), '0');
  std::int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  std::int64_t whole = 0, rest = 0;
  if (word.substr(0, dot).find_first_not_of("0123456789") != std::string_view::npos ||
      !parse_number(word.substr(0, dot), whole) || !parse_number(decimals, rest) || whole >= INT64_MAX / scale)
    return false;
  nanoseconds = whole * scale + rest;
  if (negative) nanoseconds = -nanoseconds;
  return true;
}

std::string seconds_text(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const auto magnitude =
      negative ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
  constexpr std::uint64_t second = 1'000'000'000;
  std::string text = fmt::format("{}{}.{:09}", negative ? "-" : "", magnitude / second, magnitude % second);
  text.resize(std::max(text.find_last_not_of('0') + 1, text.find('.') + 2));
  return text;
}

std::string shortest(double value) { return fmt::format("{}", value); }

double rounded(double value, int decimals) {
  // Through text: multiplying and dividing would not give the double nearest to the decimal number.
  const double exact = std::strtod(fmt::format("{:.{}f}", value, decimals).c_str(), nullptr);
  return exact == 0 ? 0.0 : exact;  // no minus in front of zero
}

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const fs::path& file) {
  std::vector<CsvRow> rows;
  std::size_t line = 1, begin = 0, at = 0;
  CsvRow row{line, {}, {""}};
  bool quoted = false;
  const auto end_row = [&](std::size_t end) {
    row.text = text.substr(begin, end - begin);
    if (row.text.ends_with('\r')) {
      row.text.remove_suffix(1);
      if (row.cells.back().ends_with('\r')) row.cells.back().pop_back();
    }
    if (!row.text.empty()) rows.push_back(std::move(row));
    begin = end + 1;
    row = {line, {}, {""}};
  };
  for (; at < text.size(); ++at) {
    const char c = text[at];
    line += c == '\n';
    if (quoted) {
      if (c != '"') {
        row.cells.back() += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        row.cells.back() += text[++at];
      } else {
        quoted = false;
      }
    } else if (c == '"' && row.cells.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      row.cells.emplace_back();
    } else if (c == '\n') {
      end_row(at);
    } else {
      row.cells.back() += c;
    }
  }
  if (quoted)
    return Error{
        fmt::format("{}: expected the end of a quoted cell, got the end of the file", at_line(file, row.line))};
  end_row(at);
  return rows;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

Result<std::vector<double>> parse_numbers(std::string_view text, std::size_t least, const std::string& place) {
  std::vector<double> numbers;
  for (const std::string_view word : words_of(text)) {
    double number = 0;
    if (!parse_number(word, number)) return Error{fmt::format("{}: expected a finite number, got \"{}\"", place, word)};
    numbers.push_back(number);
  }
  if (numbers.size() < least)
    return Error{fmt::format("{}: expected {} numbers, got {}", place, least, numbers.size())};
  return numbers;
}

std::string at_line(const fs::path& file, std::size_t number) {
  return fmt::format("{}, line {}", file.string(), number);
}

}  // namespace sweepmark
