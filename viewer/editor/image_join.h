// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "viewer/editor/canvas/image_canvas.h"
#include "viewer/editor/commands.h"

namespace sweepmark::editor {

/// Two objects of a camera become one: `from` goes, class and attributes are those of `into`. Keyframes at the times of
/// either; where both are seen, their regions and boxes together, where one is, that one. If any is a mask, all are. It
/// is absent where one of them was, unless the other is seen then.
/// \param canvas  the camera, and the size of its images
/// Errors: no such object, one and the same, a mask of an image of another size.
Edit join_image_tracks(const LabelSet& labels, const ImageCanvas& canvas, std::string_view into, std::string_view from);

}  // namespace sweepmark::editor
