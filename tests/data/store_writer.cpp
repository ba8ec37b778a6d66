// SPDX-License-Identifier: Apache-2.0
//
// Writes numbered edits into a store for ever, and says after each which one is acknowledged. The kill test kills it.
#include <unistd.h>

#include <cstdio>

#include "tests/data/store_edits.h"

int main(int argc, char** argv) {
  using namespace sweepmark;
  if (argc != 2) return 2;
  auto store = LabelStore::open(argv[1]);
  if (!store || store->read_only_reason()) {
    std::fprintf(stderr, "%s\n", store ? store->read_only_reason()->c_str() : store.error().message.c_str());
    return 1;
  }
  std::int64_t next = -1;  // the entry that made the store is none of ours
  if (!store->visit_log([&](const LogEntry&) { ++next; })) return 1;
  for (;; ++next) {
    if (!store->commit(testing_support::numbered_edit(store->labels(), next), {"writer", "test", next})) return 1;
    if (write(STDOUT_FILENO, &next, sizeof next) != sizeof next) return 1;
  }
}
