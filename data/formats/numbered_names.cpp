// SPDX-License-Identifier: Apache-2.0
#include "data/formats/numbered_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "data/formats/scene_tools.h"
#include "data/formats/text.h"

namespace sweepmark {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits at a place, without zeros in front.
std::string_view digits_at(std::string_view text, std::size_t& at) {
  const std::size_t begin = at;
  while (at < text.size() && is_digit(text[at])) ++at;
  std::string_view digits = text.substr(begin, at - begin);
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

/// The last number of each name, where all else is the same in all of them.
std::optional<std::vector<std::int64_t>> numbers_of(std::span<const std::string> names) {
  std::vector<std::int64_t> numbers;
  std::string_view head, tail;
  for (const std::string& name : names) {
    const std::string_view text = name;
    const std::size_t end = text.find_last_of("0123456789");
    if (end == std::string_view::npos) return std::nullopt;
    std::size_t begin = end;
    while (begin > 0 && is_digit(text[begin - 1])) --begin;
    std::int64_t number = 0;
    if (!parse_number(text.substr(begin, end + 1 - begin), number)) return std::nullopt;
    if (numbers.empty()) head = text.substr(0, begin), tail = text.substr(end + 1);
    if (text.substr(0, begin) != head || text.substr(end + 1) != tail) return std::nullopt;
    if (!numbers.empty() && number <= numbers.back()) return std::nullopt;
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
  std::size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (is_digit(a[i]) && is_digit(b[j])) {
      const std::string_view x = digits_at(a, i), y = digits_at(b, j);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i, ++j;
    }
  }
  if (i < a.size() || j < b.size()) return j < b.size();
  return a < b;  // "1" and "01"
}

std::map<std::size_t, std::filesystem::path> numbered_files(const std::filesystem::path& folder,
                                                            std::initializer_list<std::string_view> suffixes) {
  std::map<std::size_t, std::filesystem::path> files;
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    std::int64_t number = 0;
    const std::string suffix = entry.path().extension().string();
    if (std::ranges::find(suffixes, suffix) != suffixes.end() && parse_number(entry.path().stem().string(), number) &&
        number >= 0)
      files[static_cast<std::size_t>(number)] = entry.path();
  }
  return files;
}

NameTimes times_of_names(std::span<const std::string> names) {
  constexpr std::int64_t largest = 1'000'000'000;  // seconds since 1970 begin there: no numbers of frames
  NameTimes out;
  const auto numbers = numbers_of(names);
  const bool is_numbered = numbers && !numbers->empty() && numbers->back() < largest;
  bool has_gaps = false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = is_numbered ? (*numbers)[i] - numbers->front() : static_cast<std::int64_t>(i);
    has_gaps = has_gaps || place != static_cast<std::int64_t>(i);
    out.times.push_back(place * numbered_frame_period);
  }
  out.note = has_gaps
                 ? "no times: the numbers of frames have gaps, and each is taken as 100 ms after the number before it"
                 : "no times: frames in the order of their names, 100 ms apart";
  return out;
}

}  // namespace sweepmark
