// SPDX-License-Identifier: Apache-2.0
#include "kernels/math/rigid.h"

#include <gtest/gtest.h>

#include <numbers>
#include <random>

namespace sweepmark {
namespace {

Quat random_rotation(std::mt19937& random) {
  std::normal_distribution<double> normal;
  return normalized({normal(random), normal(random), normal(random), normal(random)});
}

TEST(Rigid, APoseTimesItsInverseIsTheIdentity) {
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    const Pose pose{random_rotation(random), {1e6, -2e6, 30}};
    const Vec3d p{12, -7, 3};
    EXPECT_LT(norm(inverse(pose) * (pose * p) - p), 1e-8);
  }
}

TEST(Rigid, AMatrixGivesBackItsQuaternionUpToSign) {
  std::mt19937 random(2);
  for (int i = 0; i < 1000; ++i) {
    const Quat q = random_rotation(random);
    EXPECT_NEAR(std::abs(dot(q, quat_from_matrix(matrix(q)))), 1, 1e-14);
  }
  for (const Quat half_turn : {Quat{0, 1, 0, 0}, Quat{0, 0, 1, 0}, Quat{0, 0, 0, 1}}) {
    EXPECT_NEAR(std::abs(dot(half_turn, quat_from_matrix(matrix(half_turn)))), 1, 1e-15);
  }
}

TEST(Rigid, YawSurvivesTheQuaternion) {
  for (double yaw = -3.1; yaw < 3.1; yaw += 0.1) EXPECT_NEAR(yaw_of(quat_from_yaw(yaw)), yaw, 1e-14);
  EXPECT_NEAR(std::abs(yaw_of(quat_from_yaw(std::numbers::pi))), std::numbers::pi, 1e-14);
}

TEST(Rigid, TheProductOfPosesAppliesTheRightOneFirst) {
  const Pose turn{quat_from_yaw(std::numbers::pi / 2), {0, 0, 0}};
  const Pose shift{{}, {1, 0, 0}};
  const Vec3d p = (turn * shift) * Vec3d{0, 0, 0};
  EXPECT_NEAR(p.x, 0, 1e-15);
  EXPECT_NEAR(p.y, 1, 1e-15);
}

}  // namespace
}  // namespace sweepmark
