// SPDX-License-Identifier: Apache-2.0
//
// https://doc.bdd100k.com/format.html, https://doc.scalabel.ai/format.html. box2d gives the edges; a vertex of poly2d
// of type C is a control point of a cubic curve; rle is COCO's; graph is a skeleton whose nodes have names.
#include "data/formats/bdd100k.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/json_reader.h"
#include "data/formats/text.h"
#include "geometry/mask_convert.h"
#include "tracking/class_at.h"

namespace sweepmark::bdd100k {
namespace fs = std::filesystem;
namespace {

using namespace json;

constexpr TimestampNs video_period = 200'000'000, image_period = 1'000'000'000;
constexpr int pieces_of_curve = 8;

struct Source : LabelSource {
  Json root = Json::object();    ///< members beside the frames, where the document is an object
  std::vector<bool> has_labels;  ///< whether each has the member, empty or not
  bool is_list = false;          ///< the document is the list of frames
  std::vector<Json> frames;      ///< in the order of the scene's, without their labels
  std::vector<Json> labels;      ///< by source_row
  std::vector<std::size_t> frame_of_label;
  std::vector<std::pair<std::size_t, Json>> others;  ///< labels without a shape, with their frame
  std::vector<std::string> joints;                   ///< names of a pose's points
  bool has_several_videos = false;
  struct Bad {
    std::size_t before = 0, frame = 0;  ///< which of `labels` follows
    Json label;
  };
  std::vector<Bad> bad;  ///< no labels: written back as they are

  std::vector<std::string> other_fields() const override {
    std::vector<std::string> names;
    if (!others.empty()) names.emplace_back("labels without a shape in the image");
    const auto is_tagged = [](const Json& frame) {
      const Json* attributes = optional_member(frame, "attributes");
      return attributes != nullptr && !attributes->empty();
    };
    if (std::ranges::any_of(frames, is_tagged)) names.emplace_back("attributes of images");
    return names;
  }
};

/// The vertices, curves as chains of short lines.
Ring ring_of(const Json& poly, const std::string& where) {
  std::vector<Vec2d> points;
  each(poly, "vertices", where, [&](const Json& v, const std::string& at) {
    const auto p = numbers<2>(v, at);
    points.push_back({p[0], p[1]});
  });
  const Json* types = optional_member(poly, "types");
  const std::string kinds = types == nullptr ? std::string(points.size(), 'L') : text(*types, where + "/types");
  if (kinds.size() != points.size() || kinds.find_first_not_of("LC") != std::string::npos)
    fail(where + "/types", fmt::format("L or C for each of {} vertices", points.size()));
  Ring ring;
  const Json* closed = optional_member(poly, "closed");
  const bool is_closed = closed == nullptr || boolean(*closed, where + "/closed");
  ring.kind = is_closed ? RingKind::area : RingKind::line;
  const auto at = [&](std::size_t i) { return points[i % points.size()]; };
  for (std::size_t i = 0; i < points.size();) {
    const bool is_curve = kinds[i] == 'C' && i > 0 && i + 1 < points.size() && kinds[i + 1] == 'C' &&
                          (i + 2 < points.size() || is_closed);
    if (!is_curve) {
      ring.vertices.push_back(points[i++]);
      continue;
    }
    const Vec2d a = at(i - 1), b = at(i), c = at(i + 1), d = at(i + 2);
    for (int k = 1; k < pieces_of_curve; ++k) {
      const double t = static_cast<double>(k) / pieces_of_curve, u = 1 - t;
      const double wa = u * u * u, wb = 3 * u * u * t, wc = 3 * u * t * t, wd = t * t * t;
      ring.vertices.push_back({wa * a.x + wb * b.x + wc * c.x + wd * d.x, wa * a.y + wb * b.y + wc * c.y + wd * d.y});
    }
    i += 2;  // its end is a vertex of its own
  }
  return ring;
}

Mask mask_of(const Json& rle, const std::string& where) {
  const auto size = numbers<2>(member(rle, "size", where), where + "/size");
  for (const double side : size) {
    if (side < 0 || side > 65'535 || side != static_cast<double>(static_cast<std::int64_t>(side)))
      fail(where + "/size", "a height and a width");
  }
  auto mask = from_coco_text(static_cast<std::uint32_t>(size[1]), static_cast<std::uint32_t>(size[0]),
                             text_of(rle, "counts", where));
  if (!mask) fail(where + "/counts", "the runs of a mask (" + mask.error().message + ")");
  return *std::move(mask);
}

Skeleton skeleton_of(const Json& graph, const std::vector<std::string>& joints, const std::string& where) {
  Skeleton skeleton;
  skeleton.points.resize(joints.size());
  each(graph, "nodes", where, [&](const Json& node, const std::string& at) {
    const std::string name = text_of(node, "category", at);
    const auto found = std::ranges::find(joints, name);
    if (found == joints.end()) fail(at + "/category", fmt::format("a joint that the first pose has, got \"{}\"", name));
    const auto p = numbers<2>(member(node, "location", at), at + "/location");
    const Json* visibility = optional_member(node, "visibility");
    const bool is_visible = visibility == nullptr || *visibility == "V";
    skeleton.points[static_cast<std::size_t>(found - joints.begin())] = {
        {p[0], p[1]}, is_visible ? Visibility::visible : Visibility::hidden};
  });
  return skeleton;
}

/// What one label says, beside its names.
struct Row {
  std::string id, category;
  ImageValue value;
  Attributes attributes;
};

std::string id_of(const Json& l, const std::string& at) {
  const Json& id = member(l, "id", at);
  return id.is_string() ? id.get<std::string>() : id.dump();
}

Row read_label(const Json& l, const std::vector<std::string>& joints, const std::string& at) {
  Row row;
  row.id = id_of(l, at);
  if (const Json* category = optional_member(l, "category")) row.category = text(*category, at + "/category");
  if (const Json* box = optional_member(l, "box2d")) {
    const std::string where = at + "/box2d";
    row.value.box = ImageBox{number_of(*box, "x1", where), number_of(*box, "y1", where), number_of(*box, "x2", where),
                             number_of(*box, "y2", where), 0};
    expect_no_fault(box_fault(*row.value.box), where);
  }
  if (const Json* poly = optional_member(l, "poly2d"); poly != nullptr && !poly->empty()) {
    row.value.polygon.emplace();
    each(l, "poly2d", at,
         [&](const Json& p, const std::string& where) { row.value.polygon->rings.push_back(ring_of(p, where)); });
  }
  if (const Json* rle = optional_member(l, "rle")) row.value.mask = mask_of(*rle, at + "/rle");
  if (const Json* graph = optional_member(l, "graph")) row.value.skeleton = skeleton_of(*graph, joints, at + "/graph");
  if (const Json* attributes = optional_member(l, "attributes"); attributes != nullptr && attributes->is_object()) {
    for (const auto& [name, value] : attributes->items()) row.attributes.insert_or_assign(name, attribute_text(value));
  }
  if (const Json* score = optional_member(l, "score")) row.attributes["score"] = attribute_text(*score);
  return row;
}

std::string video_of(const Json& frame) {
  const Json* name = optional_member(frame, "videoName");
  return name == nullptr || !name->is_string() ? "" : name->get<std::string>();
}

/// Names of the points of a pose, and the edges between them, from the first label that has one.
void read_joints(const Json& frames, Source& source, Ontology& ontology) {
  for (const Json& frame : frames) {
    const Json* labels = optional_member(frame, "labels");
    if (labels == nullptr || !labels->is_array()) continue;
    for (const Json& label : *labels) {
      const Json* graph = optional_member(label, "graph");
      if (graph == nullptr) continue;
      SkeletonDefinition pose{.name = "pose"};
      std::map<std::string, std::uint32_t> number_of_node;
      each(*graph, "nodes", "/graph", [&](const Json& node, const std::string& at) {
        if (const Json* id = optional_member(node, "id"); id != nullptr && id->is_string())
          number_of_node.emplace(id->get<std::string>(), static_cast<std::uint32_t>(pose.points.size()));
        pose.points.push_back(text_of(node, "category", at));
      });
      each(*graph, "edges", "/graph", [&](const Json& edge, const std::string& at) {
        const auto from = number_of_node.find(text_of(edge, "source", at)),
                   to = number_of_node.find(text_of(edge, "target", at));
        if (from != number_of_node.end() && to != number_of_node.end())
          pose.edges.emplace_back(from->second, to->second);
      });
      source.joints = pose.points;
      ontology.skeletons.push_back(std::move(pose));
      return;
    }
  }
}

/// Where a frame's image is below the labels' folder: in one of its video's own where there is one, and where frames of
/// several videos have one name, which would be one file.
class ImageFiles {
 public:
  ImageFiles(const Json& frames, fs::path folder) : folder_(std::move(folder)) {
    std::error_code failure;
    for (std::size_t f = 0; f < frames.size(); ++f) {
      const std::string video = video_of(frames[f]);
      videos_of_name_[text_of(frames[f], "name", fmt::format("/{}", f))].insert(video);
      if (!video.empty() && !has_folder_.contains(video))
        has_folder_[video] = fs::is_directory(folder_ / video, failure);
    }
  }
  fs::path of(const std::string& video, const std::string& name) const {
    const bool is_in_own = !video.empty() && (has_folder_.at(video) || videos_of_name_.at(name).size() > 1);
    return is_in_own ? folder_ / video / name : folder_ / name;
  }

 private:
  fs::path folder_;
  std::map<std::string, std::set<std::string>> videos_of_name_;
  std::map<std::string, bool> has_folder_;
};

void read_frames(const Json& frames, const fs::path& folder, Source& source, Scene& scene) {
  const ImageFiles files(frames, folder);
  std::set<std::string> videos, classes_with_pose;
  for (const Json& frame : frames) videos.insert(video_of(frame));
  source.has_several_videos = videos.size() > 1;
  read_joints(frames, source, scene.labels.ontology);
  std::map<std::string, std::size_t> track_of_name, class_names;
  std::vector<std::string> class_of_label;
  TimestampNs time = 0;
  for (std::size_t f = 0; f < frames.size(); ++f) {
    const Json& frame = frames[f];
    const std::string at = fmt::format("/{}", f), video = video_of(frame);
    std::uint32_t width = 0, height = 0;
    if (const Json* size = optional_member(frame, "size")) {
      const auto side = [&](const char* name) {
        return static_cast<std::uint32_t>(std::clamp(number_of(*size, name, at + "/size"), 0.0, 65'535.0));
      };
      width = side("width");
      height = side("height");
    }
    const std::string name = text_of(frame, "name", at);
    image_scene::add_image(scene, time, files.of(video, name), width, height);
    std::set<std::string> ids;
    const auto read_row = [&](const Json& l, const std::string& place, BadRow& bad) {
      bad.object = id_of(l, place);
      Row row = read_label(l, source.joints, place);
      if (!ids.insert(row.id).second) expect_no_fault(second_row_fault(row.id), place + "/id");
      if (row.value.is_empty()) {
        source.others.emplace_back(f, l);
        return;
      }
      const std::string track_name = video.empty()               ? name + "/" + row.id
                                     : source.has_several_videos ? video + "/" + row.id
                                                                 : row.id;
      const auto [found, is_new] = track_of_name.emplace(track_name, scene.labels.image_tracks.size());
      if (is_new) {
        scene.labels.image_tracks.push_back(
            {.camera = image_scene::unnamed_camera, .id = track_name, .class_name = row.category});
      }
      ImageTrack& track = scene.labels.image_tracks[found->second];
      class_names.emplace(row.category, class_names.size());
      if (row.value.skeleton) classes_with_pose.insert(row.category);
      track.keyframes.push_back({.timestamp = time,
                                 .value = std::move(row.value),
                                 .attributes = std::move(row.attributes),
                                 .source_row = static_cast<std::uint32_t>(source.labels.size())});
      source.labels.push_back(l);
      source.frame_of_label.push_back(f);
      class_of_label.push_back(std::move(row.category));
    };
    each(frame, "labels", at, [&](const Json& l, const std::string& place) {
      const bool is_right = collect(scene.labels.bad_rows, bad_row_at(scene.root, place, {}, time),
                                    [&](BadRow& bad) { read_row(l, place, bad); });
      if (!is_right) source.bad.push_back({source.labels.size(), f, l});
    });
    Json rest = frame;
    source.has_labels.push_back(frame.contains("labels"));
    rest.erase("labels");
    if (frame.contains("labels") && !frame["labels"].is_array()) rest["labels"] = frame["labels"];
    source.frames.push_back(std::move(rest));
    time += video.empty() ? image_period : video_period;
  }
  std::vector<std::string> names(class_names.size());
  for (const auto& [name, place] : class_names) names[place] = name;
  for (std::string& name : names)
    scene.labels.ontology.classes.push_back({.name = name, .skeleton = classes_with_pose.contains(name) ? "pose" : ""});
  const std::vector<TimestampNs> times = image_scene::frame_times(scene);
  for (ImageTrack& track : scene.labels.image_tracks) {
    set_classes_of_rows(track, class_of_label, std::identity{});
    image_scene::mark_gaps(track, times);
  }
  if (!source.others.empty())
    scene.notes.push_back(
        fmt::format("{} labels without a shape in the image are kept, not shown", source.others.size()));
  scene.assume_times("BDD100K's frames have no times: taken to be 200 ms apart in videos, else a second");
}

/// A frame of Scalabel has a name, and labels or a video.
bool is_frame(const Json& value) {
  return value.is_object() && value.contains("name") && value["name"].is_string() &&
         (value.contains("labels") || value.contains("videoName"));
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (path.extension() != ".json" || !fs::is_regular_file(path, failure)) return false;
  // The first frame's members are within the first kilobytes.
  const std::string head = read_head(path, 65'536);
  const std::size_t begin = head.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return false;
  const bool is_list = head[begin] == '[', has_frames = head.find("\"frames\"") < 200;
  return (is_list || has_frames) && head.find("\"name\"") != std::string::npos &&
         head.find("\"labels\"") != std::string::npos && head.find("\"category\"") != std::string::npos &&
         (head.find("\"box2d\"") != std::string::npos || head.find("\"poly2d\"") != std::string::npos ||
          head.find("\"rle\"") != std::string::npos || head.find("\"graph\"") != std::string::npos);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure))
    return Error{fmt::format("expected a BDD100K .json file: {}", path.string())};
  return std::vector<SceneHandle>{{Format::bdd100k, path, path.stem().string()}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  auto root = json::parse(content, file);
  if (!root) return root.error();
  Scene scene = image_scene::make(Format::bdd100k, file, file.stem().string());
  auto source = std::make_shared<Source>();
  const auto read = guard(file, [&] {
    source->is_list = root->is_array();
    const Json& frames = source->is_list ? *root : array(member(*root, "frames", ""), "/frames");
    for (std::size_t f = 0; f < frames.size(); ++f) {
      if (!is_frame(frames[f])) fail(fmt::format("/{}", f), "a frame: a name, and labels or a videoName");
    }
    read_frames(frames, file.parent_path(), *source, scene);
    if (!source->is_list) source->root = unknown_members(*root, {"frames"});
  });
  if (!read) return read.error();
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  return parse(*content, handle.root);
}

namespace {

void put_shapes(const ImageValue& value, const ImageValue& before, const std::vector<std::string>& joints, Json& row) {
  if (value.box != before.box) {
    row.erase("box2d");
    if (value.box)
      row["box2d"] = {
          {"x1", value.box->left}, {"y1", value.box->top}, {"x2", value.box->right}, {"y2", value.box->bottom}};
  }
  if (value.polygon != before.polygon) {
    row.erase("poly2d");
    if (value.polygon) {
      Json rings = Json::array();
      for (const Ring& ring : value.polygon->rings) {
        Json vertices = Json::array();
        for (const Vec2d& v : ring.vertices) vertices.push_back(Json::array({v.x, v.y}));
        rings.push_back({{"vertices", std::move(vertices)},
                         {"types", std::string(ring.vertices.size(), 'L')},
                         {"closed", ring.kind == RingKind::area}});
      }
      row["poly2d"] = std::move(rings);
    }
  }
  if (value.mask != before.mask) {
    row.erase("rle");
    if (value.mask)
      row["rle"] = {{"counts", to_coco_text(*value.mask)}, {"size", {value.mask->height(), value.mask->width()}}};
  }
  if (value.skeleton != before.skeleton) {
    const Json old = row.contains("graph") ? row["graph"] : Json::object();
    row.erase("graph");
    if (!value.skeleton) return;
    Json nodes = Json::array();
    for (std::size_t i = 0; i < value.skeleton->points.size() && i < joints.size(); ++i) {
      const Keypoint& point = value.skeleton->points[i];
      if (point.visibility == Visibility::absent) continue;
      Json node = {{"id", joints[i]}, {"category", joints[i]}};
      if (const Json* known = optional_member(old, "nodes")) {
        for (const Json& n : *known) {
          if (n["category"] == joints[i]) node = n;
        }
      }
      node["location"] = Json::array({point.position.x, point.position.y});
      node["visibility"] = point.visibility == Visibility::visible ? "V" : "N";
      nodes.push_back(std::move(node));
    }
    Json graph = old;
    graph["nodes"] = std::move(nodes);
    if (!graph.contains("edges")) graph["edges"] = Json::array();
    row["graph"] = std::move(graph);
  }
}

}  // namespace

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const bool is_as_read = source != nullptr && source->frames.size() == scene.images.size();
  const image_scene::ImageIndex index(scene);
  struct Written {
    std::size_t order;
    Json row;
  };
  std::vector<std::vector<Written>> rows(scene.images.size());
  std::size_t order = source == nullptr ? 0 : source->labels.size();
  // Bad rows stay between those that they were between: even places are theirs.
  for (std::size_t i = 0; is_as_read && i < source->bad.size(); ++i)
    rows[source->bad[i].frame].push_back({2 * source->bad[i].before, source->bad[i].label});
  const std::string video = is_as_read ? "" : scene.name;
  std::vector<std::string> joints = source == nullptr ? std::vector<std::string>() : source->joints;
  if (joints.empty() && !labels.ontology.skeletons.empty()) joints = labels.ontology.skeletons.front().points;
  for (const ImageTrack& track : labels.image_tracks) {
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto image = index.find(track.camera, keyframe.timestamp);
      if (!image) {
        return Error{
            fmt::format("BDD100K holds labels of images only: track {} has one at {} ns, where camera {} has no "
                        "image: {}",
                        track.id, keyframe.timestamp, track.camera, out.string())};
      }
      if (keyframe.value.box && keyframe.value.box->rotation != 0) {
        return Error{fmt::format("BDD100K cannot hold a turned box: track {} at {} ns: {}", track.id,
                                 keyframe.timestamp, out.string())};
      }
      Attributes attributes = keyframe.attributes;
      const std::string& category = class_at(track, keyframe.timestamp);
      // Ids in the file are those of its frame or video.
      std::string id = track.id;
      if (is_as_read) {
        const std::string frame_video = video_of(source->frames[*image]);
        const std::string prefix = frame_video.empty()          ? text_of(source->frames[*image], "name", "") + "/"
                                   : source->has_several_videos ? frame_video + "/"
                                                                : "";
        if (id.starts_with(prefix)) id.erase(0, prefix.size());
      }
      Json row = Json::object();
      ImageValue before;
      std::size_t place = order++;
      if (is_as_read && keyframe.source_row < source->labels.size() &&
          source->frame_of_label[keyframe.source_row] == *image) {
        place = keyframe.source_row;
        row = source->labels[place];
        const Row old = read_label(row, source->joints, "");
        if (old.id == id && old.category == category && old.value == keyframe.value && old.attributes == attributes) {
          rows[*image].push_back({2 * place + 1, std::move(row)});
          continue;
        }
        before = old.value;
      }
      row["id"] = id;
      row["category"] = category;
      if (const auto score = attributes.find("score"); score != attributes.end()) {
        row["score"] = attribute_value(score->second);
        attributes.erase(score);
      }
      row["attributes"] = Json::object();
      for (const auto& [name, value] : attributes) row["attributes"][name] = attribute_value(value);
      put_shapes(keyframe.value, before, joints, row);
      rows[*image].push_back({2 * place + 1, std::move(row)});
    }
  }
  const auto names =
      is_as_read ? Result<std::vector<std::string>>(std::vector<std::string>()) : image_scene::image_names(scene, out);
  if (!names) return names.error();
  Json frames = Json::array();
  for (std::size_t i = 0; i < scene.images.size(); ++i) {
    Json frame = Json::object();
    if (is_as_read) {
      frame = source->frames[i];
    } else {
      const ImageRef& image = scene.images[i];
      frame["name"] = (*names)[i];
      frame["videoName"] = video;
      frame["frameIndex"] = i;
      if (image.width > 0 && image.height > 0) frame["size"] = {{"width", image.width}, {"height", image.height}};
    }
    std::ranges::stable_sort(rows[i], {}, &Written::order);
    Json list = Json::array();
    for (Written& row : rows[i]) list.push_back(std::move(row.row));
    if (is_as_read) {
      for (const auto& [at, row] : source->others) {
        if (at == i) list.push_back(row);
      }
    }
    const bool is_wanted = is_as_read ? source->has_labels[i] && !frame.contains("labels") : true;
    if (!list.empty() || is_wanted) frame["labels"] = std::move(list);
    frames.push_back(std::move(frame));
  }
  if (source == nullptr || source->is_list) return json::dumped(frames, out);
  Json root = source->root;
  root["frames"] = std::move(frames);
  return json::dumped(root, out);
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::bdd100k
