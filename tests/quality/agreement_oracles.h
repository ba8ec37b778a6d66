// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/python.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {

/// What other people's libraries say: tests/support/python/agreement_oracles.py KIND, given `input`.
inline nlohmann::json oracle(const std::string& kind, const nlohmann::json& input) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "input.json";
  std::ofstream(file) << input;
  const PythonRun run =
      run_python("agreement_oracles.py", {kind, file.string(), (folder.path() / "out.json").string()});
  EXPECT_EQ(run.status, 0) << run.output;
  std::ifstream out(folder.path() / "out.json");
  return nlohmann::json::parse(out, nullptr, false);
}

}  // namespace sweepmark::testing_support
