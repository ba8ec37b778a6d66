// SPDX-License-Identifier: Apache-2.0
//
// Masks from and to what others keep: COCO's texts, runs along rows, bitmaps, images of ids, polygons.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "geometry/mask.h"

namespace sweepmark {

/// COCO's compressed counts: 5 bits a character from the lowest, 32 says that more follow, 48 is added; from the fourth
/// run on, the difference to the run two before. Equal to what pycocotools writes, character for character.
std::string to_coco_text(const Mask& mask);
/// Errors: a character that is none of these, a text that ends within a number, a run out of range; those of
/// `from_runs`.
Result<Mask> from_coco_text(std::uint32_t width, std::uint32_t height, std::string_view text);

/// Runs along the rows of a part of the image, as CVAT keeps them: outside first, rows from top to bottom.
struct RowRuns {
  std::uint32_t left = 0, top = 0, width = 0, height = 0;
  std::vector<std::uint32_t> runs;
  friend bool operator==(const RowRuns&, const RowRuns&) = default;
};
/// The part is the smallest box around the pixels inside.
RowRuns to_row_runs(const Mask& mask);
/// Errors: a part that is not within the image, runs that do not add up.
Result<Mask> from_row_runs(std::uint32_t width, std::uint32_t height, const RowRuns& rows);

/// A byte for each pixel, row by row: not 0 is inside. \pre bitmap.size() == width * height
Mask from_bitmap(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> bitmap);
std::vector<std::uint8_t> to_bitmap(const Mask& mask);  ///< 0 and 1

/// The mask of each id in an image of ids, row by row, in one pass whatever their number. \param skipped  an id that
/// gets no mask (0: nothing there). \pre ids.size() == width * height. Cost: O(pixels + changes * log(ids)).
std::map<std::uint32_t, Mask> masks_of_ids(std::uint32_t width, std::uint32_t height,
                                           std::span<const std::uint32_t> ids, std::uint32_t skipped = 0);
/// Writes `id` to the pixels of `ids` inside the mask. \pre ids.size() == width * height
void paint(const Mask& mask, std::uint32_t id, std::span<std::uint32_t> ids);

/// The pixels whose centres are inside. A centre on a ring's left or upper edge is inside, one on its right or lower
/// edge is not: areas with a common edge share no pixel and leave no gap. Lines and what lies out of the image give
/// nothing. (pycocotools draws the boundary on a grid five times as fine instead: it may differ in pixels whose centre
/// is within 0.3 pixels of an edge.) \pre vertices are finite. Cost: O(edges + columns that they cross, sorted).
Mask to_mask(const Polygon& polygon, std::uint32_t width, std::uint32_t height);

/// The outline along the edges of pixels, corners only, as rings in an order to paint them: `to_mask` gives exactly the
/// mask back. Pixels that touch at a corner only are in different rings. Cost: O(area of the bounds).
Polygon to_polygon(const Mask& mask);

}  // namespace sweepmark
