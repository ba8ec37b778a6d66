// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "viewer/editor/canvas/image_canvas.h"
#include "viewer/editor/commands.h"

namespace sweepmark::editor {

/// Two objects of a camera become one: `from` goes, class and attributes are those of `into`, and where only `from` is
/// seen, what changes over time is that of `from`. In each image where both are seen, their regions and boxes together;
/// where one is, that one; where none is, the object is absent. Keyframes are those of either, and one more on each
/// side of where an object comes or goes. If any is a mask, all regions are. Tracks of `from` in other cameras and in
/// 3D stay. \param canvas  the camera, and the size of its images \param images  times of the camera's images,
/// ascending Errors: no such object, one and the same, a mask of an image of another size, an outline beyond reach of
/// clipping.
Edit join_image_tracks(const LabelSet& labels, const ImageCanvas& canvas, std::span<const TimestampNs> images,
                       std::string_view into, std::string_view from);

}  // namespace sweepmark::editor
