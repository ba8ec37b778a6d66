// SPDX-License-Identifier: Apache-2.0
//
// Scenes on their way to disk, and the generated one.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "data/bad_row_text.h"
#include "data/conversion.h"
#include "data/synth/write_dataset.h"
#include "python/bindings/arrays.h"
#include "python/bindings/interruption.h"
#include "python/bindings/module.h"
#include "python/bindings/scene_state.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;
namespace fs = std::filesystem;

Format format_of_name(const std::string& name) {
  const auto format = format_from_name(name);
  if (!format || !has_label_writer(*format))
    throw ArgumentError{fmt::format("format: none called '{}' can be written; sweepmark.formats() lists them", name)};
  return *format;
}

Conversion conversion_of(const OpenScene& scene, const std::string& format) {
  const Format to = format_of_name(format);
  const Reading reading(scene.labels.state);
  const nb::gil_scoped_release unlocked;
  return prepare_conversion(scene.get(), to);
}

template <class Difference, class NameOf>
nb::list differences(const std::vector<Difference>& all, const NameOf& name_of) {
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Difference");
  nb::list out;
  for (const Difference& one : all) out.append(make(std::string(name_of(one)), one.count, one.what));
  return out;
}

void write_conversion(const Conversion& conversion, const fs::path& out, bool overwrite) {
  const nb::gil_scoped_release unlocked;
  expect_done(write(conversion, out, overwrite ? Overwrite::yes : Overwrite::no));
}

nb::dict formats() {
  nb::dict out;
  for (const Format format : all_formats()) out[nb::cast(format_name(format))] = has_label_writer(format);
  return out;
}

std::vector<std::string_view> formats_of_name(const fs::path& out) {
  std::vector<std::string_view> names;
  for (const Format format : formats_of_output(out)) names.push_back(format_name(format));
  return names;
}

void synth_scene(const fs::path& out, std::uint64_t seed, double seconds, int rings, int vehicles, int pedestrians,
                 int cyclists, const std::string& format, bool overwrite, nb::handle progress) {
  if (format != "nuscenes" && format != "kitti")
    throw ArgumentError{fmt::format("format: expected 'nuscenes' or 'kitti', got '{}'", format)};
  synth::DatasetOptions options;
  options.street = {
      .seed = seed, .seconds = seconds, .vehicles = vehicles, .pedestrians = pedestrians, .cyclists = cyclists};
  options.lidar.rings = rings;
  options.format = format == "kitti" ? synth::DatasetFormat::kitti : synth::DatasetFormat::nuscenes;
  Interruption interruption(progress, seconds > 0 && seconds < 1e7 ? synth::sweep_count(options.street) : 0);
  {
    const nb::gil_scoped_release unlocked;
    expect_done(synth::write_dataset(
        options, out, [&] { interruption(); }, overwrite ? Overwrite::yes : Overwrite::no));
  }
  interruption.finish();
}

}  // namespace

void bind_write(nb::module_& m) {
  nb::class_<Conversion>(m, "Conversion",
                         "A scene on its way into another format: what it becomes there, and how that differs, before "
                         "anything is written.")
      .def(
          "__init__",
          [](Conversion* self, const OpenScene& scene, const std::string& format) {
            new (self) Conversion(conversion_of(scene, format));
          },
          "scene"_a, "format"_a, "A copy of the scene with what the format can hold. Cost: O(labels).")
      .def_prop_ro(
          "lost",
          [](const Conversion& c) {
            nb::list all = differences(c.losses, [](const Loss& loss) { return feature_name(loss.feature); });
            if (!c.left_out_rows.empty())
              all.append(nb::module_::import_("sweepmark._records")
                             .attr("Difference")("bad_rows", c.left_out_rows.size(), count_in_words(c.left_out_rows)));
            return all;
          },
          nb::sig("def lost(self) -> list[sweepmark._records.Difference]"), "What the format cannot hold.")
      .def_prop_ro(
          "invented",
          [](const Conversion& c) {
            return differences(c.inventions, [](const Invention& i) { return need_name(i.need); });
          },
          nb::sig("def invented(self) -> list[sweepmark._records.Difference]"),
          "What the format needs and the scene does not know, so that it is made up.")
      .def_prop_ro("is_exact", &Conversion::is_exact, "Nothing is lost and nothing made up.")
      .def_prop_ro("format", [](const Conversion& c) { return format_name(c.to); })
      .def_prop_ro(
          "extension", [](const Conversion& c) { return scene_extension(c.to); },
          "Of the file that a scene is in this format; empty where it is a folder.")
      .def_prop_ro("label_count", &Conversion::label_count)
      .def_prop_ro("track_count", &Conversion::track_count)
      .def("write", &write_conversion, "path"_a, "overwrite"_a = false,
           nb::sig("def write(self, path: str | os.PathLike[str], overwrite: bool = False) -> None"),
           "Writes a scene that opens on its own, whole or not at all. Error: something is there and may not be "
           "overwritten, or is of the scene's own dataset; I/O.")
      .def("__repr__", [](const Conversion& c) {
        return fmt::format("Conversion(to {}: {} labels of {} tracks, {} losses, {} inventions)", format_name(c.to),
                           c.label_count(), c.track_count(), c.losses.size(), c.inventions.size());
      });
  m.def("formats", &formats, nb::sig("def formats() -> dict[str, bool]"),
        "All formats in the order in which they are recognised, and whether they can be written.");
  m.def("formats_of_output", &formats_of_name, "path"_a,
        nb::sig("def formats_of_output(path: str | os.PathLike[str]) -> list[str]"));
  m.def("synth", &synth_scene, "path"_a, nb::kw_only(), "seed"_a, "seconds"_a, "rings"_a, "vehicles"_a, "pedestrians"_a,
        "cyclists"_a, "format"_a, "overwrite"_a, "progress"_a.none(),
        nb::sig("def synth(path: str | os.PathLike[str], *, seed: int, seconds: float, rings: int, vehicles: int, "
                "pedestrians: int, cyclists: int, format: str, overwrite: bool, progress: "
                "collections.abc.Callable[[int, int], object] | None) -> None"));
}

}  // namespace sweepmark::python
