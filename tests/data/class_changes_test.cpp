// SPDX-License-Identifier: Apache-2.0
//
// A track whose class changes keeps the change: in its own format byte for byte, in every other that has a class for
// each label, in a store; where a format cannot hold it, it is listed as lost.
#include <algorithm>
#include <map>
#include <stdexcept>

#include "data/conversion.h"
#include "data/formats/feather.h"
#include "data/formats/mot.h"
#include "data/formats/text.h"
#include "data/scene_in_store.h"
#include "tests/data/files.h"
#include "tracking/class_at.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

constexpr TimestampNs period = 100'000'000;

/// KITTI tracking's sequence 0000 with track 0, a van, labelled as a truck from frame 11 on.
/// \return how many rows that changed
std::size_t make_kitti(const fs::path& training, const fs::path& folder) {
  for (const char* kind : {"calib", "oxts", "poses_imu_oxts"}) {
    const fs::path file = training / kind / "0000.txt";
    if (fs::exists(file)) write_content(folder / kind / "0000.txt", content_of(file));
  }
  const std::string text = content_of(training / "label_02/0000.txt");
  std::string changed;
  std::size_t rows = 0;
  for (const Line& line : lines_of(text)) {
    std::string row(line.text);
    const auto words = words_of(row);
    std::int64_t frame = 0;
    if (parse_number(words[0], frame) && frame >= 11 && words[1] == "0") {
      replace(row, " Van ", " Truck ");
      ++rows;
    }
    changed += row + "\n";
  }
  write_content(folder / "label_02/0000.txt", changed);
  return rows;
}

const Track& track_of(const LabelSet& labels, const std::string& id) {
  const auto found = std::ranges::find(labels.tracks, id, &Track::id);
  if (found == labels.tracks.end()) throw std::runtime_error("no track " + id);
  return *found;
}

template <class AnyTrack>
std::vector<std::string> classes_of(const AnyTrack& track) {
  std::vector<std::string> classes;
  for (const auto& k : track.keyframes) classes.push_back(class_at(track, k.timestamp));
  return classes;
}

struct Carried {
  std::vector<std::string> yes, no;
};

/// Converts the scene into every format that there is for its labels.
/// \param check  what came back from a format that carries changes
template <class Check>
Carried formats_that_carry(const Scene& scene, const fs::path& folder, const Check& check) {
  Carried carried;
  for (const Format format : target_formats(scene)) {
    SCOPED_TRACE(std::string(format_name(format)));
    const Conversion conversion = prepare_conversion(scene, format);
    if (conversion.label_count() == 0) continue;  // it has no such shapes
    const auto loss = std::ranges::find(conversion.losses, Feature::changing_classes, &Loss::feature);
    const bool is_lost = loss != conversion.losses.end();
    (is_lost ? carried.no : carried.yes).emplace_back(format_name(format));
    if (is_lost) {
      EXPECT_EQ(loss->count, 1U);
      expect_words(loss->what, {"1 changes of a class", "has first"});
    }
    const fs::path out = folder / ("out-" + std::string(format_name(format)) + std::string(scene_extension(format)));
    const auto written = write(conversion, out);
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
    if (written && !is_lost) check(conversion.labels, scene_at(out).labels);
  }
  std::ranges::sort(carried.yes);
  std::ranges::sort(carried.no);
  return carried;
}

using Names = std::vector<std::string>;

struct ClassChanges : testing::Test {
  TemporaryFolder folder;
};

TEST_F(ClassChanges, OfRealKittiRowsComeBackByteForByte) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  const fs::path kitti = folder.path() / "kitti";
  EXPECT_EQ(make_kitti(training, kitti), 143U);
  const Scene scene = scene_at(kitti);
  const Track& van = track_of(scene.labels, "0");
  EXPECT_EQ(van.class_name, "Van");
  EXPECT_EQ(van.later_classes, (std::vector<LaterClass>{{11 * period, "Truck"}}));
  EXPECT_EQ(std::ranges::count_if(scene.labels.tracks, [](const Track& t) { return !t.later_classes.empty(); }), 1);
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::kitti_tracking, folder.path() / "0000.txt"));
  EXPECT_TRUE(content_of(folder.path() / "0000.txt") == content_of(kitti / "label_02/0000.txt"));

  // One class for all: the rows of the other change, and nothing else in them.
  LabelSet one = scene.labels;
  for (Track& track : one.tracks) set_class(track, track.class_name);
  ASSERT_TRUE(write_labels(scene, one, Format::kitti_tracking, folder.path() / "one.txt"));
  const std::string was = content_of(training / "label_02/0000.txt"), now = content_of(folder.path() / "one.txt");
  const auto before = lines_of(was), after = lines_of(now);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_EQ(words_of(after[i].text)[2], words_of(before[i].text)[2]);
}

TEST_F(ClassChanges, OfRealArgoverse2RowsComeBackInTheirRows) {
  SWEEPMARK_NEED_DATA(log, "argoverse2/sensor/val/7fab2350-7eaf-3b7e-a39d-6937a4c1bede");
  const fs::path copy = folder.path() / "log";
  fs::create_directories(copy);
  fs::copy_file(log / "city_SE3_egovehicle.feather", copy / "city_SE3_egovehicle.feather");
  const auto table = FeatherTable::read(log / "annotations.feather");
  ASSERT_TRUE(table) << table.error().message;
  // The track with the most rows, called a tram in its later half.
  const auto tracks = *table->texts("track_uuid");
  const auto times = *table->integers("timestamp_ns");
  std::map<std::string, std::vector<std::size_t>> rows_of_track;
  for (std::size_t i = 0; i < tracks.size(); ++i) rows_of_track[tracks[i]].push_back(i);
  auto& [id, of_track] =
      *std::ranges::max_element(rows_of_track, {}, [](const auto& entry) { return entry.second.size(); });
  std::ranges::sort(of_track, {}, [&](std::size_t i) { return times[i]; });
  const std::size_t half = of_track.size() / 2;
  std::vector<FeatherTable::NewRow> rows;
  for (std::size_t i = 0; i < tracks.size(); ++i) rows.push_back({i, {}});
  for (std::size_t i = half; i < of_track.size(); ++i) rows[of_track[i]].values = {{"category", "TRAM"}};
  const auto changed = table->with_rows(rows);
  ASSERT_TRUE(changed) << changed.error().message;
  ASSERT_TRUE(changed->write(copy / "annotations.feather"));

  Scene scene = scene_at(copy);
  const Track& track = track_of(scene.labels, id);
  ASSERT_EQ(track.later_classes.size(), 1U);
  EXPECT_EQ(track.later_classes[0], (LaterClass{times[of_track[half]], "TRAM"}));
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::argoverse2, folder.path() / "same.feather"));
  const auto wanted = *changed->texts("category");
  EXPECT_EQ(*FeatherTable::read(folder.path() / "same.feather")->texts("category"), wanted);
  // Written anew, since one cuboid was moved: the classes stay.
  scene.labels.tracks.front().keyframes.front().cuboid.center.z += 0.5;
  ASSERT_TRUE(write_labels(scene, scene.labels, Format::argoverse2, folder.path() / "moved.feather"));
  EXPECT_EQ(*FeatherTable::read(folder.path() / "moved.feather")->texts("category"), wanted);
}

TEST_F(ClassChanges, AreWrittenInEveryFormatThatHasAClassForEachLabelAndListedAsLostInTheOthers) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  make_kitti(training, folder.path() / "kitti");
  const Scene scene = scene_at(folder.path() / "kitti");
  const auto van = static_cast<std::size_t>(&track_of(scene.labels, "0") - scene.labels.tracks.data());
  const Names classes = classes_of(scene.labels.tracks[van]);
  const auto carried = formats_that_carry(scene, folder.path(), [&](const LabelSet& labels, const LabelSet& again) {
    if (labels.tracks.size() != scene.labels.tracks.size()) {  // without tracks each label has its own class
      EXPECT_EQ(std::ranges::count(labels.tracks, "Truck", &Track::class_name), std::ranges::count(classes, "Truck"));
      return;
    }
    const Track& same = track_of(again, labels.tracks[van].id);
    EXPECT_EQ(classes_of(same), classes);
    EXPECT_EQ(same.later_classes.size(), 1U);
  });
  EXPECT_EQ(carried.yes, (Names{"argoverse2", "datumaro", "kitti_object", "kitti_tracking", "openpcdet", "pandaset",
                                "scale", "segments_ai", "sustechpoints", "sweepmark_json", "sweepmark_store"}));
  EXPECT_EQ(carried.no, (Names{"kitti_raw", "nuscenes", "openlabel", "supervisely"}))
      << "there an object has one class";
}

TEST_F(ClassChanges, InImagesAreWrittenInEveryFormatThatHasAClassForEachLabelAndListedAsLostInTheOthers) {
  // A car in frames 1 and 2, a bicycle in frame 4.
  constexpr std::string_view rows = "1,1,10,10,20,20,1,3,1\n2,1,12,10,20,20,1,3,1\n4,1,14,10,20,20,1,4,1\n";
  write_content(folder.path() / "seq/gt/gt.txt", rows);
  write_content(folder.path() / "seq/seqinfo.ini", "[Sequence]\nframeRate=10\nseqLength=4\nimWidth=64\nimHeight=48\n");
  const Scene scene = scene_at(folder.path() / "seq");
  ASSERT_EQ(scene.labels.image_tracks.size(), 1U);
  const Names classes = {"car", "car", "bicycle"};
  EXPECT_EQ(classes_of(scene.labels.image_tracks[0]), classes);
  EXPECT_FALSE(scene.labels.image_tracks[0].keyframes[2].attributes.contains("class"));
  const auto carried = formats_that_carry(scene, folder.path(), [&](const LabelSet&, const LabelSet& again) {
    if (again.image_tracks.size() == 1) {
      EXPECT_EQ(classes_of(again.image_tracks[0]), classes);
    } else {  // without track ids
      ASSERT_EQ(again.image_tracks.size(), classes.size());
      for (std::size_t i = 0; i < classes.size(); ++i) EXPECT_EQ(again.image_tracks[i].class_name, classes[i]);
    }
  });
  EXPECT_EQ(carried.yes, (Names{"bdd100k", "coco", "cvat_images", "darknet", "datumaro", "mot", "scale",
                                "sweepmark_json", "sweepmark_store", "yolo"}));
  EXPECT_EQ(carried.no, (Names{"cvat_video", "openlabel"}));
}

TEST_F(ClassChanges, GoFromOneFormatToAnotherAndBack) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  make_kitti(training, folder.path() / "kitti");
  const Scene scene = scene_at(folder.path() / "kitti");
  const fs::path av2 = folder.path() / "av2", back = folder.path() / "back";
  ASSERT_TRUE(write(prepare_conversion(scene, Format::argoverse2), av2));
  const Scene there = scene_at(av2);
  ASSERT_TRUE(write(prepare_conversion(there, Format::kitti_tracking), back));
  const Scene again = scene_at(back);
  std::size_t trucks = 0;
  for (const Track& track : again.labels.tracks)
    trucks += static_cast<std::size_t>(std::ranges::count(classes_of(track), "Truck"));
  EXPECT_EQ(trucks, 143U);
}

TEST_F(ClassChanges, OfAStoreAreWrittenBackIntoTheDatasetsRows) {
  SWEEPMARK_NEED_DATA(training, "kitti_tracking/training");
  make_kitti(training, folder.path() / "kitti");
  const fs::path store = folder.path() / "labels.sweepmark";
  {
    const Scene scene = scene_at(folder.path() / "kitti");
    ASSERT_TRUE(write_scene(scene, scene.labels, Format::sweepmark_store, store));
  }
  const Scene kept = scene_at(store);
  EXPECT_EQ(track_of(kept.labels, "0").later_classes, (std::vector<LaterClass>{{11 * period, "Truck"}}));
  // Back in its own format nothing differs, though the labels come from the store.
  Scene scene = scene_at(folder.path() / "kitti");
  const auto put = put_labels_of_store(scene, store);
  ASSERT_TRUE(put) << put.error().message;
  const Conversion own = prepare_conversion(scene, Format::kitti_tracking);
  ASSERT_TRUE(own.is_exact()) << own.losses.front().what;
  ASSERT_TRUE(write_labels(own.scene, own.labels, Format::kitti_tracking, folder.path() / "own.txt"));
  EXPECT_TRUE(content_of(folder.path() / "own.txt") == content_of(folder.path() / "kitti/label_02/0000.txt"));
}

TEST(ClassChange, BetweenKeyframesIsWrittenInTheFrameWhereItIs) {
  Scene scene;
  scene.format = Format::sweepmark_json;
  for (int i = 0; i < 6; ++i) scene.frames.push_back({i * period, {}, {}, {}});
  Track track{"7", "van", {}, {}, {}};
  track.keyframes = {{0, {{1, 2, 3}, {4, 2, 1}, {}}, {}, {}}, {5 * period, {{6, 2, 3}, {4, 2, 1}, {}}, {}, {}}};
  set_class_from(track, 2 * period, "truck");
  scene.labels.tracks = {track};
  LabelSet labels = scene.labels;
  const auto losses = take_out_for(scene, labels, Format::sustechpoints);
  EXPECT_TRUE(std::ranges::none_of(losses, [](const Loss& l) { return l.feature == Feature::changing_classes; }));
  EXPECT_EQ(classes_of(labels.tracks[0]), (std::vector<std::string>{"van", "van", "truck", "truck", "truck", "truck"}));
}

TEST(ClassChange, ATrackThatIsCutGetsTheClassesOfItsParts) {
  Scene scene;
  scene.format = Format::pandaset;
  for (int i = 0; i < 6; ++i) scene.frames.push_back({i * period, {}, {}, {}});
  Track track{"7", "big van", {}, {}, {}};
  for (const int i : {0, 1, 4, 5}) track.keyframes.push_back({i * period, {{1, 2, 3}, {4, 2, 1}, {}}, {}, {}});
  set_class_from(track, 3 * period, "small truck");
  scene.labels.tracks = {track};
  LabelSet labels = scene.labels;
  const auto losses = take_out_for(scene, labels, Format::kitti_raw);  // a class and no gap for each object
  ASSERT_EQ(labels.tracks.size(), 2U);
  EXPECT_EQ(labels.tracks[0].class_name, "big van");
  EXPECT_EQ(labels.tracks[1].class_name, "small truck");
  EXPECT_TRUE(std::ranges::none_of(losses, [](const Loss& l) { return l.feature == Feature::changing_classes; }))
      << "nothing is lost of it: both parts have one class";
  // Every name of a track's classes gets what a format needs of names.
  labels = scene.labels;
  take_out_for(scene, labels, Format::kitti_tracking);
  EXPECT_EQ(labels.tracks[0].class_name, "big_van");
  EXPECT_EQ(labels.tracks[0].later_classes, (std::vector<LaterClass>{{3 * period, "small_truck"}}));
}

}  // namespace
}  // namespace sweepmark::testing_support
