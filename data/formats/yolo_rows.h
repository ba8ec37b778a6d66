// SPDX-License-Identifier: Apache-2.0
//
// What both layouts of YOLO's datasets share: rows of a class and a box in parts of the image, names of classes, sizes
// of images.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/image_file.h"
#include "data/label_set.h"
#include "data/scene.h"
#include "kernels/result.h"

namespace sweepmark::yolo {

inline constexpr TimestampNs image_period = 1'000'000'000;
inline constexpr const char* sizes_file = "image_sizes.csv";
inline constexpr std::int64_t most_classes = 100'000;

using ClassNames = std::map<std::int64_t, std::string>;
using ImageSizes = std::map<std::string, PictureSize>;

/// The rows of a dataset as they are in its files.
struct RowSource : LabelSource {
  struct Row {
    std::size_t image = 0;
    std::string text;
    std::int64_t class_number = 0;
    ImageBox box;
    bool is_shown = true;  ///< outlines, keypoints and bad rows are kept only
    bool is_bad = false;
  };
  std::vector<Row> rows;           ///< by source_row
  std::vector<std::string> stems;  ///< by image: its label file's path without the suffix
  std::vector<bool> has_file;      ///< by image: a label file, perhaps an empty one
  ClassNames names;
  std::vector<std::string> other_fields() const override;
};

/// A name for each line. Blank lines are none, as other readers have it.
ClassNames names_of_lines(std::string_view text);
/// "class_7" where the dataset has no name for it.
std::string class_name_of(const ClassNames& names, std::int64_t number);

/// Sizes of images by name without a suffix of images; nothing where there is no such file. A first line that is no
/// size is a header. Errors: other lines that are none.
Result<ImageSizes> read_sizes(const std::filesystem::path& file);
std::string size_row(const std::string& stem, PictureSize size);
inline constexpr const char* sizes_header = "name,width,height\n";

/// Adds an image and the rows of its label file. \param stem  its name in `RowSource::stems` \param label_file  empty:
/// none \param image  the picture, which may not be there; it says the size before `stated` does
/// Errors: a damaged picture or row, rows of an image of unknown size.
Result<void> add_image(Scene& scene, RowSource& source, const std::string& stem, const std::filesystem::path& image,
                       std::optional<PictureSize> stated, const std::filesystem::path& label_file);
/// Adds what is to be known of all of them: classes, rows that are not shown, times that are none.
void finish(Scene& scene, const RowSource& source);

/// Numbers of the classes: those of the file, then those of the ontology, then the next free ones.
std::map<std::string, std::int64_t> numbers_of(const LabelSet& labels, const RowSource* source);

/// The label files' contents, by image; an image without one has no value.
struct ImageTexts {
  std::vector<std::optional<std::string>> texts;
  std::vector<PictureSize> sizes;  ///< of the shown pictures; 0 x 0 where it is not known
};
/// Rows that nobody changed keep their text; a score stays behind a box that moved. Boxes in the stored pixels of a
/// picture that EXIF turns are where the shown one has them. Errors: a label that is no upright box, or in an image
/// that is not there or of unknown size.
Result<ImageTexts> label_texts(const Scene& scene, const LabelSet& labels,
                               const std::map<std::string, std::int64_t>& numbers, const RowSource* source,
                               const std::filesystem::path& out);

}  // namespace sweepmark::yolo
