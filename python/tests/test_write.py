# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

import sweepmark


def test_what_is_written_in_our_format_reads_back_the_same(tmp_path, street):
    street.labels.tracks[0].attributes = {"a": "ä"}
    done = sweepmark.write(street, tmp_path / "o.sweepmark.json", lossy=True)
    assert done.label_count == len(street.labels.cuboids) and done.format == "sweepmark_json"
    again = sweepmark.open(tmp_path / "o.sweepmark.json")
    np.testing.assert_array_equal(again.labels.cuboids, street.labels.cuboids)
    assert again.labels.tracks[0].attributes["a"] == "ä"


def test_a_loss_is_an_error_unless_it_is_meant(tmp_path, street):
    out = tmp_path / "kitti"
    with pytest.raises(sweepmark.LossError) as caught:
        sweepmark.write(street, out, "kitti_tracking")
    assert not out.exists()
    assert any("counts" in d.text and d.labels == len(street.labels.cuboids) for d in caught.value.lost)
    assert caught.value.invented and caught.value.path == str(out)
    sweepmark.write(street, out, "kitti_tracking", lossy=True)
    assert len(sweepmark.open(out).labels.cuboids) == len(street.labels.cuboids)


def test_what_is_there_stays_unless_it_may_go(tmp_path, street):
    out = tmp_path / "o.sweepmark.json"
    out.write_text("precious")
    with pytest.raises(sweepmark.Error):
        sweepmark.write(street, out, lossy=True)
    assert out.read_text() == "precious"
    sweepmark.write(street, out, lossy=True, overwrite=True)
    with pytest.raises(sweepmark.Error):
        sweepmark.write(street, street.root, "nuscenes", overwrite=True)


def test_a_format_has_to_be_one(tmp_path, street):
    with pytest.raises(ValueError, match="laserdisc"):
        sweepmark.write(street, tmp_path / "o", "laserdisc")
    with pytest.raises(ValueError, match="does not say"):
        sweepmark.write(street, tmp_path / "o")
    formats = sweepmark.formats()
    assert formats["nuscenes"] and not formats["points"]


@pytest.mark.parametrize("format", [name for name, is_written in sweepmark.formats().items() if is_written])
def test_every_format_that_is_written_opens_again(tmp_path, street, format):
    conversion = sweepmark.Conversion(street, format)
    if conversion.label_count == 0:
        pytest.skip("a format for labels in images")
    out = tmp_path / f"out{conversion.extension}"
    conversion.write(out)
    names = sweepmark.scene_names(out, format)
    scenes = [sweepmark.open(out, name, format) for name in names]
    assert sum(len(scene.labels.cuboids) for scene in scenes) == conversion.label_count


def test_labels_are_a_table_for_other_libraries(street):
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    rows = street.labels.cuboids
    frame = sweepmark.to_pandas(street.labels)
    assert isinstance(frame, pandas.DataFrame) and len(frame) == len(rows)
    np.testing.assert_array_equal(frame[["x", "y", "z"]], rows["center"])
    np.testing.assert_array_equal(frame["points"], rows["points"])
    assert frame["track"].tolist() == [street.labels.tracks[t].id for t in rows["track"]]
    boxes = sweepmark.cuboids(rows["center"], rows["size"], yaw=frame["yaw"])
    assert sweepmark.box_iou(boxes, rows).min() > 0.9  # they tilt by little
    table = sweepmark.to_arrow(street.labels)
    assert isinstance(table, pyarrow.Table) and table.to_pandas().equals(frame)
    assert len(sweepmark.to_pandas(sweepmark.Labels())) == 0 == len(sweepmark.to_arrow(sweepmark.Labels()))
