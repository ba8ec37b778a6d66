// SPDX-License-Identifier: Apache-2.0
#include "data/store/label_store.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>

#include "data/store/this_user.h"
#include "tests/data/files.h"
#include "tests/data/random_labels.h"
#include "tests/data/store_edits.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

namespace fs = std::filesystem;

/// The order of rows has no meaning.
std::size_t rows_of(const LabelSet& labels) { return difference({}, labels).size(); }

void expect_same(const LabelSet& a, const LabelSet& b) {
  EXPECT_EQ(rows_of(a), rows_of(b));
  EXPECT_TRUE(difference(a, b).empty()) << name_of_row(difference(a, b).front());
}

EditBy by(TimestampNs time) { return {"ann", "test", time}; }

class Store : public testing::Test {
 protected:
  fs::path file() const { return work_.path() / "scene.sweepmark"; }
  LabelStore create(const LabelSet& labels = {}) {
    auto store = LabelStore::create(file(), labels, by(1));
    EXPECT_TRUE(store) << store.error().message;
    return *std::move(store);
  }
  LabelStore open() {
    auto store = LabelStore::open(file());
    EXPECT_TRUE(store) << store.error().message;
    return *std::move(store);
  }

 private:
  TemporaryFolder work_;
};

TEST(ThisUser, IsNamedWhereTheEnvironmentNamesNobody) {
  const auto with = [](const char* user, const char* login) {
    const auto set = [](const char* name, const char* value) {
      return value == nullptr ? unsetenv(name) : setenv(name, value, 1);
    };
    EXPECT_EQ(set("USER", user), 0);
    EXPECT_EQ(set("LOGNAME", login), 0);
    return this_user();
  };
  EXPECT_EQ(with("ann", "bob"), "ann");
  EXPECT_EQ(with("", "bob"), "bob");
  EXPECT_FALSE(with(nullptr, nullptr).empty());
}

TEST(Changes, TheDifferenceTurnsOneLabelSetIntoTheOtherAndItsInverseBack) {
  RandomLabels random(1);
  for (int i = 0; i < 300; ++i) {
    const LabelSet a = random.labels(6), b = random.labels(6);
    LabelSet labels = a;
    const auto changes = difference(a, b);
    ASSERT_TRUE(apply_changes(labels, changes));
    expect_same(labels, b);
    ASSERT_TRUE(apply_changes(labels, inverse(changes)));
    expect_same(labels, a);
  }
}

TEST(Changes, AChangeThatDoesNotFitLeavesTheLabelsAlone) {
  RandomLabels random(2);
  const LabelSet a = random.labels(6), b = random.labels(6);
  auto changes = difference(a, b);
  changes.push_back(KeyframeChange{"nobody", 3, {}, KeyframeValue{{{}, {1, 1, 1}, {}}, {}, {}}});
  LabelSet labels = a;
  const auto applied = apply_changes(labels, changes);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().message.find("nobody"), std::string::npos);
  expect_same(labels, a);
}

TEST(Changes, AMergeTakesBothSidesAndListsWhatIsInConflict) {
  RandomLabels random(3);
  for (int i = 0; i < 300; ++i) {
    const LabelSet base = random.labels(5), a = random.labels(5), b = random.labels(5);
    const Merge merged = merge(base, a, b);
    LabelSet labels = base;
    const auto applied = apply_changes(labels, merged.changes);
    ASSERT_TRUE(applied) << applied.error().message;
    // One side alone, or both the same: no conflict.
    LabelSet only_a = base;
    EXPECT_TRUE(merge(base, a, base).conflicts.empty());
    ASSERT_TRUE(apply_changes(only_a, merge(base, a, base).changes));
    expect_same(only_a, a);
    EXPECT_TRUE(merge(base, a, a).conflicts.empty());
    EXPECT_EQ(merge(base, a, b).conflicts.size(), merge(base, b, a).conflicts.size());
  }
}

TEST(Changes, AMergeGuessesNothingWhenARowWasChangedInTwoWays) {
  LabelSet base;
  base.tracks.push_back(
      {.id = "t",
       .class_name = "Car",
       .attributes = {},
       .keyframes = {{.timestamp = 1, .cuboid = {{}, {4, 2, 1}, {}}, .stored_count = {}, .attributes = {}},
                     {.timestamp = 2, .cuboid = {{}, {4, 2, 1}, {}}, .stored_count = {}, .attributes = {}}},
       .absences = {}});
  LabelSet a = base, b = base;
  a.tracks[0].keyframes[0].cuboid.center.x = 1;
  b.tracks[0].keyframes[0].cuboid.center.x = 2;
  b.tracks[0].keyframes[1].cuboid.center.x = 3;
  const Merge merged = merge(base, a, b);
  ASSERT_EQ(merged.conflicts.size(), 1U);
  EXPECT_EQ(name_of_row(merged.conflicts[0].first), "keyframe of t at 1");
  ASSERT_TRUE(apply_changes(base, merged.changes));
  EXPECT_EQ(base.tracks[0].keyframes[0].cuboid.center.x, 0);
  EXPECT_EQ(base.tracks[0].keyframes[1].cuboid.center.x, 3);
}

TEST_F(Store, KeepsEveryBitOverARestart) {
  RandomLabels random(4);
  LabelSet labels = random.labels(20);
  labels.tracks[0].class_name = "no UTF-8: \xFF";
  (void)create(labels);
  const LabelStore again = open();
  EXPECT_FALSE(again.read_only_reason());
  expect_same(again.labels(), labels);
  for (const Track& track : again.labels().tracks) {
    for (const Keyframe& k : track.keyframes) EXPECT_TRUE(std::signbit(k.cuboid.center.z)) << "minus zero";
  }
}

TEST_F(Store, AnyEditsUndoneAndDoneAgainOverRestartsGiveTheSameLabels) {
  RandomLabels random(5);
  std::vector<LabelSet> states = {random.labels(6)};
  auto store = std::make_unique<LabelStore>(create(states[0]));
  std::size_t at = 0;
  for (TimestampNs time = 2; time < 150; ++time) {
    const auto kind = random.below(4);
    if (kind == 0 && at > 0) {
      ASSERT_TRUE(store->undo(by(time)));
      --at;
    } else if (kind == 1 && at + 1 < states.size()) {
      ASSERT_TRUE(store->redo(by(time)));
      ++at;
    } else if (kind == 2) {
      states.resize(at + 1);
      states.push_back(random.labels(6));
      const auto changes = difference(states[at], states[at + 1]);
      if (changes.empty()) {
        states.pop_back();
        continue;
      }
      ASSERT_TRUE(store->commit(changes, by(time)));
      ++at;
    } else {
      store.reset();
      store = std::make_unique<LabelStore>(open());
    }
    expect_same(store->labels(), states[at]);
  }
  while (at > 0) {
    ASSERT_TRUE(store->undo(by(200)));
    --at;
  }
  expect_same(store->labels(), states[0]);
  EXPECT_FALSE(store->undo(by(200))->has_value()) << "what made the store stays";
}

TEST_F(Store, AnyPastStateComesBackFromTheJournal) {
  RandomLabels random(6);
  std::vector<LabelSet> states = {random.labels(5)};
  LabelStore store = create(states[0]);
  for (TimestampNs time = 2; time <= 20; ++time) {
    states.push_back(random.labels(5));
    ASSERT_TRUE(store.commit(difference(store.labels(), states.back()), by(10 * time)));
  }
  for (std::size_t i = 1; i < states.size(); ++i)
    expect_same(*store.at(10 * static_cast<TimestampNs>(i + 1) + 5), states[i]);
  EXPECT_TRUE(store.at(0)->tracks.empty());
  std::size_t entries = 0;
  ASSERT_TRUE(store.visit_log([&](const LogEntry& entry) {
    EXPECT_EQ(entry.number, static_cast<std::int64_t>(++entries));
    EXPECT_EQ(entry.by.author, "ann");
  }));
  EXPECT_EQ(entries, 20U);
}

TEST_F(Store, AFileOfVersion1IsReadAndBroughtUpToDateWithItsHistory) {
  // Made by the program of version 1: an import, an edit, a restore of the first state.
  fs::copy_file(SWEEPMARK_TEST_FILES "/version_1.sweepmark", file());
  {
    LabelStore store = open();
    ASSERT_FALSE(store.read_only_reason()) << *store.read_only_reason();
    ASSERT_EQ(store.labels().tracks.size(), 2U);
    const Track& car = store.labels().tracks[0];
    EXPECT_EQ(car.id, "car-1");
    EXPECT_EQ(car.attributes.at("colour"), "red");
    ASSERT_EQ(car.keyframes.size(), 2U);
    EXPECT_EQ(car.keyframes[0].stored_count, 7);
    EXPECT_EQ(car.keyframes[0].attributes.at("state"), "moving");
    EXPECT_EQ(car.keyframes[1].cuboid.center.x, 2.5);
    EXPECT_EQ(store.after_entry(2)->tracks[0].keyframes[1].cuboid.center.x, 3.5)
        << "what the journal of version 1 says";
    ASSERT_TRUE(store.undo(by(5)));
    EXPECT_EQ(store.labels().tracks[1].class_name, "truck") << "the restore is undone";
    ASSERT_TRUE(store.commit(numbered_edit(store.labels(), 0), by(6))) << "rows of version 2 in a file of version 1";
  }
  const LabelStore again = open();
  EXPECT_EQ(again.labels().image_tracks.size(), 1U);
  EXPECT_EQ(again.labels().tracks.size(), 3U);
}

TEST_F(Store, AFileOfVersion3IsOpenedAndTakesChangesOfAClass) {
  LabelSet labels;
  labels.tracks.push_back({"1", "van", {}, {{5, {{}, {4, 2, 1}, {}}, {}, {}}, {9, {{}, {4, 2, 1}, {}}, {}, {}}}, {}});
  (void)create(labels);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
  // Headers without later classes are those of version 3, byte for byte: class, attributes, absences.
  std::string header;
  const auto take = [](void* to, int, char** texts, char**) {
    *static_cast<std::string*>(to) = texts[0];
    return 0;
  };
  sqlite3_exec(db, "SELECT hex(header) FROM track", take, &header, nullptr);
  EXPECT_EQ(header, "0300000076616E0000000000000000");
  sqlite3_exec(db, "PRAGMA user_version = 3", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  {
    LabelStore store = open();
    ASSERT_FALSE(store.read_only_reason()) << *store.read_only_reason();
    expect_same(store.labels(), labels);
    labels.tracks[0].later_classes = {{9, "truck"}};
    ASSERT_TRUE(store.commit(difference(store.labels(), labels), by(2)));
  }
  LabelStore again = open();
  EXPECT_EQ(again.labels().tracks[0].later_classes, labels.tracks[0].later_classes);
  ASSERT_TRUE(again.undo(by(3)));
  EXPECT_TRUE(again.labels().tracks[0].later_classes.empty());
}

TEST_F(Store, AFileOfVersion1ThatMayNotBeWrittenIsReadAndStaysAsItIs) {
  fs::copy_file(SWEEPMARK_TEST_FILES "/version_1.sweepmark", file());
  const std::string before = content_of(file());
  // Another program holds it.
  const int lock = ::open(file().c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(flock(lock, LOCK_EX | LOCK_NB), 0);
  const auto store = LabelStore::open(file());
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_TRUE(store->read_only_reason());
  EXPECT_EQ(store->labels().tracks.size(), 2U);
  EXPECT_EQ(store->after_entry(2)->tracks[1].class_name, "truck");
  EXPECT_EQ(content_of(file()), before);
  close(lock);
}

TEST_F(Store, ASecondWriterIsReadOnlyAndSaysWhy) {
  LabelStore first = create();
  LabelStore second = open();
  ASSERT_TRUE(second.read_only_reason());
  EXPECT_NE(second.read_only_reason()->find("another program"), std::string::npos);
  const auto refused = second.commit(numbered_edit({}, 0), by(2));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("read-only"), std::string::npos);
  EXPECT_TRUE(first.commit(numbered_edit({}, 0), by(2)));
}

TEST_F(Store, AFullDiskIsAnErrorAndNothingHasChanged) {
  std::optional<LabelStore> kept(create());
  LabelStore& store = *kept;
  for (std::int64_t i = 0; i < 20; ++i) ASSERT_TRUE(store.commit(numbered_edit(store.labels(), i), by(i)));
  const LabelSet before = store.labels();
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  getrlimit(RLIMIT_FSIZE, &old_limit);
  const rlimit tight{1024, old_limit.rlim_max};  // no file may grow: as on a full disk
  setrlimit(RLIMIT_FSIZE, &tight);
  const auto refused = store.commit(numbered_edit(store.labels(), 20), by(21));
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(file().string()), std::string::npos) << refused.error().message;
  expect_same(store.labels(), before);
  ASSERT_TRUE(store.commit(numbered_edit(store.labels(), 20), by(22))) << "with room again, work goes on";
  const LabelSet after = store.labels();
  kept.reset();
  expect_same(open().labels(), after);
}

TEST_F(Store, AFullFileSystemIsAnErrorAndWhatWasAcknowledgedIsThere) {
  const fs::path small = file().parent_path() / "small";
  fs::create_directory(small);
  if (mount("tmpfs", small.c_str(), "tmpfs", 0, "size=400k") != 0)
    GTEST_SKIP() << "no small file system can be mounted here: " << std::strerror(errno);
  struct Unmount {
    fs::path at;
    ~Unmount() { umount2(at.c_str(), MNT_DETACH); }
  } const unmount{small};
  LabelSet last;
  {
    auto store = LabelStore::create(small / "s.sweepmark", {}, by(1));
    ASSERT_TRUE(store) << store.error().message;
    std::int64_t i = 0;
    Result<void> written;
    for (; i < 10'000 && written; ++i) {
      last = store->labels();
      written = store->commit(numbered_edit(store->labels(), i), by(i));
    }
    ASSERT_FALSE(written) << "the disk has to fill";
    EXPECT_NE(written.error().message.find("s.sweepmark"), std::string::npos) << written.error().message;
    EXPECT_GT(i, 3);
    expect_same(store->labels(), last);
  }
  const auto again = LabelStore::open(small / "s.sweepmark");
  ASSERT_TRUE(again) << again.error().message;
  expect_same(again->labels(), last);
}

TEST_F(Store, AFolderThatMayNotBeWrittenOpensReadOnlyAndSaysSo) {
  (void)create(RandomLabels(7).labels(5));
  const LabelSet labels = open().labels();
  fs::permissions(file().parent_path(),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(file(), fs::perms::owner_read | fs::perms::others_read);
  // The administrator may write everywhere: someone else looks.
  const pid_t other = fork();
  if (other == 0) {
    if (getuid() == 0 && (setgroups(0, nullptr) != 0 || setgid(65534) != 0 || setuid(65534) != 0)) _exit(2);
    const auto store = LabelStore::open(file());
    if (!store || !store->read_only_reason()) _exit(3);
    if (store->read_only_reason()->find("folder") == std::string::npos) _exit(4);
    _exit(difference(store->labels(), labels).empty() ? 0 : 5);
  }
  int status = 0;
  waitpid(other, &status, 0);
  fs::permissions(file().parent_path(), fs::perms::owner_all);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Store, ADamagedFileShowsWhatCouldBeReadAndSaysSo) {
  {
    LabelStore store = create();
    for (std::int64_t i = 0; i < 400; ++i) ASSERT_TRUE(store.commit(numbered_edit(store.labels(), i), by(i)));
  }
  {
    std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(static_cast<std::streamoff>(fs::file_size(file()) / 2));
    const std::string junk(9000, '\x5A');
    bytes.write(junk.data(), static_cast<std::streamsize>(junk.size()));
  }
  const auto store = LabelStore::open(file());
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_TRUE(store->read_only_reason());
  EXPECT_NE(store->read_only_reason()->find("damaged"), std::string::npos) << *store->read_only_reason();
  EXPECT_GT(store->labels().tracks.size(), 0U);
}

TEST_F(Store, WhatIsNoStoreAndWhatANewerVersionMadeIsNamed) {
  const auto absent = LabelStore::open(file());
  ASSERT_FALSE(absent);
  std::ofstream(file()) << "not a database, but long enough to look at: " << std::string(4096, 'x');
  ASSERT_FALSE(LabelStore::open(file()));
  EXPECT_NE(LabelStore::open(file()).error().message.find("expected a label store"), std::string::npos);
  EXPECT_FALSE(LabelStore::create(file(), {}, by(1))) << "never over another file";
  fs::remove(file());
  (void)create();
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "PRAGMA user_version = 7", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto newer = LabelStore::open(file());
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("newer Sweepmark"), std::string::npos) << newer.error().message;
}

}  // namespace
}  // namespace sweepmark::testing_support
