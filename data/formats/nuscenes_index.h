// SPDX-License-Identifier: Apache-2.0
//
// Where the records of each scene lie in the tables of a nuScenes dataset. Records name each other by token and lie in
// any order, so finding those of one scene takes a pass over every table, and reading scene after scene that way is
// work that grows with their square. One pass finds those of all scenes; a scene is then read by its own records alone.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/formats/nuscenes_tables.h"

namespace sweepmark::nuscenes::tables {

/// Places of a scene's records in their tables, in the order of the files.
struct SceneRecords {
  std::vector<RecordPlace> samples, sample_data, ego_poses, calibrated_sensors, lidarseg, panoptic, annotations,
      instances;
};

using TableIndex = std::map<std::string, SceneRecords>;  ///< by the scene's name

/// The index of the tables in `folder`. That of the folder asked for last is kept while its files stay as they are.
/// Throws BadRecord: a table that is missing or damaged, a token of a sample, scene, ego pose, calibration or instance
/// that leads nowhere. Cost: one pass over the tables, about 2 s for a gigabyte; 16 bytes a record.
std::shared_ptr<const TableIndex> index_of(const std::filesystem::path& folder);

}  // namespace sweepmark::nuscenes::tables
