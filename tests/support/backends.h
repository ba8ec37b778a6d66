// SPDX-License-Identifier: Apache-2.0
//
// One test body for the CPU and for CUDA:
//   template <class Exec> struct VoxelizeTest : BackendTest<Exec> {};
//   TYPED_TEST_SUITE(VoxelizeTest, Backends);
//   TYPED_TEST(VoxelizeTest, ...) { Voxelizer<TypeParam> voxelizer(this->exec()); ... }
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "kernels/exec/cpu.h"
#include "kernels/exec/cuda.h"
#include "tests/support/test_data.h"

namespace sweepmark::testing_support {

using Backends = ::testing::Types<Cpu, Cuda>;

template <class Exec>
class BackendTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (std::is_same_v<Exec, Cpu>) {
      exec_ = Cpu{2};
    } else {
      auto cuda = Cuda::open();
      if (!cuda) {
        if (gpu_required()) FAIL() << "a GPU is required: " << cuda.error().message;
        GTEST_SKIP() << cuda.error().message;
      }
      exec_ = *cuda;
    }
  }
  const Exec& exec() const { return *exec_; }

 private:
  std::optional<Exec> exec_;
};

}  // namespace sweepmark::testing_support
