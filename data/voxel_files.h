// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "kernels/math/types.h"
#include "kernels/result.h"
#include "kernels/voxelize.h"

namespace sweepmark {

/// Writes one point for each voxel, in the form that the extension of `out` says:
/// .ply and .pcd (binary; x y z intensity count), or .npz (numpy arrays `coords` int32 Nx3, `centroids` float32 Nx3,
/// `intensity` float32 N, `counts` uint32 N, `size_m` float32, `origin` float64 3).
/// \param origin  added to centroids in .ply and .pcd as double coordinates when it is not zero
/// Errors: another extension, or a file that cannot be written; nothing is left behind then.
Result<void> write_voxels(const Voxels& voxels, Vec3d origin, const std::filesystem::path& out);

}  // namespace sweepmark
