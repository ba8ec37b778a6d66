// SPDX-License-Identifier: Apache-2.0
#include "data/formats/pascal_voc.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "data/image_file.h"
#include "tests/data/findings.h"
#include "tests/data/image_formats.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// As the challenge's own files are.
constexpr std::string_view challenge_text = R"(<annotation>
  <folder>VOC2012</folder><filename>2007_000027.jpg</filename>
  <source><database>The VOC2007 Database</database><annotation>PASCAL VOC2007</annotation><image>flickr</image></source>
  <size><width>486</width><height>500</height><depth>3</depth></size>
  <segmented>0</segmented>
  <object><name>person</name><pose>Unspecified</pose><truncated>1</truncated><difficult>0</difficult>
    <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>486</xmax><ymax>500</ymax></bndbox>
    <part><name>head</name><bndbox><xmin>209</xmin><ymin>105</ymin><xmax>290</xmax><ymax>246</ymax></bndbox></part>
    <part><name>hand</name><bndbox><xmin>325</xmin><ymin>178</ymin><xmax>351</xmax><ymax>225</ymax></bndbox></part>
  </object>
</annotation>
)";

/// As CVAT's export is.
constexpr std::string_view cvat_text = R"(<annotation>
  <folder></folder><filename>b.jpg</filename>
  <source><database>Unknown</database><annotation>Unknown</annotation><image>Unknown</image></source>
  <size><width>100</width><height>80</height><depth></depth></size>
  <segmented>0</segmented>
  <object><name>traffic light</name><truncated>0</truncated><occluded>1</occluded><difficult>0</difficult>
    <bndbox><xmin>0.0</xmin><ymin>0.0</ymin><xmax>100.0</xmax><ymax>79.5</ymax></bndbox>
    <attributes><attribute><name>rotation</name><value>0.0</value></attribute></attributes></object>
  <object><name>turned</name><robndbox><cx>1</cx><cy>2</cy><w>3</w><h>4</h><angle>0.5</angle></robndbox></object>
</annotation>
)";

struct Dataset {
  TemporaryFolder folder;
  Dataset() {
    write_content(folder.path() / "Annotations/2007_000027.xml", challenge_text);
    write_content(folder.path() / "Annotations/sub/b.xml", cvat_text);
    write_content(folder.path() / "ImageSets/Main/default.txt", "b\n");
    write_content(folder.path() / "labelmap.txt",
                  "# label:color_rgb:parts:actions\nbackground:0,0,0::\nperson:255,0,16::\n");
    fs::create_directories(folder.path() / "JPEGImages/sub");
    EXPECT_TRUE(write_png({4, 2, std::vector<std::uint8_t>(32, 255)}, folder.path() / "JPEGImages/sub/b.png"));
    EXPECT_TRUE(write_png({4, 2, std::vector<std::uint8_t>(32, 255)}, folder.path() / "JPEGImages/sub/c.png"));
  }
};

TEST(PascalVoc, TheChallengesOwnFilesCountPixelsFrom1AndOthersDoNot) {
  const Dataset data;
  const Scene scene = scene_at(data.folder.path());
  EXPECT_EQ(scene.format, Format::pascal_voc);
  ASSERT_EQ(scene.images.size(), 3U) << "an image without a file of boxes too";
  EXPECT_EQ(scene.images[0].file.filename(), "2007_000027.jpg") << "by its name, though it is not there";
  EXPECT_EQ(scene.images[1].file, data.folder.path() / "JPEGImages/sub/b.png");
  const auto& tracks = scene.labels.image_tracks;
  ASSERT_EQ(tracks.size(), 2U);
  EXPECT_EQ(*tracks[0].keyframes[0].value.box, (ImageBox{0, 0, 486, 500})) << "the whole image";
  EXPECT_EQ(*tracks[1].keyframes[0].value.box, (ImageBox{0, 0, 100, 79.5}));
  EXPECT_EQ(tracks[0].keyframes[0].attributes,
            (Attributes{{"pose", "Unspecified"}, {"truncated", "1"}, {"difficult", "0"}}));
  EXPECT_EQ(tracks[1].keyframes[0].attributes.at("occluded"), "1");
  EXPECT_EQ(tracks[1].keyframes[0].attributes.at("rotation"), "0.0");
  const auto& classes = scene.labels.ontology.classes;
  ASSERT_EQ(classes.size(), 3U);
  EXPECT_EQ(classes[1].color, "#ff0010");
  EXPECT_EQ(classes[2].name, "traffic light") << "not in labelmap.txt";
}

TEST(PascalVoc, WhatIsNotShownIsCounted) {
  const Dataset data;
  const std::string notes = fmt::format("{}", fmt::join(scene_at(data.folder.path()).notes, "\n"));
  expect_words(notes, {"1 boxes are of the challenge's own files", "1 are of other tools", "2 <part> of objects",
                       "1 <robndbox> of objects", "1 objects have no <bndbox>", "not read: ImageSets"});
}

TEST(PascalVoc, FilesBesideTheirImagesAreAFolderToo) {
  const TemporaryFolder folder;
  write_content(folder.path() / "b.xml",
                "<annotation verified=\"yes\"><filename>b.png</filename><size><width>4</width>"
                "<height>2</height></size><object><name>a</name><bndbox><xmin>1</xmin>"
                "<ymin>1</ymin><xmax>3</xmax><ymax>2</ymax></bndbox></object></annotation>");
  EXPECT_TRUE(write_png({4, 2, std::vector<std::uint8_t>(32, 255)}, folder.path() / "b.png"));
  const Scene scene = scene_at(folder.path());
  ASSERT_EQ(scene.images.size(), 1U);
  EXPECT_EQ(scene.images[0].file, folder.path() / "b.png");
  EXPECT_EQ(*scene.labels.image_tracks[0].keyframes[0].value.box, (ImageBox{1, 1, 3, 2}));
}

TEST(PascalVoc, DamageIsNamedByItsObjectAndFile) {
  const Dataset data;
  const auto problem = [&](std::string_view what, std::string_view with) {
    std::string text(cvat_text);
    replace(text, what, with);
    write_content(data.folder.path() / "Annotations/sub/b.xml", text);
    return first_problem_at(data.folder.path());
  };
  EXPECT_EQ(problem("79.5", "79.5"), "");
  expect_words(problem("79.5", "low"), {"object 1", "\"low\"", "b.xml"});
  expect_words(problem("<xmax>100.0</xmax>", ""), {"object 1", "<xmax>", "b.xml"});
  expect_words(problem("<xmax>100.0", "<xmax>-1"), {"object 1", "got width -1"});
  expect_words(problem("<name>turned</name>", ""), {"object 2", "<name>"});
  expect_words(problem("</annotation>", ""), {"not valid XML", "b.xml"});
  write_content(data.folder.path() / "Annotations/sub/b.xml", "<thing/>");
  expect_words(first_problem_at(data.folder.path()), {"<annotation>", "<thing>", "b.xml"});
}

}  // namespace
}  // namespace sweepmark::testing_support
