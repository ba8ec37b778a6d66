// SPDX-License-Identifier: Apache-2.0
//
// The region of an image label changed as a whole: put together, cut, cleaned. An outline stays an outline and a mask a
// mask; lines stay. A box that was the region's, within a pixel, goes with it; any other box stays.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "geometry/image_value.h"
#include "kernels/result.h"
#include "viewer/editor/canvas/image_canvas.h"

namespace sweepmark::editor {

/// A mask, or an outline with an area.
bool has_region(const ImageValue& value);
/// Its pixels in an image of that size: empty where it has none. Errors: a mask of an image of another size.
Result<Mask> region_mask(const ImageValue& value, const ImageCanvas& canvas);

/// Puts a mask in place of what region the value has. An empty mask leaves none.
void set_mask(ImageValue& value, Mask mask);

/// Errors of all that follow: a mask of an image of another size; vertices farther than 2^24 pixels away.

/// With what an outline encloses too: where there is no region, the outline is it.
Result<ImageValue> with_added(const ImageValue& value, const Polygon& outline, const ImageCanvas& canvas);
/// Without what an outline encloses. May leave no region.
Result<ImageValue> with_removed(const ImageValue& value, const Polygon& outline, const ImageCanvas& canvas);
/// Without the regions of other labels. \pre they have regions
Result<ImageValue> without_regions(const ImageValue& value, std::span<const ImageValue* const> others,
                                   const ImageCanvas& canvas);
/// Both sides of a line, the larger one first, which has all that is not region; the second is empty where the line
/// leaves all on one side. Error: a line that crosses itself. \pre has_region; two places at least
Result<std::pair<ImageValue, ImageValue>> cut(const ImageValue& value, std::span<const Vec2d> line,
                                              const ImageCanvas& canvas);
/// One label of two: regions together, as a mask where either has one; the first's box where it holds both, else the
/// one around both; the lines of both, the first's joints.
Result<ImageValue> joined(const ImageValue& a, const ImageValue& b, const ImageCanvas& canvas);

/// What is done to a region by a button. A new one is a row of `region_actions`.
struct RegionAction {
  std::string_view name;
  std::string_view what;  ///< one line for the user
  ImageValue (*of_mask)(const ImageValue&);
  ImageValue (*of_outline)(const ImageValue&);  ///< null: for masks alone
};
std::span<const RegionAction> region_actions();
/// Errors: the action is not for this kind; an outline out of reach. \pre has_region
Result<ImageValue> changed_by(const RegionAction& action, const ImageValue& value);

}  // namespace sweepmark::editor
