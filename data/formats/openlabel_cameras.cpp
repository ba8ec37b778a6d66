// SPDX-License-Identifier: Apache-2.0
#include "data/formats/openlabel_cameras.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "geometry/projection_matrix.h"

namespace sweepmark::openlabel {
namespace {

/// The schema gives no formula: four coefficients are taken as OpenCV's fisheye model, which a note says. VCD's own
/// lens_coeffs_1x4 are another model (radius in pixels d0 a + d1 a^2 + d2 a^3 + d3 a^4 of the angle a, CameraFisheye
/// of its scl.py), whose even powers no camera model here has.
std::optional<CameraIntrinsics> read_fisheye(const Json& fisheye, const std::string& stream, const std::string& where,
                                             std::vector<std::string>& notes) {
  CameraIntrinsics camera;
  camera.model = "fisheye";
  const auto value = [&](const char* name) {
    const Json* found = json::optional_member(fisheye, name);
    return found == nullptr || found->is_null() ? std::nullopt
                                                : std::optional(json::number(*found, where + "/" + name));
  };
  const auto fx = value("focal_length_x"), fy = value("focal_length_y"), cx = value("center_x_px"),
             cy = value("center_y_px");
  if (json::optional_member(fisheye, "lens_coeffs_1x4") != nullptr) {
    notes.push_back(
        fmt::format("{} has VCD's lens_coeffs_1x4, a polynomial with even powers of the angle: no camera model here "
                    "holds it, and nothing is drawn in its images",
                    stream));
    return std::nullopt;
  }
  json::each(fisheye, "lens_coeffs", where,
             [&](const Json& c, const std::string& at) { camera.distortion.push_back(json::number(c, at)); });
  constexpr std::size_t coefficients = 4;
  const bool has_more =
      camera.distortion.size() > coefficients &&
      std::any_of(camera.distortion.begin() + coefficients, camera.distortion.end(), [](double c) { return c != 0; });
  if (!fx || !fy || !cx || !cy || *fx <= 0 || *fy <= 0 || has_more) {
    notes.push_back(
        fmt::format("{} has an intrinsics_fisheye that is not drawn: expected focal_length_x, focal_length_y, "
                    "center_x_px, center_y_px and four lens_coeffs",
                    stream));
    return std::nullopt;
  }
  camera.fx = *fx, camera.fy = *fy, camera.cx = *cx, camera.cy = *cy;
  camera.distortion.resize(std::min(camera.distortion.size(), coefficients));
  notes.push_back(fmt::format(
      "{} has an intrinsics_fisheye, taken as OpenCV's model of a fisheye: OpenLABEL's schema gives no formula",
      stream));
  camera.width = static_cast<int>(std::clamp(value("width_px").value_or(0), 0.0, 1e6));
  camera.height = static_cast<int>(std::clamp(value("height_px").value_or(0), 0.0, 1e6));
  return camera;
}

Optics read_pinhole(const Json& pinhole, const std::string& stream, const std::string& where,
                    std::vector<std::string>& notes) {
  // The schema says camera_matrix; files of the reference tool say camera_matrix_3x4.
  const Json* m = json::optional_member(pinhole, "camera_matrix");
  if (m == nullptr) m = &json::member(pinhole, "camera_matrix_3x4", where);
  const ProjectionMatrix projection{json::numbers<12>(*m, where + "/camera_matrix")};
  if (!projection.is_plain()) {
    notes.push_back(fmt::format(
        "{} has a camera matrix that is not [f 0 c x; 0 f c y; 0 0 1 z]: nothing is drawn in its images", stream));
    return {};
  }
  CameraIntrinsics camera = projection.intrinsics();
  // With a fourth column, as KITTI's P2 has it, the camera stands beside the origin of its coordinate system.
  const Pose shift = projection.frame_from_camera();
  const auto pixels = [&](const char* name) {
    const Json* value = json::optional_member(pinhole, name);
    return value == nullptr ? 0 : static_cast<int>(std::clamp(json::number(*value, where), 0.0, 1e6));
  };
  camera.width = pixels("width_px");
  camera.height = pixels("height_px");
  for (const char* name : {"distortion_coeffs", "distortion_coeffs_1xN"}) {
    json::each(pinhole, name, where,
               [&](const Json& c, const std::string& at) { camera.distortion.push_back(json::number(c, at)); });
  }
  return {std::move(camera), shift.translation == Vec3d{} ? Pose{} : shift};
}

}  // namespace

Optics read_optics(const Json& properties, const std::string& stream, const std::string& where,
                   std::vector<std::string>& notes) {
  Optics optics;
  if (const Json* pinhole = json::optional_member(properties, "intrinsics_pinhole"))
    optics = read_pinhole(*pinhole, stream, where + "/intrinsics_pinhole", notes);
  if (const Json* fisheye = json::optional_member(properties, "intrinsics_fisheye"))
    optics.camera = read_fisheye(*fisheye, stream, where + "/intrinsics_fisheye", notes);
  if (json::optional_member(properties, "intrinsics_custom") != nullptr)
    notes.push_back(fmt::format("{} has intrinsics_custom: nothing is drawn in its images", stream));
  return optics;
}

}  // namespace sweepmark::openlabel
