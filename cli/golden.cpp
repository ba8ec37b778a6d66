// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "cli/annotators.h"
#include "cli/commands.h"
#include "cli/only_scene.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/formats/text.h"
#include "data/store/this_user.h"
#include "quality/golden/golden_mix.h"
#include "quality/golden/golden_score.h"

namespace sweepmark::cli {
namespace {

using Json = nlohmann::ordered_json;

struct GoldenArguments {
  std::string labels, trusted, annotator, history, work, golden;
  std::vector<std::string> thresholds;
  MatchingArguments matching;
  GoldenOptions options;
  MixOptions mix;
  OutputArguments out;
  bool json = false;
};

/// "CLASS=0.9" each. Errors: no "=", no number from 0 to 1.
Result<std::map<std::string, double>> parse_thresholds(const std::vector<std::string>& words) {
  std::map<std::string, double> out;
  for (const std::string& word : words) {
    const std::size_t equals = word.rfind('=');
    double value = 0;
    if (equals == std::string::npos || !parse_number(std::string_view(word).substr(equals + 1), value) || value < 0 ||
        value > 1)
      return Error{fmt::format("--threshold-of {}: expected CLASS=SHARE with a share from 0 to 1", word)};
    out[word.substr(0, equals)] = value;
  }
  return out;
}

Json to_json(const std::map<std::string, GoldenEstimate>& estimates) {
  Json out = Json::object();
  for (const auto& [class_name, e] : estimates) {
    out[class_name] = {{"items", e.tally.items},   {"right", e.tally.right},
                       {"share", e.share},         {"interval", {e.interval.low, e.interval.high}},
                       {"threshold", e.threshold}, {"verdict", verdict_name(e.verdict)}};
  }
  return out;
}

void print(const std::map<std::string, GoldenEstimate>& estimates) {
  for (const auto& [class_name, e] : estimates) {
    fmt::print("  {:<28} {:>4} of {:>4} right, {:>5.1f} % [{:.1f}, {:.1f}], threshold {:.0f} %: {}\n", class_name,
               e.tally.right, e.tally.items, 100 * e.share, 100 * e.interval.low, 100 * e.interval.high,
               100 * e.threshold, verdict_name(e.verdict));
  }
}

bool is_flagged(const std::map<std::string, GoldenEstimate>& estimates) {
  return std::ranges::any_of(estimates, [](const auto& e) { return e.second.verdict == Verdict::retrain; });
}

/// What is known of a scored scene and its annotator.
struct Scored {
  GoldenEntry entry;
  std::vector<GoldenItem> items;
  std::size_t scenes = 1;
  std::map<std::string, GoldenEstimate> here, running;
};

Result<Scored> score(GoldenArguments& arguments) {
  auto thresholds = parse_thresholds(arguments.thresholds);
  if (!thresholds) return thresholds.error();
  arguments.options.threshold_of_class = *std::move(thresholds);
  arguments.options.matching = arguments.matching.get();
  AnnotatorArguments person;
  person.paths = {arguments.labels};
  if (!arguments.annotator.empty()) person.names = {arguments.annotator};
  const auto scenes = person.open();
  if (!scenes) return scenes.error();
  const auto trusted = open_only_scene(arguments.trusted);
  if (!trusted) return trusted.error();
  const auto annotators = person.annotators(*scenes);
  auto items = golden_items(*trusted, annotators.front(), arguments.options);
  if (!items) return items.error();
  Scored scored{{annotators.front().name, trusted->name, by_this_user("golden").time, tally_of(*items)}, {}, 1, {}, {}};
  scored.items = *std::move(items);
  scored.here = estimates(scored.entry.tallies, arguments.options);
  scored.running = scored.here;
  if (arguments.history.empty()) return scored;
  auto history = read_history(arguments.history);
  if (!history) return history.error();
  history->push_back(scored.entry);
  std::set<std::string> different;
  for (const GoldenEntry& entry : *history) {
    if (entry.annotator == scored.entry.annotator) different.insert(entry.scene);
  }
  scored.scenes = different.size();
  scored.running = estimates(running_tally(*history, scored.entry.annotator), arguments.options);
  if (auto written = write_history(arguments.history, *history); !written) return written.error();
  return scored;
}

int run_score(GoldenArguments& arguments) {
  const auto scored = score(arguments);
  if (!scored) return report(scored.error());
  if (arguments.json) {
    Json wrong = Json::array();
    for (const GoldenItem& item : scored->items) {
      if (item.is_right) continue;
      Json row = {{"track", item.track}, {"class", item.class_name}, {"why", item.why}};
      if (!item.camera.empty()) row["camera"] = item.camera;
      wrong.push_back(std::move(row));
    }
    fmt::print("{}\n", Json{{"annotator", scored->entry.annotator},
                            {"scene", scored->entry.scene},
                            {"estimates", to_json(scored->here)},
                            {"scenes", scored->scenes},
                            {"running", to_json(scored->running)},
                            {"flagged", is_flagged(scored->running)},
                            {"wrong", wrong}}
                           .dump(2));
    return exit_ok;
  }
  for (const GoldenItem& item : scored->items) {
    if (!item.is_right) fmt::print("{} ({}): {}\n", item.track, item.class_name, item.why);
  }
  fmt::print("{} in {}\n", scored->entry.annotator, scored->entry.scene);
  print(scored->here);
  if (!arguments.history.empty()) {
    fmt::print("{} in all {} scenes so far\n", scored->entry.annotator, scored->scenes);
    print(scored->running);
  }
  if (is_flagged(scored->running)) fmt::print("{} needs retraining\n", scored->entry.annotator);
  return exit_ok;
}

/// One item a line. Errors: unreadable, without items, an item twice.
Result<std::vector<std::string>> read_items(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return text.error();
  std::vector<std::string> items;
  std::set<std::string> different;
  for (const Line& line : lines_of(*text)) {
    items.emplace_back(line.text);
    if (!different.insert(items.back()).second)
      return Error{fmt::format("{} is listed twice: {}", items.back(), at_line(file, line.number))};
  }
  if (items.empty()) return Error{"expected an item in each line, found none: " + file};
  return items;
}

int run_mix(const GoldenArguments& arguments) {
  if (auto free = arguments.out.expect_free(); !free) return report(free.error());
  const auto work = read_items(arguments.work), golden = read_items(arguments.golden);
  if (!work) return report(work.error());
  if (!golden) return report(golden.error());
  const auto tasks = mix_golden(*work, *golden, arguments.mix);
  Json list = Json::array();
  std::size_t count = 0;
  for (const MixedTask& task : tasks) {
    list.push_back({{"task", task.name}, {"item", task.item}, {"golden", task.is_golden}});
    count += task.is_golden ? 1 : 0;
  }
  const double share = static_cast<double>(count) / static_cast<double>(tasks.size());
  if (auto written = write_file(arguments.out.path,
                                Json{{"seed", arguments.mix.seed}, {"share", share}, {"tasks", list}}.dump(2) + "\n");
      !written)
    return report(written.error());
  fmt::print("{} tasks, {} of them golden ({:.1f} %), in {}\n", tasks.size(), count, 100 * share, arguments.out.path);
  if (share < 0.9 * arguments.mix.share)
    fmt::print(stderr, "sweepmark: {} golden items are too few for a share of {:.1f} %\n", golden->size(),
               100 * arguments.mix.share);
  return exit_ok;
}

void add_mixing_to(CLI::App& command, GoldenArguments& arguments) {
  command.add_option("--mix", arguments.work, "Mix golden items into this list of work, one item a line");
  command.add_option("--golden", arguments.golden, "With --mix: the list of golden items");
  command.add_option("--share", arguments.mix.share, "With --mix: the share of all tasks that is golden")
      ->check(CLI::Range(0.0, 0.5))
      ->capture_default_str();
  command.add_option("--seed", arguments.mix.seed, "With --mix: the same seed gives the same order")
      ->capture_default_str();
  arguments.out.add_to(command, "With --mix: write the order here, as JSON: it says which tasks are golden");
}

void add_scoring_to(CLI::App& command, GoldenArguments& arguments) {
  command.add_option("labels", arguments.labels, "An annotator's labels: a label store or a scene of any format");
  command.add_option("--trusted", arguments.trusted, "The trusted labels of the same scene");
  command.add_option("--annotator", arguments.annotator, "Name of the annotator (default: of the file)");
  command.add_option("--history", arguments.history,
                     "Add the result to this file, and estimate over all of the annotator's scenes in it");
  arguments.matching.add_to(command);
  command
      .add_option("--least-share", arguments.options.least_share,
                  "The share of a trusted object's frames that must be right for it to be right")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str();
  command
      .add_option("--threshold", arguments.options.threshold,
                  "The share of right objects below which an annotator needs retraining")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--threshold-of", arguments.thresholds, "The same for a class: CLASS=SHARE; may be given again")
      ->allow_extra_args(false);
  command.add_option("--confidence", arguments.options.confidence, "Of the intervals")
      ->check(CLI::Range(0.5, 0.999))
      ->capture_default_str();
}

}  // namespace

void add_golden(CLI::App& program, int& status) {
  auto arguments = std::make_shared<GoldenArguments>();
  CLI::App* command =
      program.add_subcommand("golden", "Score an annotator against trusted labels, or mix such tasks into work");
  add_scoring_to(*command, *arguments);
  add_mixing_to(*command, *arguments);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->footer(
      "Example: sweepmark golden ann.sweepmark --trusted trusted.sweepmark --history scores.jsonl\n"
      "Example: sweepmark golden --mix work.txt --golden golden.txt -o tasks.json");
  command->callback([arguments, &status] {
    if (!arguments->work.empty()) {
      if (arguments->golden.empty() || !arguments->out.is_given())
        throw CLI::RequiredError("golden --mix needs --golden and -o");
      if (!arguments->labels.empty()) throw CLI::ExcludesError("--mix", "labels");
      status = run_mix(*arguments);
      return;
    }
    if (arguments->labels.empty() || arguments->trusted.empty())
      throw CLI::RequiredError("golden needs labels and --trusted, or --mix");
    status = run_score(*arguments);
  });
}

}  // namespace sweepmark::cli
