// SPDX-License-Identifier: Apache-2.0
#include "data/format_table.h"

#include <algorithm>
#include <array>

#include "data/formats/argoverse2.h"
#include "data/formats/bdd100k.h"
#include "data/formats/coco.h"
#include "data/formats/coco_panoptic.h"
#include "data/formats/cvat_images.h"
#include "data/formats/cvat_video.h"
#include "data/formats/darknet.h"
#include "data/formats/datumaro.h"
#include "data/formats/image_folder.h"
#include "data/formats/kitti_mots.h"
#include "data/formats/kitti_object.h"
#include "data/formats/kitti_raw.h"
#include "data/formats/kitti_tracking.h"
#include "data/formats/label_studio.h"
#include "data/formats/labelcloud.h"
#include "data/formats/mot.h"
#include "data/formats/mots_png.h"
#include "data/formats/nuimages.h"
#include "data/formats/nuscenes.h"
#include "data/formats/openlabel.h"
#include "data/formats/openpcdet.h"
#include "data/formats/pandaset.h"
#include "data/formats/pascal_voc.h"
#include "data/formats/points.h"
#include "data/formats/scale.h"
#include "data/formats/segments_ai.h"
#include "data/formats/semantic_kitti.h"
#include "data/formats/supervisely.h"
#include "data/formats/sustechpoints.h"
#include "data/formats/sweepmark_json.h"
#include "data/formats/sweepmark_store.h"
#include "data/formats/video.h"
#include "data/formats/yolo.h"

namespace sweepmark {
namespace {

using enum Feature;

/// Sizes, rotations and texts as they are.
constexpr Features any_cuboid = {cuboids,     gaps,          track_ids,   text_ids,     classes_with_blanks,
                                 world_frame, tilt_in_world, tilt_in_ego, changing_size};

// clang-format off
constexpr std::array table = {
    FormatEntry{Format::sweepmark_json, "sweepmark_json", true, sweepmark_json::recognises, sweepmark_json::find,
                sweepmark_json::open, sweepmark_json::write_labels, nullptr, ".sweepmark.json",
                Features::all_but({point_classes, point_instances, source_fields})},
    FormatEntry{Format::sweepmark_store, "sweepmark_store", true, sweepmark_store::recognises, sweepmark_store::find,
                sweepmark_store::open, sweepmark_store::write_labels, nullptr, ".sweepmark",
                Features::all_but({source_fields})},
    FormatEntry{Format::openlabel, "openlabel", true, openlabel::recognises, openlabel::find,
                openlabel::open, openlabel::write_labels, nullptr, ".json",
                any_cuboid | Features{image_labels, track_attributes, keyframe_attributes, point_counts, absolute_times, cameras,
                                      image_boxes, turned_boxes, polygons, holes_and_lines, several_shapes}},
    FormatEntry{Format::segments_ai, "segments_ai", true, segments_ai::recognises, segments_ai::find,
                segments_ai::open, segments_ai::write_labels, nullptr, ".json",
                any_cuboid | Features{changing_classes, keyframe_attributes, absolute_times}, {Need::track_numbers}},
    FormatEntry{Format::scale, "scale", false, scale::recognises, scale::find,
                scale::open, scale::write_labels, nullptr, "",
                {cuboids, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, world_frame, tilt_in_ego,
                 changing_size, keyframe_attributes, point_counts, point_classes, point_instances, image_labels,
                 cameras, image_boxes}},
    FormatEntry{Format::supervisely, "supervisely", false, supervisely::recognises, supervisely::find,
                supervisely::open, supervisely::write_labels, nullptr, "",
                {cuboids, gaps, track_ids, text_ids, classes_with_blanks, tilt_in_world, tilt_in_ego, changing_size,
                 track_attributes, keyframe_attributes}},
    FormatEntry{Format::sustechpoints, "sustechpoints", false, sustechpoints::recognises, sustechpoints::find,
                sustechpoints::open, sustechpoints::write_labels, nullptr, "",
                {cuboids, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, tilt_in_world, tilt_in_ego,
                 changing_size}},
    FormatEntry{Format::labelcloud, "labelcloud", false, labelcloud::recognises, labelcloud::find,
                labelcloud::open, nullptr, nullptr, "", {}},
    FormatEntry{Format::nuscenes, "nuscenes", false, nuscenes::recognises, nuscenes::find,
                nuscenes::open, nuscenes::write_labels, nuscenes::write_scene, "",
                any_cuboid | Features{point_counts, point_classes, point_instances, absolute_times},
                {Need::poses, Need::image_files}, nuscenes::origin_files},
    FormatEntry{Format::nuimages, "nuimages", false, nuimages::recognises, nuimages::find,
                nuimages::open, nullptr, nullptr, "", {}},
    FormatEntry{Format::argoverse2, "argoverse2", false, argoverse2::recognises, argoverse2::find,
                argoverse2::open, argoverse2::write_labels, argoverse2::write_scene, "",
                any_cuboid | Features{changing_classes, point_counts, absolute_times}, {Need::poses}},
    FormatEntry{Format::pandaset, "pandaset", false, pandaset::recognises, pandaset::find,
                pandaset::open, pandaset::write_labels, pandaset::write_scene, "",
                {cuboids, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, world_frame, tilt_in_ego,
                 changing_size, keyframe_attributes, absolute_times},
                {Need::poses}},
    FormatEntry{Format::semantic_kitti, "semantic_kitti", false, semantic_kitti::recognises, semantic_kitti::find,
                semantic_kitti::open, semantic_kitti::write_scene, semantic_kitti::write_scene, "",
                {world_frame, point_classes, point_instances, absolute_times}},
    FormatEntry{Format::kitti_tracking, "kitti_tracking", false, kitti_tracking::recognises, kitti_tracking::find,
                kitti_tracking::open, kitti_tracking::write_labels, kitti_tracking::write_scene, "",
                {cuboids, gaps, track_ids, changing_classes, world_frame, tilt_in_world, changing_size},
                {Need::poses, Need::calibration}},
    FormatEntry{Format::kitti_object, "kitti_object", false, kitti_object::recognises, kitti_object::find,
                kitti_object::open, kitti_object::write_labels, kitti_object::write_scene, "",
                {cuboids, gaps, tilt_in_ego, changing_size},
                {Need::front_camera, Need::lens, Need::upright_camera, Need::visibility}, nullptr, false},
    FormatEntry{Format::kitti_raw, "kitti_raw", false, kitti_raw::recognises, kitti_raw::find,
                kitti_raw::open, kitti_raw::write_labels, nullptr, ".xml",
                {cuboids, classes_with_blanks, tilt_in_ego}},
    FormatEntry{Format::coco_panoptic, "coco_panoptic", true, coco_panoptic::recognises, coco_panoptic::find,
                coco_panoptic::open, coco_panoptic::write_labels, nullptr, ".json",
                {image_labels, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, absolute_times, masks,
                 ontology}, {Need::image_files}},
    FormatEntry{Format::coco, "coco", true, coco::recognises, coco::find,
                coco::open, coco::write_labels, nullptr, ".json",
                {image_labels, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, keyframe_attributes,
                 absolute_times, image_boxes, polygons, masks, skeletons, several_shapes, ontology},
                {Need::image_files}},
    FormatEntry{Format::label_studio, "label_studio", true, label_studio::recognises, label_studio::find,
                label_studio::open, nullptr, nullptr, "", {interpolation}},
    FormatEntry{Format::bdd100k, "bdd100k", true, bdd100k::recognises, bdd100k::find,
                bdd100k::open, bdd100k::write_labels, nullptr, ".json",
                {image_labels, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, keyframe_attributes,
                 image_boxes, polygons, masks, skeletons, region_twice, several_shapes}, {Need::image_files}},
    FormatEntry{Format::cvat_video, "cvat_video", true, cvat_video::recognises, cvat_video::find,
                cvat_video::open, cvat_video::write_labels, nullptr, ".xml",
                {image_labels, interpolation, absences, gaps, track_ids, classes_with_blanks, track_attributes,
                 keyframe_attributes, image_boxes, turned_boxes, polygons, holes_and_lines, masks, skeletons, ontology}},
    FormatEntry{Format::cvat_images, "cvat_images", true, cvat_images::recognises, cvat_images::find,
                cvat_images::open, cvat_images::write_labels, nullptr, ".xml",
                {image_labels, classes_with_blanks, track_attributes, keyframe_attributes, image_boxes, turned_boxes,
                 polygons, holes_and_lines, masks, skeletons, ontology}, {Need::image_files}, nullptr, false},
    FormatEntry{Format::datumaro, "datumaro", true, datumaro::recognises, datumaro::find,
                datumaro::open, datumaro::write_labels, nullptr, ".json",
                {cuboids, gaps, track_ids, text_ids, changing_classes, classes_with_blanks, tilt_in_world, tilt_in_ego,
                 changing_size, keyframe_attributes, absolute_times, image_labels, cameras, image_boxes, polygons,
                 masks, skeletons, region_twice, several_shapes, ontology}, {Need::image_files}},
    FormatEntry{Format::mot, "mot", false, mot::recognises, mot::find,
                mot::open, mot::write_labels, mot::write_scene, "",
                {image_labels, gaps, track_ids, changing_classes, keyframe_attributes, image_boxes}},
    FormatEntry{Format::kitti_mots, "kitti_mots", true, kitti_mots::recognises, kitti_mots::find,
                kitti_mots::open, kitti_mots::write_labels, nullptr, ".txt",
                {image_labels, gaps, track_ids, changing_classes, masks}},
    FormatEntry{Format::mots_png, "mots_png", false, mots_png::recognises, mots_png::find,
                mots_png::open, mots_png::write_labels, nullptr, "",
                {image_labels, gaps, track_ids, masks}},
    FormatEntry{Format::yolo, "yolo", false, yolo::recognises, yolo::find,
                yolo::open, yolo::write_labels, nullptr, "",
                {image_labels, classes_with_blanks, image_boxes}, {Need::image_files}, nullptr, false},
    FormatEntry{Format::darknet, "darknet", false, darknet::recognises, darknet::find,
                darknet::open, darknet::write_labels, nullptr, "",
                {image_labels, classes_with_blanks, image_boxes}, {Need::image_files}, nullptr, false},
    FormatEntry{Format::pascal_voc, "pascal_voc", false, pascal_voc::recognises, pascal_voc::find,
                pascal_voc::open, nullptr, nullptr, "", {}},
    FormatEntry{Format::openpcdet, "openpcdet", false, openpcdet::recognises, openpcdet::find,
                openpcdet::open, openpcdet::write_labels, openpcdet::write_scene, "",
                {cuboids, gaps, tilt_in_ego, changing_size}, {Need::points}, nullptr, false},
    FormatEntry{Format::points, "points", false, points::recognises, points::find,
                points::open, nullptr, nullptr, "", {}},
    FormatEntry{Format::images, "images", false, image_folder::recognises, image_folder::find,
                image_folder::open, nullptr, nullptr, "", {}},
    FormatEntry{Format::video, "video", true, video::recognises, video::find,
                video::open, nullptr, nullptr, "", {}},
};
// clang-format on

}  // namespace

std::span<const FormatEntry> format_table() { return table; }

const FormatEntry& entry_of(Format format) { return *std::ranges::find(table, format, &FormatEntry::format); }

}  // namespace sweepmark
