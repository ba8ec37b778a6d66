// SPDX-License-Identifier: Apache-2.0
//
// Labels in images in OpenLABEL: elements bbox, rbbox and poly2d of an object's data, from and to our values.
//
// bbox is [x of the centre, y of the centre, width, height], rbbox has a turn behind them: radians from x to y, which
// is ours. Such a box gives its edges back: those of few decimals by being read as the shortest number within two
// roundings (1155.3 - 98.34 / 2 is 1106.13, not 1106.1299999999999), any other by a member "edges" beside val, which is
// written where val alone is not enough. poly2d: contours of one object in one camera are the rings of one polygon;
// `hierarchy` is [next, previous, first child, parent] as OpenCV gives it, counted among those contours, and every
// second level is a hole.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "data/formats/bad_rows.h"
#include "data/formats/json_reader.h"
#include "geometry/image_value.h"
#include "tracking/track.h"

namespace sweepmark::openlabel {

using json::Json;

/// Which camera an element belongs to: the stream or coordinate system that it names (`coordinate_system`, or a text
/// "stream" among its attributes), else the camera that its object names, else the only camera of the file, else
/// `image_scene::unnamed_camera`.
class Cameras {
 public:
  explicit Cameras(const Json& openlabel);
  /// Throws BadValue for a name that is no stream's and no coordinate system's.
  std::string of(const Json& element, const std::string& object, const std::string& where) const;

 private:
  const std::string& known(const std::string& name, const std::string& where) const;
  std::set<std::string> names_;
  std::map<std::string, std::string> camera_of_object_;
  std::string unnamed_;
};

/// Where in the arrays of an object's data a label's elements stand.
struct ImageElements {
  std::string box_kind = {};  ///< "bbox", "rbbox"; empty without a box
  std::size_t box = 0;
  std::vector<std::size_t> contours = {};  ///< in poly2d, by ring
};

struct ImageLabel {
  std::string camera;
  std::string name = {};  ///< of the box; empty for the object's first one and its polygon
  ImageValue value = {};
  Attributes attributes = {};  ///< those of its elements
  ImageElements elements = {};
};

/// The labels among `data`, without the bad ones. Throws BadValue.
/// \param first_box   name of the object's first box by camera: filled here
/// \param not_read    counted up by polygons of modes that are not known
/// \param row         file, object and time of bad ones, which go to `bad_rows`
std::vector<ImageLabel> read_image_labels(const Json& data, const std::string& where, const Cameras& cameras,
                                          const std::string& object, std::map<std::string, std::string>& first_box,
                                          std::size_t& not_read, const BadRow& row, std::vector<BadRow>& bad_rows);

/// Makes the elements in `data` say `value`: those that say it already stay, those that go become null so that places
/// hold, new ones come behind.
/// \param before    what the elements say now \param elements  in: where they are, out: where they are then
/// \param box_name  of a new box \param others  contours of the same object and camera that are not the label's
void put_image_value(Json& data, const ImageValue& value, const ImageValue& before, ImageElements& elements,
                     const std::string& box_name, const std::string& contour_name,
                     const std::function<std::size_t()>& others);

}  // namespace sweepmark::openlabel
