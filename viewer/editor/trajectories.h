// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "data/scene.h"
#include "viewer/editor/document.h"
#include "viewer/editor/scene_lines.h"

namespace sweepmark::editor {

/// Where an object goes: the middle of its bottom face in each frame in which it is there, joined; parts before and
/// after an absence are not. \param local_from_world  of the points that are drawn
void add_trajectory(std::vector<LineSegment>& lines, const Document& document, std::size_t track, const Scene& scene,
                    const Pose& local_from_world, Rgba colour, double width_px);

/// Where the ego vehicle goes, over all frames.
void add_ego_path(std::vector<LineSegment>& lines, const Scene& scene, const Pose& local_from_world);

}  // namespace sweepmark::editor
