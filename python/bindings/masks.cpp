// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "geometry/mask.h"
#include "geometry/mask_convert.h"
#include "python/bindings/arrays.h"
#include "python/bindings/module.h"
#include "python/bindings/polygons.h"

namespace sweepmark::python {
namespace {

using namespace nb::literals;

void expect_size(std::uint64_t width, std::uint64_t height) {
  if (width >= (1ULL << 32) || height >= (1ULL << 32) || (height != 0 && width > 0xFFFFFFFFULL / height))
    throw ArgumentError{fmt::format("a mask of {} x {} pixels: expected less than 2^32", width, height)};
}

void expect_same_size(const Mask& a, const Mask& b) {
  if (a.width() != b.width() || a.height() != b.height())
    throw ArgumentError{fmt::format("masks of one image size expected, got {} x {} and {} x {}", a.width(), a.height(),
                                    b.width(), b.height())};
}

/// Of pixels that lie in the order of runs: column by column.
Mask from_columns(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> pixels) {
  MaskBuilder builder(width, height);
  const std::uint8_t* const first = pixels.data();
  const std::uint8_t* const last = first + pixels.size();
  for (const std::uint8_t* at = first; at != last;) {
    // What is outside is most of it: eight pixels at a time.
    for (std::uint64_t eight = 0; last - at >= 8; at += 8) {
      std::memcpy(&eight, at, 8);
      if (eight != 0) break;
    }
    const std::uint8_t* const begin = std::find_if(at, last, [](std::uint8_t pixel) { return pixel != 0; });
    if (begin == last) break;
    const void* outside = std::memchr(begin, 0, static_cast<std::size_t>(last - begin));
    at = outside == nullptr ? last : static_cast<const std::uint8_t*>(outside);
    builder.add(static_cast<std::uint64_t>(begin - first), static_cast<std::uint64_t>(at - first));
  }
  return std::move(builder).take();
}

Mask from_array(nb::handle array) {
  const nb::object columns = nb::module_::import_("sweepmark._arrays").attr("as_columns")(array);
  if (Buffer buffer; !columns.is_none() && buffer.take(columns)) {
    const auto width = static_cast<std::uint64_t>(buffer.view().shape[0]),
               height = static_cast<std::uint64_t>(buffer.view().shape[1]);
    expect_size(width, height);
    const nb::gil_scoped_release unlocked;
    return from_columns(
        static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
        {static_cast<const std::uint8_t*>(buffer.view().buf), static_cast<std::size_t>(width * height)});
  }
  const Buffer buffer = converted(array, "as_bitmap");
  const auto height = static_cast<std::uint64_t>(buffer.view().shape[0]),
             width = static_cast<std::uint64_t>(buffer.view().shape[1]);
  expect_size(width, height);
  const nb::gil_scoped_release unlocked;
  return from_bitmap(static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height),
                     {static_cast<const std::uint8_t*>(buffer.view().buf), static_cast<std::size_t>(width * height)});
}

Array2<bool> to_array(const Mask& mask) {
  std::vector<std::uint8_t> pixels;
  {
    const nb::gil_scoped_release unlocked;
    pixels = to_bitmap(mask);
  }
  auto [data, owner] = on_heap(std::move(pixels));
  return Array2<bool>(data, {mask.height(), mask.width()}, owner);
}

Mask from_coco(const nb::dict& rle) {
  if (!rle.contains("size") || !rle.contains("counts"))
    throw ArgumentError{"a mask of COCO: expected a dict with 'size' and 'counts'"};
  std::vector<std::uint32_t> size;
  if (!nb::try_cast(rle["size"], size) || size.size() != 2)
    throw ArgumentError{"a mask of COCO: expected 'size' as [height, width]"};
  const nb::object counts = rle["counts"];
  if (nb::isinstance<nb::bytes>(counts)) {
    const auto bytes = nb::cast<nb::bytes>(counts);
    return value_of_argument(from_coco_text(size[1], size[0], {bytes.c_str(), bytes.size()}));
  }
  if (std::string text; nb::isinstance<nb::str>(counts) && nb::try_cast(counts, text))
    return value_of_argument(from_coco_text(size[1], size[0], text));
  std::vector<std::uint32_t> runs;
  if (!nb::try_cast(counts, runs))
    throw ArgumentError{"a mask of COCO: expected 'counts' as text, bytes or a list of run lengths"};
  return value_of_argument(Mask::from_runs(size[1], size[0], runs));
}

nb::dict to_coco(const Mask& mask) {
  nb::dict rle;
  nb::list size;
  size.append(mask.height());
  size.append(mask.width());
  const std::string text = to_coco_text(mask);
  rle["size"] = size;
  rle["counts"] = nb::bytes(text.data(), text.size());
  return rle;
}

Mask from_polygon(nb::handle rings, std::uint32_t width, std::uint32_t height) {
  expect_size(width, height);
  const Polygon polygon = polygon_of(rings);
  const nb::gil_scoped_release unlocked;
  return to_mask(polygon, width, height);
}

template <Mask (*operation)(const Mask&, const Mask&)>
Mask of_two(const Mask& a, const Mask& b) {
  expect_same_size(a, b);
  const nb::gil_scoped_release unlocked;
  return operation(a, b);
}

Array2<double> iou_of_all(const std::vector<const Mask*>& a, const std::vector<const Mask*>& b) {
  for (const auto* masks : {&a, &b})
    for (const Mask* mask : *masks) {
      if (mask == nullptr) throw ArgumentError{"expected masks, got None"};
      expect_same_size(*(a.empty() ? b : a).front(), *mask);
    }
  std::vector<double> values(a.size() * b.size());
  {
    const nb::gil_scoped_release unlocked;
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t j = 0; j < b.size(); ++j) values[i * b.size() + j] = iou(*a[i], *b[j]);
  }
  auto [data, owner] = on_heap(std::move(values));
  return Array2<double>(data, {a.size(), b.size()}, owner);
}

}  // namespace

void bind_masks(nb::module_& m) {
  nb::class_<Mask>(m, "Mask", "Which pixels of an image belong to something, as COCO's runs. Operations work on runs.")
      .def(
          "__init__",
          [](Mask* self, std::uint32_t width, std::uint32_t height) {
            expect_size(width, height);
            new (self) Mask(width, height);
          },
          "width"_a, "height"_a, "Nothing inside.")
      .def_static("from_array", &from_array, "array"_a,
                  nb::sig("def from_array(array: numpy.typing.ArrayLike) -> Mask"),
                  "From height x width pixels, bool or any integers: what is not 0 is inside. uint8 and bool in C "
                  "order are read in place.")
      .def_static(
          "from_runs",
          [](std::uint32_t width, std::uint32_t height, const std::vector<std::uint32_t>& runs) {
            return value_of_argument(Mask::from_runs(width, height, runs));
          },
          "width"_a, "height"_a, "runs"_a,
          "From run lengths down the columns, the first outside. ValueError: they do not add up.")
      .def_static(
          "from_coco", &from_coco, "rle"_a, nb::sig("def from_coco(rle: dict[str, typing.Any]) -> Mask"),
          "From pycocotools' dict of 'size' [height, width] and 'counts' (compressed text or bytes, or a list).")
      .def_static(
          "from_polygon", &from_polygon, "rings"_a, "width"_a, "height"_a,
          nb::sig("def from_polygon(rings: numpy.typing.ArrayLike | collections.abc.Sequence[numpy.typing.ArrayLike | "
                  "tuple[str, numpy.typing.ArrayLike]], width: int, height: int) -> Mask"),
          "The pixels whose centres are inside. Rings are n x 2 (x, y in pixels, the image's corner is 0, 0); one "
          "alone, several, or pairs ('area' or 'hole', ring) painted in their order.")
      .def("to_coco", &to_coco, nb::sig("def to_coco(self) -> dict[str, typing.Any]"),
           "As pycocotools writes it: 'size' and compressed 'counts' (bytes).")
      .def("to_array", &to_array, "height x width, bool.")
      .def(
          "to_polygon", [](const Mask& mask) { return rings_of(to_polygon(mask)); },
          nb::sig("def to_polygon(self) -> list[tuple[str, numpy.typing.NDArray[numpy.float64]]]"),
          "The outline along the pixels' edges, as pairs ('area' or 'hole', n x 2): `from_polygon` gives exactly this "
          "mask back.")
      .def_prop_ro("width", &Mask::width)
      .def_prop_ro("height", &Mask::height)
      .def_prop_ro(
          "runs",
          [](const Mask& mask) { return array1(std::vector<std::uint32_t>(mask.runs().begin(), mask.runs().end())); },
          nb::rv_policy::move, "uint32; they add up to width * height.")
      .def_prop_ro(
          "area", [](const Mask& mask) { return area(mask); }, "Pixels inside.")
      .def_prop_ro(
          "bounds",
          [](const Mask& mask) {
            const ImageBox box = bounds(mask);
            return std::tuple(box.left, box.top, box.right, box.bottom);
          },
          "(left, top, right, bottom) of the pixels inside.")
      .def(
          "iou",
          [](const Mask& a, const Mask& b) {
            expect_same_size(a, b);
            return iou(a, b);
          },
          "other"_a, "Intersection over union; 0 when both are empty.")
      .def("__and__", &of_two<&intersection>, nb::is_operator())
      .def("__or__", &of_two<&union_of>, nb::is_operator())
      .def("__sub__", &of_two<&difference>, nb::is_operator())
      .def("__invert__", [](const Mask& mask) { return inverse(mask); })
      .def(
          "__eq__", [](const Mask& a, const Mask& b) { return a == b; }, nb::is_operator(),
          nb::sig("def __eq__(self, arg: object, /) -> bool"))
      .def("__hash__",
           [](const Mask& mask) {
             const std::string text = to_coco_text(mask);
             return nb::hash(nb::make_tuple(mask.width(), mask.height(), nb::bytes(text.data(), text.size())));
           })
      .def(
          "__bool__", [](const Mask& mask) { return !mask.is_empty(); }, "Whether a pixel is inside.")
      .def("__getstate__",
           [](const Mask& mask) {
             const std::string text = to_coco_text(mask);
             return std::tuple(mask.width(), mask.height(), nb::bytes(text.data(), text.size()));
           })
      .def("__setstate__",
           [](Mask& self, const std::tuple<std::uint32_t, std::uint32_t, nb::bytes>& state) {
             const auto& [width, height, text] = state;
             new (&self) Mask(value_of_argument(from_coco_text(width, height, {text.c_str(), text.size()})));
           })
      .def("__repr__", [](const Mask& mask) {
        return fmt::format("Mask({} x {}, {} pixels inside, {} runs)", mask.width(), mask.height(), area(mask),
                           mask.runs().size());
      });
  m.def("mask_iou", &iou_of_all, "a"_a, "b"_a,
        "All pairs of two lists of masks of one image size: len(a) x len(b), float64. Cost: O(runs) a pair.");
}

}  // namespace sweepmark::python
