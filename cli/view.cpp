// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/commands.h"
#include "cli/image_size.h"
#include "cli/names.h"
#include "cli/scenes.h"
#include "data/formats/label_json.h"
#include "data/formats/text.h"
#include "data/store/this_user.h"
#include "viewer/ui/app.h"

namespace sweepmark::cli {
namespace {

namespace fs = std::filesystem;

struct ViewArguments {
  SceneArguments scenes;
  std::string labels, keys, ontology, script, record, track, author, size = "1600x900";
  std::size_t frame = 0;
  double scale = 0;
  bool validate = false, show = false, json = false, from_scratch = false;
};

/// Where the labels of a scene are kept: beside it, so that they are found again; here where that may not be written.
fs::path default_store(const SceneHandle& handle) {
  std::error_code failure;
  const fs::path root = fs::absolute(handle.root, failure).lexically_normal();
  if (handle.format == Format::sweepmark_store) return root;
  const bool is_folder = fs::is_directory(root, failure);
  std::string name = handle.name.empty() ? root.stem().string() : handle.name;
  for (char& c : name)
    if (c == '/' || c == '\\') c = '_';
  fs::path folder = is_folder ? root : root.parent_path();
  if (::access(folder.c_str(), W_OK) != 0) folder = fs::current_path(failure);
  return folder / (name + ".sweepmark");
}

/// A store that cannot be made is said before anything is edited. One that is there says itself why it is read-only.
Result<void> expect_writable(const fs::path& store) {
  std::error_code failure;
  if (fs::exists(store, failure)) return {};
  const fs::path folder = fs::absolute(store, failure).parent_path();
  if (!fs::is_directory(folder, failure))
    return Error{fmt::format("--labels: there is no folder {} to keep the labels in", folder.string())};
  if (::access(folder.c_str(), W_OK) != 0)
    return Error{fmt::format("--labels: the folder may not be written, name a file elsewhere: {}", folder.string())};
  return {};
}

std::optional<fs::path> keys_file(const ViewArguments& arguments) {
  if (!arguments.keys.empty()) return fs::path(arguments.keys);
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  const fs::path folder = config != nullptr ? fs::path(config)
                          : home != nullptr ? fs::path(home) / ".config"
                                            : fs::path();
  std::error_code failure;
  if (!folder.empty() && fs::exists(folder / "sweepmark" / "keys.json", failure))
    return folder / "sweepmark" / "keys.json";
  return std::nullopt;
}

/// What was on the screen at the end, numbers to the last digit.
std::string json_of(const ui::AppReport& report, const std::string& store) {
  nlohmann::ordered_json json;
  json["edits"] = report.edits;
  json["labels"] = store;
  json["frame"] = report.frame;
  json["selected"] = report.selected;
  json["enlarged"] = report.enlarged;
  json["message"] = report.message;
  json["objects"] = nlohmann::ordered_json::array();
  for (const auto& object : report.objects) {
    const Cuboid& c = object.cuboid;
    json["objects"].push_back({{"id", object.track},
                               {"class", object.class_name},
                               {"keyframe", object.is_keyframe},
                               {"center", {c.center.x, c.center.y, c.center.z}},
                               {"size", {c.size.x, c.size.y, c.size.z}},
                               {"rotation", {c.rotation.w, c.rotation.x, c.rotation.y, c.rotation.z}}});
  }
  json["device"] = report.device;
  json["validation"] = report.validation_messages;
  return json.dump(2);
}

Result<void> view_scene(const ViewArguments& arguments, const SceneHandle& handle, const ImageSize& size) {
  ui::AppOptions options;
  if (const auto file = keys_file(arguments)) {
    auto keymap = editor::Keymap::read(*file);
    if (!keymap) return keymap.error();
    options.keymap = *std::move(keymap);
  }
  if (!arguments.ontology.empty()) {
    const auto text = read_file(arguments.ontology);
    if (!text) return text.error();
    auto ontology = label_json::parse_ontology(*text, arguments.ontology);
    if (!ontology) return ontology.error();
    options.ontology = *std::move(ontology);
  }
  std::vector<editor::ScriptStep> script;
  if (!arguments.script.empty()) {
    auto steps = editor::read_script(arguments.script);
    if (!steps) return steps.error();
    script = *std::move(steps);
  }
  auto scene = open_scene(handle);
  if (!scene) return scene.error();
  if (scene->frames.empty()) return Error{fmt::format("there is no frame to show: {}", handle.root.string())};
  if (arguments.frame >= scene->frames.size())
    return Error{fmt::format("--frame {}: scene {} has {} frames, counted from 0", arguments.frame, scene->name,
                             scene->frames.size())};
  const fs::path store = arguments.labels.empty() ? default_store(handle) : fs::path(arguments.labels);
  if (auto writable = expect_writable(store); !writable) return writable;
  options.scene = std::make_shared<const Scene>(*std::move(scene));
  auto document = editor::Document::open(options.scene, store, arguments.from_scratch);
  if (!document) return document.error();
  if (!arguments.ontology.empty()) document->use_ontology(options.ontology);
  // What is in the store counts: objects made in the window are there, deleted ones are not.
  if (auto there = expect_track(options.scene->name, document->labels(), arguments.track); !there) return there;
  options.author = arguments.author.empty() ? by_this_user("view").author : arguments.author;
  options.now = [] { return by_this_user("view").time; };
  options.frame = arguments.frame;
  options.track = arguments.track;
  options.width = size.width;
  options.height = size.height;
  if (arguments.scale != 0) options.scale = arguments.scale;
  options.validation = arguments.validate;
  options.record = arguments.record;
  const auto report = arguments.script.empty() ? ui::run_in_window(options, *std::move(document))
                                               : ui::run_script(options, *std::move(document), script, arguments.show);
  if (!report) return report.error();
  if (arguments.json) {
    fmt::print("{}\n", json_of(*report, store.string()));
    return {};
  }
  fmt::print("{}: {} edits, drawn by {}", options.scene->name, report->edits, report->device);
  if (report->edits > 0) fmt::print(", labels in {}", store.string());
  fmt::print("\n");
  if (arguments.validate) {
    for (const std::string& message : report->validation_messages) fmt::print(stderr, "{}\n", message);
    fmt::print("Validation: {} messages\n", report->validation_messages.size());
  }
  return {};
}

int run(const ViewArguments& arguments) {
  const auto size = parse_size(arguments.size);
  if (!size) return report(size.error());
  const auto scene = arguments.scenes.find_one();
  if (!scene) return report(scene.error());
  const auto done = view_scene(arguments, *scene, *size);
  return done ? exit_ok : report(done.error());
}

}  // namespace

void add_view(CLI::App& program, int& status) {
  auto arguments = std::make_shared<ViewArguments>();
  auto* command = program.add_subcommand("view", "Open a scene in a window: look at it and edit its cuboids");
  arguments->scenes.add_to(*command, true);
  command->add_option("--labels", arguments->labels,
                      "The label store to edit; made at the first edit (default: NAME.sweepmark beside the scene)");
  command->add_option("--frame", arguments->frame, "Number of the frame to begin with, from 0")->capture_default_str();
  command->add_option("--track", arguments->track, "The object to begin with");
  command->add_option("--author", arguments->author, "Whose edits these are (default: the user of this machine)");
  command->add_option("--keys", arguments->keys,
                      "A JSON file of keys (default: ~/.config/sweepmark/keys.json where it exists)");
  command->add_option("--ontology", arguments->ontology,
                      "A JSON file of classes with their usual sizes and attributes (docs/formats/ontology.md)");
  command->add_flag("--from-scratch", arguments->from_scratch,
                    "Begin a new label store empty, without the labels of the dataset");
  command->add_option("--size", arguments->size, "Width and height of the window in pixels")->capture_default_str();
  command
      ->add_option("--scale", arguments->scale,
                   "How large texts and buttons are, 1 to 4 (default: what the display asks for)")
      ->check(CLI::Range(1.0, 4.0));
  command->add_option("--script", arguments->script, "Play recorded input and take screenshots; needs no display");
  command->add_flag("--show", arguments->show, "Play the script in a window");
  command->add_option("--record", arguments->record, "Write what is done to this file, for --script");
  command->add_flag("--json", arguments->json, "Print what was on the screen at the end, for machines");
  command->add_flag("--validate", arguments->validate, "Print what the Vulkan validation layer says at the end");
  command->footer("Example: sweepmark view street --frame 4");
  command->callback([arguments, &status] { status = run(*arguments); });
}

}  // namespace sweepmark::cli
