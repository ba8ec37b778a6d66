// SPDX-License-Identifier: Apache-2.0
//
// What we convert, as the datasets' own devkits read it.
#include <algorithm>

#include "data/write_labels.h"
#include "tests/data/files.h"
#include "tests/support/python.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// Converts a scene, and says what the script finds in the result beside our own reading of it.
PythonRun compare(const Scene& scene, Format format, const std::string& script, const fs::path& work) {
  const fs::path out = work / "converted", labels = work / "labels.sweepmark.json";
  const auto written = write_scene(scene, scene.labels, format, out);
  if (!written) return {-1, written.error().message};
  const auto said = write_labels(scene, scene.labels, Format::sweepmark_json, labels);
  if (!said) return {-1, said.error().message};
  return run_python(script, {out.string(), labels.string()});
}

TEST(Devkits, NuscenesDevkitReadsWhatWeConvertFromKitti) {
  SWEEPMARK_NEED_DATA(root, "kitti_tracking/training");
  SWEEPMARK_NEED_PYTHON("nuscenes");
  const TemporaryFolder work;
  const PythonRun run = compare(scene_at(root, "0000"), Format::nuscenes, "compare_nuscenes.py", work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Devkits, NuscenesDevkitReadsWhatWeConvertFromArgoverse) {
  SWEEPMARK_NEED_DATA(root, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  SWEEPMARK_NEED_PYTHON("nuscenes");
  const TemporaryFolder work;
  const PythonRun run = compare(scene_at(root), Format::nuscenes, "compare_nuscenes.py", work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Devkits, ArgoverseDevkitReadsWhatWeConvertFromKitti) {
  SWEEPMARK_NEED_DATA(root, "kitti_tracking/training");
  SWEEPMARK_NEED_PYTHON("av2");
  const TemporaryFolder work;
  const PythonRun run = compare(scene_at(root, "0000"), Format::argoverse2, "compare_av2.py", work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

TEST(Devkits, ArgoverseDevkitReadsWhatWeWriteBackAsWeDo) {
  SWEEPMARK_NEED_DATA(root, "argoverse2/sensor/val/3b3570b4-7b0b-3268-a571-b0889dbf40b6");
  SWEEPMARK_NEED_PYTHON("av2");
  const TemporaryFolder work;
  const PythonRun run = compare(scene_at(root), Format::argoverse2, "compare_av2.py", work.path());
  EXPECT_EQ(run.status, 0) << run.output;
}

}  // namespace
}  // namespace sweepmark::testing_support
