// SPDX-License-Identifier: Apache-2.0
//
// https://motchallenge.net/instructions/. Columns: frame, id, left, top, width, height, confidence, then class and
// visibility (2016 on) or x, y, z (2015). Frames and pixels count from 1: the image's top left corner is at (1, 1).
#include "data/formats/mot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <ranges>
#include <set>

#include "data/atomic_file.h"
#include "data/formats/bad_rows.h"
#include "data/formats/image_scene.h"
#include "data/formats/text.h"
#include "tracking/class_at.h"

namespace sweepmark::mot {
namespace fs = std::filesystem;
namespace {

constexpr double usual_frames_per_second = 30;
constexpr std::int64_t most_frames = 1'000'000;  // nine hours; a slip in a number must not fill the memory

/// Names of the classes 1 to 13 of MOT16, MOT17 and MOT20.
constexpr std::array<std::string_view, 14> class_names = {
    "",           "pedestrian", "person_on_vehicle",      "car",
    "bicycle",    "motorbike",  "non_motorized_vehicle",  "static_person",
    "distractor", "occluder",   "occluder_on_the_ground", "occluder_full",
    "reflection", "crowd"};

std::string class_name_of(std::int64_t number) {
  if (number >= 1 && number < static_cast<std::int64_t>(class_names.size()))
    return std::string(class_names[static_cast<std::size_t>(number)]);
  return fmt::format("class_{}", number);
}

/// The inverse; nothing for a name that MOT does not know.
std::optional<std::int64_t> class_number_of(const std::string& name) {
  const auto found = std::ranges::find(class_names, name);
  if (found != class_names.end() && found != class_names.begin()) return found - class_names.begin();
  std::int64_t number = 0;
  if (name.starts_with("class_") && parse_number(std::string_view(name).substr(6), number) &&
      class_name_of(number) == name)
    return number;
  return std::nullopt;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  while (true) {
    const std::size_t comma = line.find(',');
    std::string_view cell = line.substr(0, comma);
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '\t')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '\t' || cell.back() == '\r')) cell.remove_suffix(1);
    cells.push_back(cell);
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

struct Row {
  std::int64_t frame = 0, id = 0;
  std::string class_name;
  ImageBox box;
  Attributes attributes;
  std::optional<RowFault> fault = {};
};

Result<Row> parse_row(std::string_view text, const std::string& place) {
  const auto cells = cells_of(text);
  if (cells.size() < 7 || cells.size() > 10)
    return Error{fmt::format("expected 7 to 10 cells between commas, got {}: {}", cells.size(), place)};
  std::vector<double> v(cells.size());
  Row row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (parse_number(cells[i], v[i])) continue;
    if (i < 2 || !is_no_finite_number(cells[i]))
      return Error{fmt::format("expected a number, got \"{}\": {}", cells[i], place)};
    row.fault = not_finite_fault(cells[i]);
    v[i] = 0;
  }
  const auto whole = [](double value, std::int64_t& out) {
    if (!(std::abs(value) <= 1e15) || value != std::floor(value)) return false;
    out = static_cast<std::int64_t>(value);
    return true;
  };
  if (!whole(v[0], row.frame) || row.frame < 1 || row.frame > most_frames)
    return Error{fmt::format("expected a frame from 1 to {}, got {}: {}", most_frames, cells[0], place)};
  if (!whole(v[1], row.id)) return Error{fmt::format("expected a whole number as id, got {}: {}", cells[1], place)};
  row.box = {v[2] - 1, v[3] - 1, v[2] - 1 + v[4], v[3] - 1 + v[5], 0};
  // By the file's own numbers: a width that its place swallows is 0 in pixels.
  if (!row.fault) row.fault = box_fault({0, 0, v[4], v[5], 0});
  if (!row.fault) row.fault = box_fault(row.box);
  row.attributes["confidence"] = std::string(cells[6]);
  row.class_name = "pedestrian";
  if (cells.size() >= 8 && cells.size() < 10) {
    std::int64_t number = 0;
    if (!whole(v[7], number))
      return Error{fmt::format("expected a whole number as class, got {}: {}", cells[7], place)};
    row.class_name = number == -1 ? "pedestrian" : class_name_of(number);
    if (cells.size() == 9) row.attributes["visibility"] = std::string(cells[8]);
  }
  return row;
}

struct Source : LabelSource {
  std::vector<std::string> rows;  ///< by source_row
  std::vector<std::int64_t> frames;
  std::vector<std::size_t> bad_rows;  ///< which of `rows` are no labels: written back as they are
  std::size_t columns = 9;
};

TimestampNs time_of_frame(std::int64_t frame, double frames_per_second) {
  return static_cast<TimestampNs>(std::llround(static_cast<double>(frame - 1) * 1e9 / frames_per_second));
}

bool is_file(const fs::path& path) {
  std::error_code failure;
  return fs::is_regular_file(path, failure);
}

/// The label file of a sequence's folder; a file stands for itself.
std::optional<fs::path> label_file(const fs::path& path) {
  if (is_file(path)) return path;
  for (const char* name : {"gt/gt.txt", "gt.txt", "det/det.txt", "det.txt"}) {
    if (is_file(path / name)) return path / name;
  }
  return std::nullopt;
}

bool is_in_folder_of_labels(const fs::path& file) {
  const fs::path folder = file.parent_path().filename();
  return folder == "gt" || folder == "det";
}

/// The folder of the sequence that a label file is of.
fs::path sequence_folder(const fs::path& file) {
  return is_in_folder_of_labels(file) ? file.parent_path().parent_path() : file.parent_path();
}

bool is_whole(std::string_view cell) {
  std::int64_t number = 0;
  return parse_number(cell, number);
}
bool is_number(std::string_view cell) {
  double number = 0;
  return parse_number(cell, number);
}

/// A row, but for the numbers that it may hold: frames from 0, for one.
bool is_nearly_row(std::string_view line) {
  const auto cells = cells_of(line);
  return cells.size() >= 7 && cells.size() <= 10 && is_whole(cells[0]) && is_whole(cells[1]) &&
         std::ranges::all_of(cells, is_number);
}

/// A row with something wrong in it, in a file that is called as MOT's.
bool resembles_row(std::string_view line) {
  const auto cells = cells_of(line);
  return cells.size() >= 6 && cells.size() <= 12 && std::ranges::count_if(cells, is_number) >= 5;
}

/// Whether the file has MOT's name; else it is a tracker's result, called as its sequence.
bool is_called_as_labels(const fs::path& file) { return file.filename() == "gt.txt" || file.filename() == "det.txt"; }

}  // namespace

bool recognises(const fs::path& path) {
  const auto file = label_file(path);
  if (!file || file->extension() != ".txt") return false;
  // A sequence with something wrong in it is one all the same: its own error says what, where it would be passed over.
  const fs::path folder = sequence_folder(*file);
  if (is_in_folder_of_labels(*file) && is_file(folder / "seqinfo.ini")) return true;
  constexpr std::ptrdiff_t enough_lines = 20;
  const auto head = read_head(*file, 4096);
  const auto lines = lines_of(head);
  return std::ranges::any_of(lines | std::views::take(enough_lines), [&](const Line& line) {
    return is_called_as_labels(*file) ? resembles_row(line.text) : is_nearly_row(line.text);
  });
}

Result<std::vector<SceneHandle>> find(const fs::path& path) {
  const auto file = label_file(path);
  if (!file) return Error{fmt::format("expected a folder with gt/gt.txt: {}", path.string())};
  std::error_code failure;
  const fs::path folder = sequence_folder(fs::absolute(*file, failure).lexically_normal()),
                 whole = fs::canonical(folder, failure);
  return std::vector<SceneHandle>{
      {Format::mot, path,
       is_called_as_labels(*file) ? (whole.empty() ? folder : whole).filename().string() : file->stem().string()}};
}

Result<Sequence> parse_sequence(std::string_view content, const fs::path& file) {
  Sequence sequence;
  for (const Line& line : lines_of(content)) {
    const std::size_t equals = line.text.find('=');
    if (equals == std::string_view::npos) continue;  // [Sequence], comments
    const auto trimmed = [](std::string_view word) {
      const auto words = words_of(word);
      return words.empty()
                 ? std::string_view()
                 : std::string_view(
                       words.front().data(),
                       static_cast<std::size_t>(words.back().data() + words.back().size() - words.front().data()));
    };
    const std::string_view name = trimmed(line.text.substr(0, equals)), value = trimmed(line.text.substr(equals + 1));
    double number = 0;
    const auto read_whole = [&](auto& out, double most) {
      if (!parse_number(value, number) || number < 0 || number > most || number != std::floor(number)) return false;
      out = static_cast<std::remove_reference_t<decltype(out)>>(number);
      return true;
    };
    bool good = true;
    if (name == "name") sequence.name = value;
    if (name == "imDir") sequence.image_folder = value;
    if (name == "imExt") sequence.image_extension = value;
    if (name == "frameRate") {
      good = parse_number(value, sequence.frames_per_second) && sequence.frames_per_second > 0 &&
             sequence.frames_per_second < 1e6;
    }
    if (name == "seqLength") good = read_whole(sequence.length, most_frames);
    if (name == "imWidth") good = read_whole(sequence.width, 1e6);
    if (name == "imHeight") good = read_whole(sequence.height, 1e6);
    if (!good)
      return Error{fmt::format("expected a number for {}, got \"{}\": {}", name, value, at_line(file, line.number))};
  }
  return sequence;
}

Result<Scene> parse(std::string_view content, const fs::path& file, const Sequence& sequence) {
  Scene scene = image_scene::make(Format::mot, file, sequence.name);
  auto source = std::make_shared<Source>();
  std::vector<Row> rows;
  std::vector<std::size_t> line_numbers;
  std::set<std::pair<std::int64_t, std::int64_t>> seen;  // frame and id
  std::int64_t frames = sequence.length;
  for (const Line& line : lines_of(content)) {
    auto row = parse_row(line.text, at_line(file, line.number));
    if (!row) return row.error();
    // Detections have no identity.
    if (!row->fault && row->id >= 0 && !seen.emplace(row->frame, row->id).second)
      row->fault = second_row_fault(fmt::format("id {}", row->id));
    line_numbers.push_back(line.number);
    frames = std::max(frames, row->frame);
    source->rows.emplace_back(line.text);
    source->frames.push_back(row->frame);
    rows.push_back(*std::move(row));
  }
  if (!source->rows.empty()) source->columns = cells_of(source->rows.front()).size();
  double rate = sequence.frames_per_second;
  if (rate == 0) {
    rate = usual_frames_per_second;
    scene.notes.push_back(fmt::format("no frame rate is given: taken to be {} frames a second", rate));
  }
  std::error_code failure;
  const fs::path images = sequence_folder(file) / sequence.image_folder;
  const bool has_images = !sequence.image_folder.empty() && fs::is_directory(images, failure);
  for (std::int64_t frame = 1; frame <= frames; ++frame) {
    image_scene::add_image(scene, time_of_frame(frame, rate),
                           has_images ? images / fmt::format("{:06}{}", frame, sequence.image_extension) : fs::path(),
                           sequence.width, sequence.height);
  }
  std::map<std::int64_t, std::size_t> track_of_id;
  std::map<std::string, bool> classes;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Row& row = rows[r];
    if (row.fault) {
      source->bad_rows.push_back(r);
      add_bad_row(scene.labels.bad_rows,
                  bad_row_at(file, fmt::format("line {}", line_numbers[r]), row.id < 0 ? "" : std::to_string(row.id),
                             time_of_frame(row.frame, rate)),
                  *row.fault);
      continue;
    }
    // Detections have no identity: each is a track of its own.
    const bool is_detection = row.id < 0;
    const auto [place, is_new] = track_of_id.emplace(is_detection ? -1 - static_cast<std::int64_t>(r) : row.id,
                                                     scene.labels.image_tracks.size());
    if (is_new) {
      scene.labels.image_tracks.push_back(
          {.camera = image_scene::unnamed_camera,
           .id = is_detection ? fmt::format("detection {}", r + 1) : std::to_string(row.id),
           .class_name = row.class_name});
    }
    ImageTrack& track = scene.labels.image_tracks[place->second];
    classes.emplace(row.class_name, true);
    track.keyframes.push_back({.timestamp = time_of_frame(row.frame, rate),
                               .value = {.box = row.box},
                               .attributes = std::move(row.attributes),
                               .source_row = static_cast<std::uint32_t>(r)});
  }
  const std::vector<TimestampNs> times = image_scene::frame_times(scene);
  for (ImageTrack& track : scene.labels.image_tracks) {
    std::ranges::stable_sort(track.keyframes, {}, &ImageKeyframe::timestamp);
    set_classes_of_rows(track, rows, &Row::class_name);
    image_scene::mark_gaps(track, times);
  }
  for (const auto& [name, unused] : classes)
    scene.labels.ontology.classes.push_back({.name = name, .number = class_number_of(name)});
  scene.labels.source = std::move(source);
  return scene;
}

Result<Scene> open(const SceneHandle& handle) {
  const auto file = label_file(handle.root);
  if (!file) return Error{fmt::format("expected a folder with gt/gt.txt: {}", handle.root.string())};
  Sequence sequence;
  if (const fs::path info = sequence_folder(*file) / "seqinfo.ini"; is_file(info)) {
    auto content = read_file(info);
    if (!content) return content.error();
    auto parsed = parse_sequence(*content, info);
    if (!parsed) return parsed.error();
    sequence = *std::move(parsed);
  }
  if (handle.frame_rate > 0) {
    if (sequence.frames_per_second > 0) {
      return Error{fmt::format("--frame-rate {}: seqinfo.ini gives a rate of {} already: {}", handle.frame_rate,
                               sequence.frames_per_second, handle.root.string())};
    }
    sequence.frames_per_second = handle.frame_rate;
  }
  auto content = read_file(*file);
  if (!content) return content.error();
  auto scene = parse(*content, *file, sequence);
  if (!scene) return scene;
  scene->root = handle.root;
  scene->name = handle.name;
  return scene;
}

Result<std::string> to_text(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  const auto* source = dynamic_cast<const Source*>(labels.source.get());
  const std::vector<TimestampNs> frames = image_scene::frame_times(scene);
  struct Written {
    std::int64_t frame;
    std::size_t order;
    std::string text;
  };
  std::vector<Written> rows;
  std::size_t order = source == nullptr ? 0 : source->rows.size();
  for (std::size_t i = 0; source != nullptr && i < source->bad_rows.size(); ++i) {
    const std::size_t row = source->bad_rows[i];
    rows.push_back({source->frames[row], row, source->rows[row]});
  }
  for (const ImageTrack& track : labels.image_tracks) {
    std::int64_t id = 0;
    const bool is_detection = track.id.starts_with("detection ");
    if (is_detection) {
      id = -1;
    } else if (!parse_number(std::string_view(track.id), id) || std::to_string(id) != track.id) {
      return Error{fmt::format("MOT needs whole numbers as ids, got track \"{}\": {}", track.id, out.string())};
    }
    for (const ImageKeyframe& keyframe : track.keyframes) {
      const auto at = std::ranges::lower_bound(frames, keyframe.timestamp);
      if (at == frames.end() || *at != keyframe.timestamp) {
        return Error{
            fmt::format("MOT holds labels at frames only: track {} has one at {} ns, where there is no frame: {}",
                        track.id, keyframe.timestamp, out.string())};
      }
      if (!keyframe.value.box || keyframe.value.box->rotation != 0) {
        return Error{fmt::format("MOT holds upright boxes only: track {} has none at {} ns: {}", track.id,
                                 keyframe.timestamp, out.string())};
      }
      const std::int64_t frame = at - frames.begin() + 1;
      const ImageBox& box = *keyframe.value.box;
      const std::string& class_name = class_at(track, keyframe.timestamp);
      const Attributes& attributes = keyframe.attributes;
      std::size_t place = order++;
      std::vector<std::string> cells;
      if (source != nullptr && keyframe.source_row < source->rows.size()) {
        place = keyframe.source_row;
        const std::string& text = source->rows[place];
        const auto before = parse_row(text, "");
        if (before->frame == frame && (before->id == id || (is_detection && before->id < 0)) && before->box == box &&
            before->class_name == class_name && before->attributes == attributes) {
          rows.push_back({frame, place, text});
          continue;
        }
        for (const std::string_view cell : cells_of(text)) cells.emplace_back(cell);
      } else {
        cells.assign(source == nullptr ? 9 : source->columns, "-1");
      }
      const auto number = class_number_of(class_name);
      if (!number) {
        return Error{fmt::format("MOT has the classes {} and class_N only, got track {} of class \"{}\": {}",
                                 fmt::join(class_names.begin() + 1, class_names.end(), ", "), track.id, class_name,
                                 out.string())};
      }
      cells[0] = std::to_string(frame);
      cells[1] = std::to_string(id);
      const double left = box.left + 1, top = box.top + 1;
      cells[2] = shortest(left);
      cells[3] = shortest(top);
      // What a reader computes, `left - 1 + width`, is the right edge again.
      cells[4] = shortest(image_scene::extent(left - 1, box.right));
      cells[5] = shortest(image_scene::extent(top - 1, box.bottom));
      const auto text_of = [&](const char* name, const char* otherwise) {
        const auto found = attributes.find(name);
        double value = 0;
        return found != attributes.end() && parse_number(std::string_view(found->second), value) ? found->second
                                                                                                 : otherwise;
      };
      cells[6] = text_of("confidence", "1");
      if (cells.size() == 8 || cells.size() == 9) cells[7] = std::to_string(*number);
      if (cells.size() == 9) cells[8] = text_of("visibility", "1");
      rows.push_back({frame, place, fmt::format("{}", fmt::join(cells, ","))});
    }
  }
  // By frame or by id, as the file was; new rows by frame.
  const bool by_frame = source == nullptr || std::ranges::is_sorted(source->frames);
  std::ranges::stable_sort(rows, [&](const Written& a, const Written& b) {
    return by_frame && a.frame != b.frame ? a.frame < b.frame : a.order < b.order;
  });
  std::string text;
  for (const Written& row : rows) text += row.text + "\n";
  return text;
}

Result<void> write_labels(const Scene& scene, const LabelSet& labels, const fs::path& out) {
  if (auto apart = image_scene::expect_names_apart(scene, labels, "MOT", out); !apart) return apart;
  auto text = to_text(scene, labels, out);
  if (!text) return text.error();
  return write_file(out, *text);
}

Result<void> write_scene(const Scene& scene, const LabelSet& labels, const fs::path& folder) {
  const auto parts = image_scene::parts_by_folder(scene, labels, "MOT", folder);
  if (!parts) return parts.error();
  for (const image_scene::FolderPart& part : *parts) {
    if (auto written = write_scene(part.scene, part.labels, folder / part.name); !written) return written;
  }
  if (!parts->empty()) return {};
  std::error_code failure;
  fs::create_directories(folder / "gt", failure);
  if (failure) return Error{fmt::format("{}: {}", failure.message(), folder.string())};
  if (auto written = write_labels(scene, labels, folder / "gt/gt.txt"); !written) return written;
  std::string info = fmt::format("[Sequence]\nname={}\n", scene.name);
  if (scene.frames.size() > 1) {
    const auto span = static_cast<double>(scene.frames.back().timestamp - scene.frames.front().timestamp);
    info += fmt::format("frameRate={}\n",
                        shortest(std::round(static_cast<double>(scene.frames.size() - 1) * 1e12 / span) / 1000));
  }
  info += fmt::format("seqLength={}\n", scene.frames.size());
  if (!scene.images.empty() && scene.images[0].width > 0)
    info += fmt::format("imWidth={}\nimHeight={}\n", scene.images[0].width, scene.images[0].height);
  return write_file(folder / "seqinfo.ini", info);
}

}  // namespace sweepmark::mot
