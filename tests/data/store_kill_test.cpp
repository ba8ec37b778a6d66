// SPDX-License-Identifier: Apache-2.0
//
// A writer is killed with SIGKILL at random moments. $SWEEPMARK_KILLS says how often (scripts/kill_test.sh: 500).
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "data/store/label_store.h"
#include "tests/data/store_edits.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {
namespace {

struct Writer {
  pid_t process = -1;
  int acknowledged = -1;  ///< end of a pipe that numbers of edits come from
};

Writer start_writer(const std::string& store) {
  int ends[2];
  if (pipe(ends) != 0) return {};
  const pid_t process = fork();
  if (process == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execl(SWEEPMARK_STORE_WRITER, "store_writer", store.c_str(), nullptr);
    _exit(127);
  }
  close(ends[1]);
  return {process, ends[0]};
}

TEST(StoreKill, NoAcknowledgedEditIsLostAndNoneIsHalfThere) {
  const char* wanted = std::getenv("SWEEPMARK_KILLS");
  const int kills = wanted == nullptr ? 40 : std::atoi(wanted);
  const TemporaryFolder work;
  const auto file = work.path() / "scene.sweepmark";
  ASSERT_TRUE(LabelStore::create(file, {}, {"test", "test", 0}));
  std::mt19937 random(static_cast<unsigned>(kills));
  LabelSet expected;
  std::int64_t known = 0;  // edits in `expected`
  int while_writing = 0;
  for (int kill_number = 0; kill_number < kills; ++kill_number) {
    const Writer writer = start_writer(file.string());
    ASSERT_GT(writer.process, 0);
    std::int64_t acknowledged = -1;
    // Some die while they open the store, most while they write.
    if (kill_number % 4 != 0) (void)read(writer.acknowledged, &acknowledged, sizeof acknowledged);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    kill(writer.process, SIGKILL);
    int status = 0;
    waitpid(writer.process, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself";
    for (std::int64_t number = 0; read(writer.acknowledged, &number, sizeof number) == sizeof number;)
      acknowledged = number;
    close(writer.acknowledged);
    while_writing += acknowledged >= 0 ? 1 : 0;

    auto store = LabelStore::open(file);  // checks the file's integrity
    ASSERT_TRUE(store) << store.error().message;
    ASSERT_FALSE(store->read_only_reason()) << *store->read_only_reason();
    std::int64_t entries = 0;
    ASSERT_TRUE(store->visit_log([&](const LogEntry&) { ++entries; }));
    const std::int64_t edits = entries - 1;
    ASSERT_GE(edits, acknowledged + 1) << "an acknowledged edit is lost";
    ASSERT_LE(edits, std::max(known, acknowledged + 1) + 1) << "only the edit under way can be there unacknowledged";
    for (; known < edits; ++known) ASSERT_TRUE(apply_changes(expected, numbered_edit(expected, known)));
    const auto differences = difference(expected, store->labels());
    ASSERT_TRUE(differences.empty()) << name_of_row(differences.front()) << " is not as edits 0 to " << edits
                                     << " left it";
  }
  std::printf("%d kills, %d of them after the first acknowledged edit; %lld edits are all there\n", kills,
              while_writing, static_cast<long long>(known));
  EXPECT_GE(while_writing, kills / 2);
}

}  // namespace
}  // namespace sweepmark::testing_support
