// SPDX-License-Identifier: Apache-2.0
//
// Labels with their history, and how two sets of labels differ.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <mutex>
#include <variant>

#include "data/scene_in_store.h"
#include "data/store/label_store.h"
#include "data/store/match_tracks.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"
#include "python/bindings/scene_state.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;
namespace fs = std::filesystem;

/// One at a time: the lock is taken after the interpreter's is let go, so that neither waits for the other.
struct StoreHandle {
  fs::path file;
  std::optional<LabelStore> store;
  std::unique_ptr<std::mutex> lock = std::make_unique<std::mutex>();

  template <class Work>
  auto locked(const Work& work) {
    const nb::gil_scoped_release unlocked;
    const std::lock_guard guard(*lock);
    if (!store) throw ArgumentError{fmt::format("the store is closed: {}", file.string())};
    return work(*store);
  }
};

EditBy now_by(const std::string& author, const std::string& tool) {
  if (author.empty()) throw ArgumentError{"author: expected a name, so that the log can say who"};
  return {author, tool,
          std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

constexpr std::array<const char*, std::variant_size_v<Change>> kind_names = {
    "track",    "keyframe", "image_track", "image_keyframe", "class",
    "skeleton", "event",    "comment",     "point_class",    "point_labels"};

const char* action_of(const Change& change) {
  return std::visit([](const auto& c) { return !c.before ? "added" : !c.after ? "removed" : "changed"; }, change);
}

nb::object change_record(const Change& change, const nb::object& make) {
  const RowName row = row_of(change);
  return make(action_of(change), kind_names[change.index()], row.id, row.camera, row.time, name_of_row(change));
}

nb::list change_records(const std::vector<Change>& changes) {
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Change");
  nb::list out;
  for (const Change& change : changes) out.append(change_record(change, make));
  return out;
}

nb::list log_of(StoreHandle& self, bool with_changes) {
  std::vector<LogEntry> entries;
  std::vector<std::map<std::pair<std::string, std::string>, std::size_t>> tallies;
  self.locked([&](LabelStore& store) {
    expect_done(store.visit_log([&](const LogEntry& entry) {
      auto& tally = tallies.emplace_back();
      for (const Change& change : entry.changes) ++tally[{kind_names[change.index()], action_of(change)}];
      entries.push_back(entry);
      if (!with_changes) entries.back().changes.clear();
    }));
  });
  const nb::object make = nb::module_::import_("sweepmark._records").attr("LogEntry");
  nb::list out;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const LogEntry& e = entries[i];
    const char* kind = e.kind == EditKind::edit ? "edit" : e.kind == EditKind::undo ? "undo" : "redo";
    nb::dict counts;
    for (const auto& [name, count] : tallies[i]) counts[nb::make_tuple(name.first, name.second)] = count;
    out.append(make(e.number, kind, e.kind == EditKind::edit ? nb::none() : nb::cast(e.of), e.by.time, e.by.author,
                    e.by.tool, counts, with_changes ? nb::object(change_records(e.changes)) : nb::none()));
  }
  return out;
}

LabelSet past_labels(const LabelStore& store, std::int64_t number) {
  bool is_there = false;
  expect_done(store.visit_log([&](const LogEntry& entry) { is_there = is_there || entry.number == number; }));
  if (!is_there) throw ArgumentError{fmt::format("the log has no entry {}", number)};
  return value_of(store.after_entry(number));
}

StoreHandle open_store(const fs::path& file) {
  const nb::gil_scoped_release unlocked;
  return {file, value_of(LabelStore::open(file))};
}

StoreHandle create_store(const fs::path& file, const std::variant<OpenScene, Labels>& what, const std::string& author,
                         const std::string& tool) {
  const EditBy by = now_by(author, tool);
  const auto* scene = std::get_if<OpenScene>(&what);
  const Labels& labels = scene != nullptr ? scene->labels : std::get<Labels>(what);
  const Reading reading(labels.state);
  const nb::gil_scoped_release unlocked;
  const auto about = scene != nullptr ? stored_scene_of(scene->get(), file) : std::nullopt;
  return {file, value_of(LabelStore::create(file, labels.get(), by, about ? &*about : nullptr))};
}

nb::list commit(StoreHandle& self, const Labels& labels, const std::string& author, const std::string& tool) {
  const EditBy by = now_by(author, tool);
  std::vector<Change> changes;
  {
    const Reading reading(labels.state);
    self.locked([&](LabelStore& store) {
      changes = difference(store.labels(), labels.get());
      expect_done(store.commit(changes, by));
    });
  }
  return change_records(changes);
}

nb::object step_back_or_again(StoreHandle& self, const std::string& author, const std::string& tool,
                              Result<std::optional<std::vector<Change>>> (LabelStore::*step)(const EditBy&)) {
  const EditBy by = now_by(author, tool);
  std::optional<std::vector<Change>> changes;
  self.locked([&](LabelStore& store) { changes = value_of((store.*step)(by)); });
  return changes ? nb::object(change_records(*changes)) : nb::none();
}

nb::list restore(StoreHandle& self, std::int64_t to, const std::string& author, const std::string& tool) {
  const EditBy by = now_by(author, tool);
  std::vector<Change> changes;
  self.locked([&](LabelStore& store) {
    changes = difference(store.labels(), past_labels(store, to));
    expect_done(store.commit(changes, by));
  });
  return change_records(changes);
}

nb::list diff(const Labels& a, const Labels& b, bool by_overlap) {
  const Reading reading_a(a.state), reading_b(b.state);
  std::vector<Change> changes;
  {
    const nb::gil_scoped_release unlocked;
    changes = difference(a.get(), by_overlap ? with_ids_of({}, a.get(), b.get()) : b.get());
  }
  return change_records(changes);
}

nb::object merge_labels(const Labels& base, const Labels& a, const Labels& b, bool by_overlap) {
  const Reading reading_base(base.state), reading_a(a.state), reading_b(b.state);
  LabelSet labels;
  Merge merged;
  {
    const nb::gil_scoped_release unlocked;
    merged = merge(base.get(), a.get(), by_overlap ? with_ids_of(base.get(), a.get(), b.get()) : b.get());
    labels = base.get();
    expect_done(apply_changes(labels, merged.changes));
  }
  const nb::object make = nb::module_::import_("sweepmark._records").attr("Change");
  nb::list conflicts;
  for (const auto& [of_a, of_b] : merged.conflicts)
    conflicts.append(nb::make_tuple(change_record(of_a, make), change_record(of_b, make)));
  return nb::make_tuple(labels_of(std::move(labels)), conflicts);
}

constexpr const char* store_doc =
    "The labels of one scene in one file (*.sweepmark) with the journal of everything that changed them. An edit is on "
    "disk when the call returns; a crash loses none that did. One writer: a second one opens read-only and "
    "`read_only_reason` says why. A context manager; calls from several threads wait for each other.";

/// Once nobody works in it any more. The interpreter's lock is let go first: who works may be waiting for it.
void close_store(StoreHandle& s) {
  const nb::gil_scoped_release unlocked;
  const std::lock_guard guard(*s.lock);
  s.store.reset();
}

}  // namespace

void bind_store(nb::module_& m) {
  constexpr const char* changes = "list[sweepmark._records.Change]";
  static const std::string commit_sig =
      fmt::format("def commit(self, labels: Labels, author: str, tool: str = 'python') -> {}", changes);
  static const std::string undo_sig =
      fmt::format("def undo(self, author: str, tool: str = 'python') -> {} | None", changes);
  static const std::string redo_sig =
      fmt::format("def redo(self, author: str, tool: str = 'python') -> {} | None", changes);
  static const std::string restore_sig =
      fmt::format("def restore(self, to: int, author: str, tool: str = 'python') -> {}", changes);
  static const std::string diff_sig =
      fmt::format("def diff(a: Labels, b: Labels, by_overlap: bool = False) -> {}", changes);
  nb::class_<StoreHandle>(m, "Store", store_doc)
      .def(
          "__init__", [](StoreHandle* self, const fs::path& file) { new (self) StoreHandle(open_store(file)); },
          "path"_a, nb::sig("def __init__(self, path: str | os.PathLike[str]) -> None"),
          "Opens a store and checks it. Error: no such file, not a store, made by a newer version.")
      .def_static("create", &create_store, "path"_a, "what"_a, "author"_a, "tool"_a = "python",
                  nb::sig("def create(path: str | os.PathLike[str], what: Scene | Labels, author: str, tool: str = "
                          "'python') -> Store"),
                  "Makes one whose first edit is these labels. Of a `Scene` it keeps what the labels need to mean the "
                  "same without the dataset. Error: the file exists, cannot be written.")
      .def_prop_ro("path", [](const StoreHandle& s) { return s.file; })
      .def_prop_ro(
          "labels",
          [](StoreHandle& s) { return labels_of(s.locked([](LabelStore& store) { return store.labels(); })); },
          nb::sig("def labels(self) -> Labels"), "As they are now: a copy to look at, or to change and `commit`.")
      .def_prop_ro(
          "read_only_reason",
          [](StoreHandle& s) { return s.locked([](LabelStore& store) { return store.read_only_reason(); }); },
          nb::sig("def read_only_reason(self) -> str | None"), "None where edits are taken.")
      .def(
          "scene",
          [](StoreHandle& s) {
            return open_of(s.locked([&](LabelStore& store) { return value_of(open_scene_of(store, s.file)); }));
          },
          nb::sig("def scene(self) -> Scene"),
          "The scene that it keeps, with its labels. Error: a store that does not know its scene.")
      .def("commit", &commit, "labels"_a, "author"_a, "tool"_a = "python", nb::sig(commit_sig.c_str()),
           "Makes these the labels, as one edit of that author. What changed is returned; without a change nothing is "
           "recorded. Cost: O(labels), and one flush to disk.")
      .def(
          "undo",
          [](StoreHandle& s, const std::string& author, const std::string& tool) {
            return step_back_or_again(s, author, tool, &LabelStore::undo);
          },
          "author"_a, "tool"_a = "python", nb::sig(undo_sig.c_str()),
          "Takes back the last edit that is not undone, as an entry of the log. None: there is nothing to undo.")
      .def(
          "redo",
          [](StoreHandle& s, const std::string& author, const std::string& tool) {
            return step_back_or_again(s, author, tool, &LabelStore::redo);
          },
          "author"_a, "tool"_a = "python", nb::sig(redo_sig.c_str()),
          "Does again what the last undo took back; a new edit ends that.")
      .def("restore", &restore, "to"_a, "author"_a, "tool"_a = "python", nb::sig(restore_sig.c_str()),
           "Brings the labels back as they were after entry `to` of the log, as a new edit. ValueError: no such entry.")
      .def(
          "labels_after",
          [](StoreHandle& s, std::int64_t entry) {
            return labels_of(s.locked([&](LabelStore& store) { return past_labels(store, entry); }));
          },
          "entry"_a, nb::sig("def labels_after(self, entry: int) -> Labels"),
          "As they were after that entry of the log.")
      .def(
          "labels_at",
          [](StoreHandle& s, TimestampNs time) {
            return labels_of(s.locked([&](LabelStore& store) { return value_of(store.at(time)); }));
          },
          "time"_a, nb::sig("def labels_at(self, time: int) -> Labels"),
          "As they were at a time: UTC, nanoseconds since 1970.")
      .def("log", &log_of, "changes"_a = false,
           nb::sig("def log(self, changes: bool = False) -> list[sweepmark._records.LogEntry]"),
           "Who changed what when, oldest first; with `changes`, each row.")
      .def("close", &close_store, "Lets go of the file; so does the end of the object.")
      .def(
          "__enter__", [](nb::object self) { return self; }, nb::sig("def __enter__(self) -> Store"))
      .def(
          "__exit__", [](StoreHandle& s, nb::handle, nb::handle, nb::handle) { close_store(s); }, "type"_a.none(),
          "value"_a.none(), "traceback"_a.none(),
          nb::sig("def __exit__(self, type: object, value: object, traceback: object, /) -> None"))
      .def("__repr__", [](const StoreHandle& s) {
        return fmt::format("Store('{}'{})", s.file.string(), s.store ? "" : ", closed");
      });
  m.def("diff", &diff, "a"_a, "b"_a, "by_overlap"_a = false, nb::sig(diff_sig.c_str()),
        "What turns labels `a` into `b`, by track id and time. :param by_overlap: objects are the same where they "
        "overlap, whatever their ids");
  m.def("merge", &merge_labels, "base"_a, "a"_a, "b"_a, "by_overlap"_a = false,
        nb::sig("def merge(base: Labels, a: Labels, b: Labels, by_overlap: bool = False) -> tuple[Labels, "
                "list[tuple[sweepmark._records.Change, sweepmark._records.Change]]]"),
        "Brings two people's changes of the same labels together: the merged labels, and the rows that both changed in "
        "different ways, which stay as in `base`.");
}

}  // namespace sweepmark::python
