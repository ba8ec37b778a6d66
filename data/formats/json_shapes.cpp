// SPDX-License-Identifier: Apache-2.0
#include "data/formats/json_shapes.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "geometry/mask_convert.h"

namespace sweepmark::json {

Ring ring_of(const Json& list, const std::string& where) {
  if (!list.is_array() || list.size() % 2 != 0) fail(where, "pairs of x and y");
  Ring ring;
  for (std::size_t i = 0; i < list.size(); i += 2)
    ring.vertices.push_back({number(list[i], where), number(list[i + 1], where)});
  return ring;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> edges_of(const Json& holder, const char* list, std::size_t points,
                                                              const std::string& where,
                                                              std::vector<std::string>& notes) {
  double first = 1;
  each(holder, list, where, [&](const Json& edge, const std::string& at) {
    for (const double end : numbers<2>(edge, at)) first = end == 0 ? 0 : first;
  });
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  each(holder, list, where, [&](const Json& edge, const std::string& at) {
    const auto ends = numbers<2>(edge, at);
    for (const double end : ends) {
      if (!(end >= first && end < static_cast<double>(points) + first) || end != std::floor(end))
        fail(at, first == 0 && points > 0 ? fmt::format("numbers of points from 0 to {}, since a 0 occurs", points - 1)
                                          : fmt::format("numbers of points from 1 to {}", points));
    }
    edges.emplace_back(static_cast<std::uint32_t>(ends[0] - first), static_cast<std::uint32_t>(ends[1] - first));
  });
  if (first == 0)
    notes.push_back(fmt::format("{}/{} counts points from 0, where the format counts from 1", where, list));
  return edges;
}

Json list_of(const Ring& ring) {
  Json list = Json::array();
  for (const Vec2d& v : ring.vertices) {
    list.push_back(v.x);
    list.push_back(v.y);
  }
  return list;
}

Mask mask_of(const Json& rle, const std::string& where) {
  const Json& size = member(rle, "size", where);
  if (!size.is_array() || size.size() != 2) fail(where + "/size", "a height and a width");
  const auto pixels = [&](std::size_t i) {
    const std::int64_t count = integer(size[i], where + "/size");
    if (count < 0 || count > 0xFFFFFFFFLL) fail(where + "/size", "a height and a width");
    return static_cast<std::uint32_t>(count);
  };
  const std::uint32_t height = pixels(0), width = pixels(1);
  const Json& counts = member(rle, "counts", where);
  Result<Mask> mask = Error{};
  if (counts.is_string()) {
    mask = from_coco_text(width, height, counts.get_ref<const std::string&>());
  } else {
    std::vector<std::uint32_t> runs;
    for (const Json& run : array(counts, where + "/counts")) {
      const std::int64_t length = integer(run, where + "/counts");
      if (length < 0 || length > 0xFFFFFFFFLL) fail(where + "/counts", "lengths of runs");
      runs.push_back(static_cast<std::uint32_t>(length));
    }
    mask = Mask::from_runs(width, height, runs);
  }
  if (!mask) fail(where + "/counts", "the runs of a mask (" + mask.error().message + ")");
  return *std::move(mask);
}

Json rle_of(const Mask& mask) { return {{"size", {mask.height(), mask.width()}}, {"counts", to_coco_text(mask)}}; }

}  // namespace sweepmark::json
