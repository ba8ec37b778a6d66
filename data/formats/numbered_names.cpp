// SPDX-License-Identifier: Apache-2.0
#include "data/formats/numbered_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

/// A name as its runs of digits and the text around them.
struct NameParts {
  std::vector<std::string_view> digits;
  std::string text;  ///< with a '0' for each run
};
NameParts parts_of(std::string_view name) {
  NameParts parts;
  for (std::size_t at = 0; at < name.size();) {
    if (!is_digit(name[at])) {
      parts.text += name[at++];
      continue;
    }
    const std::size_t begin = at;
    while (at < name.size() && is_digit(name[at])) ++at;
    parts.digits.push_back(name.substr(begin, at - begin));
    parts.text += '0';
  }
  return parts;
}

/// The one number in which names differ, where it grows and all else is the same: "1_lidar0", "2_lidar0". Nothing where
/// a number in them is beyond those of frames: it is a time of some unit.
std::optional<std::vector<std::int64_t>> numbers_of(std::span<const std::string> names) {
  constexpr std::int64_t largest = 1'000'000'000;  // seconds since 1970 begin there
  std::vector<NameParts> parts;
  for (const std::string& name : names) parts.push_back(parts_of(name));
  if (parts.empty() || parts.front().digits.empty()) return std::nullopt;
  std::optional<std::size_t> differing;
  const NameParts& first = parts.front();
  for (const NameParts& other : parts) {
    if (other.text != first.text) return std::nullopt;
    for (std::size_t i = 0; i < first.digits.size(); ++i) {
      std::int64_t number = 0;
      if (!parse_number(other.digits[i], number) || number >= largest) return std::nullopt;
      if (other.digits[i] == first.digits[i]) continue;
      if (differing && *differing != i) return std::nullopt;
      differing = i;
    }
  }
  std::vector<std::int64_t> numbers;
  for (const NameParts& part : parts) {
    std::int64_t number = 0;
    parse_number(part.digits[differing.value_or(0)], number);
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

NameTimes times_of_names(std::span<const std::string> names, double frames_per_second) {
  NameTimes out;
  const auto numbers = numbers_of(names);
  bool has_gaps = false;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = numbers ? (*numbers)[i] - numbers->front() : static_cast<std::int64_t>(i);
    has_gaps = has_gaps || place != static_cast<std::int64_t>(i);
    out.times.push_back(frames_per_second == 0 ? place * numbered_frame_period
                                               : static_cast<TimestampNs>(std::llround(static_cast<double>(place) *
                                                                                       1e9 / frames_per_second)));
  }
  const std::string period = frames_per_second == 0
                                 ? "100 ms"
                                 : fmt::format("{} s (--frame-rate {})", 1 / frames_per_second, frames_per_second);
  out.note = has_gaps ? fmt::format(
                            "no times: the numbers of frames have gaps, and each is taken as {} after the "
                            "number before it",
                            period)
                      : fmt::format("no times: frames in the order of their names, {} apart", period);
  return out;
}

}  // namespace sweepmark
