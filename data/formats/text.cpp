// SPDX-License-Identifier: Apache-2.0
#include "data/formats/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>

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
  return content;
}

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(blanks) != std::string_view::npos) lines.push_back({number, line});
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
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
