// SPDX-License-Identifier: Apache-2.0
//
// What happened to labels: log, restore, diff, merge.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <iomanip>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/only_scene.h"
#include "cli/outputs.h"
#include "cli/scenes.h"
#include "data/formats/text.h"
#include "data/store/label_store.h"
#include "data/store/match_tracks.h"
#include "data/store/this_user.h"

namespace sweepmark::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t second_ns = 1'000'000'000;

std::string utc(TimestampNs time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(static_cast<std::time_t>(time / second_ns)));
}

std::string_view name_of(EditKind kind) {
  return kind == EditKind::edit ? "edit" : kind == EditKind::undo ? "undo" : "redo";
}

/// Rows of one kind (an index of `Change`) that came, changed and went.
struct Count {
  std::size_t added = 0, changed = 0, removed = 0;
  std::size_t sum() const { return added + changed + removed; }
};
using Tally = std::array<Count, std::variant_size_v<Change>>;
constexpr std::array<std::string_view, std::variant_size_v<Change>> kind_names = {
    "tracks",    "keyframes", "image_tracks", "image_keyframes", "classes",
    "skeletons", "events",    "comments",     "point_classes",   "point_labels"};

Tally tally_of(const std::vector<Change>& changes) {
  Tally tally{};
  for (const Change& change : changes) {
    Count& count = tally[change.index()];
    std::visit([&](const auto& c) { ++(!c.before ? count.added : !c.after ? count.removed : count.changed); }, change);
  }
  return tally;
}

Json to_json(const Tally& tally) {
  Json out = Json::object();
  for (std::size_t kind = 0; kind < tally.size(); ++kind) {
    const Count& c = tally[kind];
    out[std::string(kind_names[kind])] = {{"added", c.added}, {"changed", c.changed}, {"removed", c.removed}};
  }
  return out;
}

std::string in_words(const Tally& tally) {
  std::string words;
  for (std::size_t kind = 0; kind < tally.size(); ++kind) {
    const Count& c = tally[kind];
    if (c.sum() == 0) continue;
    words +=
        fmt::format("{}{} +{} ~{} -{}", words.empty() ? "" : ", ", kind_names[kind], c.added, c.changed, c.removed);
  }
  return words.empty() ? "nothing" : words;
}

/// How one row changed, for a person.
std::string in_words(const Change& change) {
  return std::visit(
      [&](const auto& c) {
        return fmt::format("{} {}", !c.before ? "+" : !c.after ? "-" : "~", name_of_row(change));
      },
      change);
}

int run_log(const std::string& file, bool json) {
  auto store = LabelStore::open(file);
  if (!store) return report(store.error());
  Json entries = Json::array();
  const auto visited = store->visit_log([&](const LogEntry& entry) {
    const Tally tally = tally_of(entry.changes);
    if (json) {
      Json row = {{"number", entry.number},
                  {"kind", name_of(entry.kind)},
                  {"time", utc(entry.by.time)},
                  {"author", entry.by.author},
                  {"tool", entry.by.tool}};
      if (entry.kind != EditKind::edit) row["of"] = entry.of;
      row["changes"] = to_json(tally);
      entries.push_back(std::move(row));
      return;
    }
    const std::string of = entry.kind == EditKind::edit ? "" : fmt::format(" of {}", entry.of);
    fmt::print("{:>6}  {}  {:<12} {}{} ({}): {}\n", entry.number, utc(entry.by.time),
               entry.by.author.empty() ? "-" : entry.by.author, name_of(entry.kind), of, entry.by.tool,
               in_words(tally));
  });
  if (!visited) return report(visited.error());
  if (json) fmt::print("{}\n", Json{{"entries", entries}}.dump(2));
  if (store->read_only_reason()) fmt::print(stderr, "sweepmark: opened read-only: {}\n", *store->read_only_reason());
  return exit_ok;
}

/// The labels at "2026-11-24T12:30:00Z" (UTC, that whole second included), or after an entry of the log by number.
Result<LabelSet> past_labels(const LabelStore& store, const std::string& words) {
  std::int64_t number = 0;
  if (parse_number(std::string_view(words), number)) {
    bool is_there = false;
    if (auto visited = store.visit_log([&](const LogEntry& entry) { is_there = is_there || entry.number == number; });
        !visited)
      return visited.error();
    if (!is_there) return Error{fmt::format("--to {}: the log has no entry of this number", words)};
    return store.after_entry(number);
  }
  std::tm parts{};
  std::istringstream in(words);
  in >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
  std::string rest;
  if (in.fail() || (in >> rest && rest != "Z")) {
    return Error{
        fmt::format("--to {}: expected a time such as 2026-11-24T12:30:00Z, or the number of a log entry", words)};
  }
  return store.at(static_cast<TimestampNs>(timegm(&parts)) * second_ns + (second_ns - 1));
}

int run_restore(const std::string& file, const std::string& to) {
  auto store = LabelStore::open(file);
  if (!store) return report(store.error());
  const auto past = past_labels(*store, to);
  if (!past) return report(past.error());
  const auto changes = difference(store->labels(), *past);
  if (auto done = store->commit(changes, by_this_user("restore to " + to)); !done) return report(done.error());
  fmt::print("restored to {}: {}\n", to, in_words(tally_of(changes)));
  return exit_ok;
}

int run_diff(const std::string& a, const std::string& b, bool by_overlap, bool json) {
  const auto from = open_only_scene(a), to = open_only_scene(b);
  if (!from) return report(from.error());
  if (!to) return report(to.error());
  const auto changes = difference(from->labels, by_overlap ? with_ids_of({}, from->labels, to->labels) : to->labels);
  if (json) {
    Json rows = Json::array();
    for (const Change& change : changes) rows.push_back(in_words(change));
    fmt::print("{}\n", Json{{"summary", to_json(tally_of(changes))}, {"rows", rows}}.dump(2));
    return exit_ok;
  }
  for (const Change& change : changes) fmt::print("{}\n", in_words(change));
  fmt::print("{}\n", in_words(tally_of(changes)));
  return exit_ok;
}

struct MergeArguments {
  std::string base, a, b;
  OutputArguments out;
  bool keep_base = false, by_overlap = false;
};

int run_merge(const MergeArguments& arguments) {
  if (auto free = arguments.out.expect_labels_free(); !free) return report(free.error());
  const auto base = open_only_scene(arguments.base), a = open_only_scene(arguments.a), b = open_only_scene(arguments.b);
  for (const auto* scene : {&base, &a, &b}) {
    if (!*scene) return report(scene->error());
  }
  for (const auto* scene : {&base, &a, &b}) {
    const Format format = store_or_json(arguments.out.path);
    if (auto accepted = arguments.out.expect_no_bad_rows(**scene, format); !accepted) return report(accepted.error());
  }
  const Merge merged = merge(base->labels, a->labels,
                             arguments.by_overlap ? with_ids_of(base->labels, a->labels, b->labels) : b->labels);
  for (const auto& [of_a, of_b] : merged.conflicts) fmt::print("conflict: {} | {}\n", in_words(of_a), in_words(of_b));
  if (!merged.conflicts.empty() && !arguments.keep_base) {
    return report(Error{fmt::format("{} rows were changed in two ways; --keep-base leaves them as in the base: {}",
                                    merged.conflicts.size(), arguments.out.path)});
  }
  LabelSet labels = base->labels;
  if (auto applied = apply_changes(labels, merged.changes); !applied) return report(applied.error());
  const OutputArguments& out = arguments.out;
  if (auto written = out.write(*base, labels, out.path); !written) return report(written.error());
  fmt::print("merged into {}: {}\n", out.path, in_words(tally_of(merged.changes)));
  return exit_ok;
}

}  // namespace

void add_log(CLI::App& program, int& status) {
  auto file = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* command = program.add_subcommand("log", "Show who changed what when in a label store");
  command->add_option("store", *file, "A .sweepmark file")->required();
  command->add_flag("--json", *json, "Print JSON");
  command->footer("Example: sweepmark log scene.sweepmark");
  command->callback([file, json, &status] { status = run_log(*file, *json); });
}

void add_restore(CLI::App& program, int& status) {
  auto file = std::make_shared<std::string>(), to = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("restore", "Bring back a past state of a label store, as a new edit");
  command->add_option("store", *file, "A .sweepmark file")->required();
  command->add_option("--to", *to, "A time (2026-11-24T12:30:00Z) or the number of an entry of the log")->required();
  command->footer("Example: sweepmark restore scene.sweepmark --to 12");
  command->callback([file, to, &status] { status = run_restore(*file, *to); });
}

void add_diff(CLI::App& program, int& status) {
  auto a = std::make_shared<std::string>(), b = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false), by_overlap = std::make_shared<bool>(false);
  CLI::App* command =
      program.add_subcommand("diff", "List the labels in which two scenes differ, by track id and time");
  command->add_option("a", *a, "A scene of any format")->required();
  command->add_option("b", *b, "Another")->required();
  command->add_flag("--by-overlap", *by_overlap, "Find the same objects by their overlap, whatever their ids");
  command->add_flag("--json", *json, "Print JSON");
  command->footer("Example: sweepmark diff before.sweepmark after.sweepmark.json");
  command->callback([a, b, by_overlap, json, &status] { status = run_diff(*a, *b, *by_overlap, *json); });
}

void add_merge(CLI::App& program, int& status) {
  auto arguments = std::make_shared<MergeArguments>();
  CLI::App* command = program.add_subcommand("merge", "Bring two people's changes to the same labels together");
  command->add_option("base", arguments->base, "The labels that both began with")->required();
  command->add_option("a", arguments->a, "One person's")->required();
  command->add_option("b", arguments->b, "The other's")->required();
  arguments->out.add_to(*command, "Write here: a .sweepmark store or .sweepmark.json")->required();
  arguments->out.add_skip_bad_rows_to(*command);
  command->add_flag("--keep-base", arguments->keep_base,
                    "Leave what is in conflict as in the base, and write the rest");
  command->add_flag("--by-overlap", arguments->by_overlap,
                    "New objects of both are the same where they overlap, whatever their ids");
  command->footer("Example: sweepmark merge base.sweepmark ann.sweepmark ben.sweepmark -o both.sweepmark");
  command->callback([arguments, &status] { status = run_merge(*arguments); });
}

}  // namespace sweepmark::cli
