// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "viewer/editor/document.h"
#include "viewer/editor/view_camera.h"

namespace sweepmark::editor {

/// Where a ray enters a cuboid (0 when it begins inside), as a distance along it.
/// Source: Kay and Kajiya, Ray Tracing Complex Scenes (1986): slabs.
std::optional<double> enters(const Ray& ray, const Cuboid& cuboid);

/// The object that a click means: the smallest one that the clicked point is in; else the first that the ray enters.
/// \param objects  frame world  \param point  frame world; what the pixel shows, if anything
/// \return index into `objects`
std::optional<std::size_t> pick_object(std::span<const ShownCuboid> objects, const Ray& ray,
                                       const std::optional<Vec3d>& point);

}  // namespace sweepmark::editor
