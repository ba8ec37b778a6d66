// SPDX-License-Identifier: Apache-2.0
#include "viewer/editor/track_order.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace sweepmark::editor {

bool id_before(std::string_view a, std::string_view b) {
  std::int64_t x = 0, y = 0;
  const auto is_number = [](std::string_view text, std::int64_t& value) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() && read.ptr == text.data() + text.size();
  };
  const bool a_number = is_number(a, x), b_number = is_number(b, y);
  if (a_number != b_number) return a_number;
  return a_number ? x < y : a < b;
}

std::vector<std::size_t> tracks_by_id(const LabelSet& labels) {
  std::vector<std::size_t> order(labels.tracks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(
      order, [&](std::size_t a, std::size_t b) { return id_before(labels.tracks[a].id, labels.tracks[b].id); });
  return order;
}

}  // namespace sweepmark::editor
