// SPDX-License-Identifier: Apache-2.0
#include "python/bindings/polygons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace sweepmark::python {
namespace {

constexpr std::array<std::string_view, 3> kind_names = {"area", "hole", "line"};

}  // namespace

Polygon polygon_of(nb::handle rings) {
  Polygon polygon;
  const nb::object pairs = nb::module_::import_("sweepmark._arrays").attr("as_rings")(rings);
  for (const nb::handle pair : pairs) {
    const auto name = nb::cast<std::string>(pair[0]);
    const auto* kind = std::ranges::find(kind_names, name);
    if (kind == kind_names.end())
      throw ArgumentError{fmt::format("a ring: expected 'area', 'hole' or 'line', got '{}'", name)};
    Buffer buffer;
    if (!buffer.take(pair[1])) throw ArgumentError{"a ring: expected n x 2 numbers"};
    const auto* vertices = static_cast<const Vec2d*>(buffer.view().buf);
    polygon.rings.push_back(
        {{vertices, vertices + buffer.view().shape[0]}, static_cast<RingKind>(kind - kind_names.begin())});
  }
  return polygon;
}

nb::list rings_of(const Polygon& polygon) {
  nb::list rings;
  for (const Ring& ring : polygon.rings)
    rings.append(nb::make_tuple(nb::str(kind_names[static_cast<std::size_t>(ring.kind)].data()),
                                array2<double>(std::vector<Vec2d>(ring.vertices))));
  return rings;
}

}  // namespace sweepmark::python
