// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "viewer/editor/image_labels.h"

namespace sweepmark::editor {

/// The place of another label, or of the image's border, that a vertex is meant to be at: the nearest vertex of an
/// outline or corner of a box within reach, else the nearest place on an edge of those.
std::optional<Vec2d> snapped(std::span<const ShownImageLabel> labels, const ImageCanvas& canvas, Vec2d at);

}  // namespace sweepmark::editor
