// SPDX-License-Identifier: Apache-2.0
//
// What MOTS says in text and in pictures alike: a mask of each object in each frame; an id is class * 1000 + instance,
// and 10000 of class 10 marks regions to ignore; masks of a frame do not overlap.
// Source: https://www.vision.rwth-aachen.de/page/mots.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/scene.h"
#include "geometry/mask.h"
#include "kernels/result.h"

namespace sweepmark::mots {

inline constexpr TimestampNs frame_period = 100'000'000;
inline constexpr std::int64_t ids_of_class = 1000;

/// Names of the classes by their numbers.
using ClassNames = std::map<std::int64_t, std::string>;
/// Those of MOTS itself: car, pedestrian, and 10 for regions to ignore.
const ClassNames& own_classes();
/// A list of names as Datumaro (and CVAT) writes it beside the pictures: line i is class i, counted from 1; 10 are
/// regions to ignore where the list is shorter.
ClassNames listed_classes(std::string_view text);
/// The list with the classes that labels have beside it, at the next free numbers.
ClassNames with_classes_of(const LabelSet& labels, ClassNames names);
std::string list_text(const ClassNames& names);

struct Row {
  std::int64_t frame = 0, id = 0, class_number = 0;
  Mask mask;
  bool is_bad = false;  ///< counts as a row, and is no label
};

/// Makes frames, tracks and classes of a scene from rows; keyframes get the row's index as source row.
/// \param frames  how many there are \param file  for messages
/// Errors: an id twice in a frame.
Result<void> add_rows(std::vector<Row> rows, std::int64_t frames, const std::filesystem::path& file, Scene& scene,
                      const ClassNames& names = own_classes());

/// A keyframe as a row.
struct WrittenRow {
  std::int64_t frame = 0, id = 0, class_number = 0;
  const Mask* mask = nullptr;
  std::uint32_t source_row = 0;
};

/// Labels as rows, track by track. \param keeps_ids  whether ids are MOTS' own; else a class is put in front of them
/// Errors: an id that is no number or that two tracks would have, a class that MOTS has not, a label between frames or
/// without a mask, masks of a frame that overlap; each names the track and the file.
Result<std::vector<WrittenRow>> rows_of(const Scene& scene, const LabelSet& labels, bool keeps_ids,
                                        const std::filesystem::path& out, const ClassNames& names = own_classes());

}  // namespace sweepmark::mots
