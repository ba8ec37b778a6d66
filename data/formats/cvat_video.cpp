// SPDX-License-Identifier: Apache-2.0
//
// https://docs.cvat.ai/docs/manual/advanced/xml_format/. A track lists shapes by frame: keyframe="1" was set by a
// person, outside="1" says that the object is away from that frame until the next shape. Shapes: cvat_shapes.h.
#include "data/formats/cvat_video.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/cvat_shapes.h"
#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "data/formats/xml_reader.h"
#include "tracking/evaluate_image.h"
#include "tracking/provenance.h"

namespace sweepmark::cvat_video {
namespace fs = std::filesystem;
using namespace cvat;
using namespace xml;
namespace {

constexpr double frames_per_second = 30;
constexpr std::int64_t most_frames = 1'000'000;  // nine hours; a slip in a number must not fill the memory

TimestampNs time_of_frame(std::int64_t frame) {
  return static_cast<TimestampNs>(std::llround(static_cast<double>(frame) * 1e9 / frames_per_second));
}

struct Source : LabelSource {
  std::string document;                       ///< the file without its tracks
  std::map<std::string, std::string> tracks;  ///< XML of each, by id
  std::vector<std::string> order;             ///< ids as in the file
  ImageSize size;
  std::int64_t frames = 0;
  Ontology ontology;
  std::set<std::string> other_elements;  ///< names of what is no shape of ours: "tag", "cuboid"

  std::vector<std::string> other_fields() const override {
    std::vector<std::string> names;
    for (const std::string& name : other_elements) names.push_back(fmt::format("<{}>", name));
    return names;
  }
};

/// Two values that a person cannot tell apart; CVAT prints hundredths of pixels.
bool is_alike(const ImageValue& a, const ImageValue& b) {
  constexpr double near = 0.02;
  const auto close = [](double x, double y) { return std::abs(x - y) <= near; };
  if (a.box && b.box) {
    return close(a.box->left, b.box->left) && close(a.box->top, b.box->top) && close(a.box->right, b.box->right) &&
           close(a.box->bottom, b.box->bottom) && std::abs(a.box->rotation - b.box->rotation) < 1e-3;
  }
  if (a.polygon && b.polygon) {
    if (a.polygon->rings.size() != 1 || b.polygon->rings.size() != 1) return false;
    const auto &p = a.polygon->rings[0].vertices, &q = b.polygon->rings[0].vertices;
    return std::ranges::equal(p, q, [&](const Vec2d& x, const Vec2d& y) { return close(x.x, y.x) && close(x.y, y.y); });
  }
  if (a.skeleton && b.skeleton) {
    return std::ranges::equal(a.skeleton->points, b.skeleton->points, [&](const Keypoint& x, const Keypoint& y) {
      return x.visibility == y.visibility && close(x.position.x, y.position.x) && close(x.position.y, y.position.y);
    });
  }
  return a == b;
}

struct Shape {
  std::int64_t frame = 0;
  bool is_keyframe = true, is_outside = false;
  ImageValue value = {};
  Attributes attributes = {};
};

/// Shapes that are wrong by themselves, as findings and as they are.
struct BadShapes {
  std::vector<BadRow> rows;
  std::vector<pugi::xml_node> nodes;
};

std::vector<Shape> shapes_of(const pugi::xml_node& node, const ImageSize& size, const std::vector<std::string>& points,
                             const std::string& track_place, BadShapes& bad) {
  std::vector<Shape> shapes;
  for (const pugi::xml_node& child : node.children()) {
    if (!is_shape(child.name())) continue;
    Shape shape{.frame = whole(child, "frame", most_frames, track_place)};
    const std::string place = fmt::format("{}, frame {}", track_place, shape.frame);
    shape.is_keyframe = child.attribute("keyframe").as_int(1) == 1;
    shape.is_outside = child.attribute("outside").as_int() == 1;
    if (!shapes.empty() && shape.frame < shapes.back().frame) fail(place, "expected frames in ascending order");
    const BadRow row = bad_row_at({}, place, node.attribute("id").value(), time_of_frame(shape.frame));
    const bool is_right = collect(bad.rows, row, [&](BadRow&) {
      shape.value = value_of(child, size, points, place);
      if (!shapes.empty() && shape.frame == shapes.back().frame) expect_no_fault(second_row_fault(track_place), place);
    });
    if (!is_right) {
      bad.nodes.push_back(child);
      continue;
    }
    shape.attributes = attributes_of(child, place);
    shapes.push_back(std::move(shape));
  }
  return shapes;
}

ImageKeyframe keyframe_of(const Shape& shape) {
  ImageKeyframe keyframe{.timestamp = time_of_frame(shape.frame), .value = shape.value, .attributes = shape.attributes};
  if (!shape.is_keyframe) set_provenance(keyframe.attributes, {.what = std::string(provenance::interpolated)});
  return keyframe;
}

ImageTrack read_track(const pugi::xml_node& node, const ImageSize& size, const Ontology& ontology, std::int64_t frames,
                      BadShapes& bad) {
  ImageTrack track{.camera = image_scene::unnamed_camera};
  track.id = attribute(node, "id", "<track>");
  const std::string place = "track " + track.id;
  track.class_name = attribute(node, "label", place);
  const std::vector<Shape> shapes = shapes_of(node, size, points_of_class(ontology, track.class_name), place, bad);
  // What CVAT shows: a shape holds until the next one; between two that are there it is interpolated. So the last frame
  // before the object goes, or the film ends, is a keyframe too.
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const Shape& shape = shapes[i];
    const std::int64_t next = i + 1 < shapes.size() ? shapes[i + 1].frame : frames;
    if (shape.is_outside) {
      // Before the first shown shape and behind the last one too: nobody may hold a shape there.
      if (next > shape.frame) track.absences.push_back({time_of_frame(shape.frame), time_of_frame(next - 1)});
      continue;
    }
    const bool ends_here = i + 1 == shapes.size() || shapes[i + 1].is_outside;
    if (shape.is_keyframe || ends_here) track.keyframes.push_back(keyframe_of(shape));
    if (ends_here && next - 1 > shape.frame) {
      Shape held = shape;
      held.frame = next - 1;
      held.is_keyframe = false;
      track.keyframes.push_back(keyframe_of(held));
    }
  }
  // Outside shapes in a row are one span.
  std::vector<AbsenceSpan> spans;
  for (const AbsenceSpan& span : track.absences) {
    const bool follows = !spans.empty() && std::ranges::none_of(track.keyframes, [&](const ImageKeyframe& k) {
      return k.timestamp > spans.back().end && k.timestamp < span.begin;
    });
    if (follows) {
      spans.back().end = span.end;
    } else {
      spans.push_back(span);
    }
  }
  track.absences = std::move(spans);
  // Computed shapes that we compute too are not kept.
  ImageTrack kept = track;
  for (const Shape& shape : shapes) {
    if (shape.is_keyframe || shape.is_outside) continue;
    const auto ours = evaluate(track, time_of_frame(shape.frame));
    if (ours && (ours->is_keyframe || is_alike(ours->value, shape.value))) continue;
    kept.keyframes.push_back(keyframe_of(shape));
  }
  std::ranges::sort(kept.keyframes, {}, &ImageKeyframe::timestamp);
  // Attributes that never change belong to the track.
  const FixedAttributes fixed = fixed_attributes(ontology);
  if (const auto names = fixed.find(kept.class_name); names != fixed.end()) {
    for (ImageKeyframe& keyframe : kept.keyframes) {
      for (const std::string& name : names->second) {
        const auto found = keyframe.attributes.find(name);
        if (found == keyframe.attributes.end()) continue;
        kept.attributes.insert(*found);
        keyframe.attributes.erase(found);
      }
    }
  }
  return kept;
}

void read_document(const pugi::xml_document& document, Scene& scene, Source& source) {
  const pugi::xml_node root = document.child("annotations");
  if (!root) fail("document", "expected <annotations>");
  const pugi::xml_node meta = root.child("meta");
  if (!root.children("image").empty() && root.children("track").empty())
    fail("<annotations>", "expected CVAT for video (<track>), got CVAT for images (<image>)");
  const pugi::xml_node task = meta.child("task")  ? meta.child("task")
                              : meta.child("job") ? meta.child("job")
                                                  : meta.child("project");
  const pugi::xml_node original = meta.select_node(".//original_size").node();
  source.size = {static_cast<std::uint32_t>(std::clamp(original.child("width").text().as_int(), 0, 65'535)),
                 static_cast<std::uint32_t>(std::clamp(original.child("height").text().as_int(), 0, 65'535))};
  read_labels(meta, scene.labels.ontology);
  add_undescribed_skeletons(root, scene.labels.ontology, scene.notes);
  source.ontology = scene.labels.ontology;
  scene.name = *task.child_value("name") != '\0' ? task.child_value("name") : scene.name;
  std::int64_t frames = std::clamp<std::int64_t>(task.child("size").text().as_llong(), 0, most_frames);
  for (const pugi::xml_node& node : root.children("track")) {
    for (const pugi::xml_node& shape : node.children()) {
      const std::int64_t frame = shape.attribute("frame").as_llong();
      if (frame > most_frames) fail("<track>", fmt::format("expected frames up to {}", most_frames));
      if (is_shape(shape.name())) frames = std::max(frames, frame + 1);
    }
  }
  source.frames = frames;
  std::map<std::string, std::size_t> unknown;
  std::size_t ellipses = 0;
  for (const pugi::xml_node& node : root.children("track")) {
    BadShapes bad;
    ImageTrack track = read_track(node, source.size, scene.labels.ontology, frames, bad);
    for (BadRow& row : bad.rows) {
      row.file = scene.root;
      scene.labels.bad_rows.push_back(std::move(row));
    }
    if (!source.tracks.emplace(track.id, text_of(node)).second) fail("track " + track.id, "expected each id once");
    source.order.push_back(track.id);
    for (const pugi::xml_node& shape : node.children()) {
      if (shape.type() == pugi::node_element && !is_shape(shape.name())) ++unknown[shape.name()];
      ellipses += std::string_view(shape.name()) == "ellipse";
    }
    if (!track.keyframes.empty()) scene.labels.image_tracks.push_back(std::move(track));
  }
  // Tags of frames, for one.
  for (const pugi::xml_node& node : root.children()) {
    const std::string_view name = node.name();
    if (node.type() == pugi::node_element && name != "track" && name != "meta" && name != "version")
      ++unknown[std::string(name)];
  }
  if (ellipses > 0) scene.notes.push_back(fmt::format("{} <ellipse> are shown as polygons of 64 corners", ellipses));
  for (const auto& [name, count] : unknown) source.other_elements.insert(name);
  for (const auto& [name, count] : unknown)
    scene.notes.push_back(fmt::format("{} <{}> are kept in the file but not shown", count, name));
  for (std::int64_t frame = 0; frame < frames; ++frame)
    image_scene::add_image(scene, time_of_frame(frame), {}, source.size.width, source.size.height);
  if (frames > 0)
    scene.assume_times(fmt::format("CVAT's frames have no times: taken to be {} a second", frames_per_second));
}

}  // namespace

bool recognises(const fs::path& path) {
  std::error_code failure;
  if (path.extension() != ".xml" || !fs::is_regular_file(path, failure)) return false;
  const std::string head = read_head(path, 4096);
  return head.find("<annotations") != std::string::npos &&
         (head.find("<meta>") != std::string::npos || head.find("<track") != std::string::npos) &&
         !begins_with_images(path);
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_regular_file(path, failure)) return Error{fmt::format("expected a CVAT .xml file: {}", path.string())};
  return std::vector<SceneHandle>{{Format::cvat_video, path, path.stem().string()}};
}

Result<Scene> parse(std::string_view content, const fs::path& file) {
  pugi::xml_document document;
  if (auto parsed = xml::parse(content, file, document); !parsed) return parsed.error();
  Scene scene = image_scene::make(Format::cvat_video, file, file.stem().string());
  auto source = std::make_shared<Source>();
  if (auto read = guard(file, [&] { read_document(document, scene, *source); }); !read) return read.error();
  pugi::xml_node root = document.child("annotations");
  while (root.remove_child("track")) {
  }
  source->document = text_of(document);
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  auto content = read_file(handle.root);
  if (!content) return content.error();
  auto scene = parse(*content, handle.root);
  if (scene) scene->name = handle.name;
  return scene;
}

namespace {

/// Writes one track; knows the frames of its scene.
class TrackWriter {
 public:
  TrackWriter(const std::vector<TimestampNs>& frames, const Ontology& ontology, const fs::path& out)
      : frames_(frames), ontology_(ontology), fixed_(fixed_attributes(ontology)), out_(out) {}

  /// \param old  the track as it was read, or nothing: attributes of its shapes that we do not know are kept
  Result<void> write(const ImageTrack& track, const pugi::xml_node& old, pugi::xml_node parent) {
    pugi::xml_node node = parent.append_child("track");
    for (const pugi::xml_attribute& a : old.attributes()) node.append_copy(a);
    set(node, "id", track.id);
    set(node, "label", track.class_name);
    if (!old) set(node, "source", "manual");
    const std::vector<std::optional<ImageState>> states = evaluate(track, frames_);
    const auto index_of = [&](TimestampNs time) {
      const auto at = std::ranges::lower_bound(frames_, time);
      return at != frames_.end() && *at == time ? std::optional(static_cast<std::size_t>(at - frames_.begin()))
                                                : std::nullopt;
    };
    std::map<std::size_t, const ImageKeyframe*> keyframes;
    for (const ImageKeyframe& k : track.keyframes) {
      const auto frame = index_of(k.timestamp);
      if (!frame) {
        return Error{
            fmt::format("CVAT holds labels at frames only: track {} has one at {} ns, where there is no frame: {}",
                        track.id, k.timestamp, out_.string())};
      }
      keyframes.emplace(*frame, &k);
    }
    if (keyframes.empty()) return {};
    const ImageKeyframe* last = keyframes.begin()->second;
    if (const auto away = first_absent_frame(track, keyframes.begin()->first)) {
      if (auto done = put_shape(node, *away, last->value, {}, track, true, old); !done) return done;
    }
    for (std::size_t f = keyframes.begin()->first; f < frames_.size(); ++f) {
      const auto at = keyframes.find(f);
      if (at != keyframes.end()) {
        last = at->second;
        // What CVAT holds by itself, and was read as such, is not set again.
        const bool ends = f + 1 == frames_.size() || !states[f + 1];
        const bool is_held = ends && at != keyframes.begin() && std::prev(at)->second->value == last->value &&
                             provenance_of(last->attributes).what == provenance::interpolated;
        if (!is_held) {
          if (auto done = put_shape(node, f, last->value, last->attributes, track, false, old); !done) return done;
        }
        continue;
      }
      const bool was_there = f > 0 && states[f - 1].has_value();
      if (!states[f] && was_there) {
        if (auto done = put_shape(node, f, states[f - 1]->value, last->attributes, track, true, old); !done)
          return done;
      } else if (states[f] && (!was_there || (f + 1 < frames_.size() && !states[f + 1]))) {
        // The object comes or goes between two keyframes: CVAT needs one there.
        Attributes attributes = last->attributes;
        set_provenance(attributes, {.what = std::string(provenance::interpolated)});
        if (auto done = put_shape(node, f, states[f]->value, attributes, track, false, old); !done) return done;
      }
    }
    return {};
  }

 private:
  /// The first frame before the first keyframe's in which the object is said to be absent.
  std::optional<std::size_t> first_absent_frame(const ImageTrack& track, std::size_t first_keyframe) const {
    for (std::size_t f = 0; f < first_keyframe; ++f) {
      if (std::ranges::any_of(track.absences,
                              [&](const AbsenceSpan& s) { return s.begin <= frames_[f] && frames_[f] <= s.end; }))
        return f;
    }
    return std::nullopt;
  }

  Result<void> put_shape(pugi::xml_node& parent, std::size_t frame, const ImageValue& value, Attributes attributes,
                         const ImageTrack& track, bool is_outside, const pugi::xml_node& old) {
    const auto points = points_of_class(ontology_, track.class_name);
    const std::string name(cvat::element_of(value, points));
    if (name.empty()) {
      return Error{
          fmt::format("CVAT holds one box, polygon of one ring, line, mask, skeleton or points in a frame: track {} is "
                      "not so at {} ns: {}",
                      track.id, frames_[frame], out_.string())};
    }
    pugi::xml_node node = parent.append_child(name.c_str());
    const std::string number = std::to_string(frame);
    for (const pugi::xml_node& before : old.children(name.c_str())) {
      if (number != before.attribute("frame").value()) continue;
      for (const pugi::xml_attribute& a : before.attributes()) node.append_copy(a);
    }
    set(node, "frame", number);
    const bool is_computed = provenance_of(attributes).what == provenance::interpolated;
    if (is_computed) set_provenance(attributes, {});
    set(node, "keyframe", is_computed && !is_outside ? "0" : "1");
    set(node, "outside", is_outside ? "1" : "0");
    set(node, "occluded", "0");
    if (auto put = put_value(node, value, points, track.id, out_); !put) return put;
    if (!node.attribute("z_order")) set(node, "z_order", "0");
    if (const auto fixed = fixed_.find(track.class_name); fixed != fixed_.end()) {
      for (const auto& [key, text] : track.attributes) {
        if (fixed->second.contains(key)) attributes.emplace(key, text);
      }
    }
    put_attributes(node, std::move(attributes));
    return {};
  }

  const std::vector<TimestampNs>& frames_;
  const Ontology& ontology_;
  FixedAttributes fixed_;
  const fs::path& out_;
};

/// Puts bad shapes back, each before the next frame's. \param track  that was written, or nothing: one of them alone
void put_bad_shapes(const BadShapes& bad, const pugi::xml_node& old, pugi::xml_node track, pugi::xml_node root) {
  if (bad.nodes.empty()) return;
  if (!track) {
    track = root.append_child("track");
    for (const pugi::xml_attribute& a : old.attributes()) track.append_copy(a);
  }
  for (const pugi::xml_node& node : bad.nodes) {
    const auto is_later = [&](const pugi::xml_node& shape) {
      return is_shape(shape.name()) && shape.attribute("frame").as_llong() > node.attribute("frame").as_llong();
    };
    const auto shapes = track.children();
    const auto next = std::ranges::find_if(shapes.begin(), shapes.end(), is_later);
    if (next == shapes.end()) {
      track.append_copy(node);
    } else {
      track.insert_copy_before(node, *next);
    }
  }
}

bool same_track(const ImageTrack& a, const ImageTrack& b) {
  return a.class_name == b.class_name && a.attributes == b.attributes && a.absences == b.absences &&
         std::ranges::equal(a.keyframes, b.keyframes, [](const ImageKeyframe& x, const ImageKeyframe& y) {
           return x.timestamp == y.timestamp && x.value == y.value && x.attributes == y.attributes;
         });
}

}  // namespace

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  pugi::xml_document document;
  std::uint32_t width = 0, height = 0;
  for (const ImageRef& image : scene.images) {
    width = std::max(width, image.width);
    height = std::max(height, image.height);
  }
  // A mask knows the size of its image where the scene does not.
  for (const ImageTrack& track : labels.image_tracks) {
    for (const ImageKeyframe& k : track.keyframes) {
      if (!k.value.mask) continue;
      width = std::max(width, k.value.mask->width());
      height = std::max(height, k.value.mask->height());
    }
  }
  if (source != nullptr) {
    document.load_string(source->document.c_str(), pugi::parse_full);
  } else {
    pugi::xml_node declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "utf-8";
    pugi::xml_node root = document.append_child("annotations");
    root.append_child("version").text().set("1.1");
    pugi::xml_node task = root.append_child("meta").append_child("task");
    task.append_child("name").text().set(scene.name.c_str());
    task.append_child("size").text().set(static_cast<unsigned long long>(scene.frames.size()));
    task.append_child("mode").text().set("interpolation");
    task.append_child("start_frame").text().set(0);
    task.append_child("stop_frame").text().set(static_cast<long long>(scene.frames.size()) - 1);
    pugi::xml_node size = task.append_child("original_size");
    size.append_child("width").text().set(width);
    size.append_child("height").text().set(height);
    if (!scene.images.empty() && scene.images.front().video_frame)
      task.append_child("source").text().set(scene.images.front().file.filename().c_str());
  }
  pugi::xml_node root = document.child("annotations");
  const Ontology ontology = source == nullptr ? with_used_names(labels) : labels.ontology;
  if (source == nullptr || !(ontology == source->ontology)) {
    pugi::xml_node meta = root.child("meta");
    put_labels(meta.first_child() ? meta.first_child() : meta, ontology);
  }
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  std::map<std::string, const ImageTrack*> track_of_id;
  for (const ImageTrack& track : labels.image_tracks) {
    if (!track_of_id.emplace(track.id, &track).second)
      return Error{fmt::format("CVAT holds one camera: track {} is in two: {}", track.id, out.string())};
  }
  std::vector<std::string> order = source == nullptr ? std::vector<std::string>() : source->order;
  const std::set<std::string> known(order.begin(), order.end());
  for (const ImageTrack& track : labels.image_tracks) {
    if (!known.contains(track.id)) order.push_back(track.id);
  }
  TrackWriter writer(frames, ontology, out);
  for (const std::string& id : order) {
    const auto now = track_of_id.find(id);
    pugi::xml_document old;
    if (known.contains(id)) old.load_string(source->tracks.at(id).c_str(), pugi::parse_full);
    const pugi::xml_node old_track = old.child("track");
    ImageTrack before;
    BadShapes bad;
    if (old_track) {
      before = read_track(old_track, source->size, source->ontology, source->frames, bad);
      const bool has_shapes_unknown_to_us = before.keyframes.empty();
      if (has_shapes_unknown_to_us || (now != track_of_id.end() && same_track(before, *now->second))) {
        root.append_copy(old_track);
        continue;
      }
    }
    if (now == track_of_id.end()) {
      put_bad_shapes(bad, old_track, {}, root);
      continue;
    }
    if (auto done = writer.write(*now->second, old_track, root); !done) return done.error();
    put_bad_shapes(bad, old_track, root.last_child(), root);
  }
  return text_of(document);
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  if (auto apart = image_scene::expect_names_apart(scene, labels, "CVAT for video", out); !apart) return apart;
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

}  // namespace sweepmark::cvat_video
