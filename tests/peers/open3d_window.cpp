// SPDX-License-Identifier: Apache-2.0
#include "tests/peers/open3d_window.h"

#include <open3d/Open3D.h>

#include <cstdlib>

namespace sweepmark::peers {

struct Open3dWindow::State {
  open3d::visualization::Visualizer window;
  std::shared_ptr<open3d::geometry::PointCloud> cloud = std::make_shared<open3d::geometry::PointCloud>();
};

Open3dWindow::Open3dWindow(std::unique_ptr<State> state) : state_(std::move(state)) {}
Open3dWindow::~Open3dWindow() { state_->window.DestroyVisualizerWindow(); }

std::unique_ptr<Open3dWindow> Open3dWindow::make(std::span<const Point> points, int width, int height,
                                                 double point_size_px) {
  if (std::getenv("DISPLAY") == nullptr) return nullptr;
  auto state = std::make_unique<State>();
  for (const Point& p : points) state->cloud->points_.emplace_back(p.x, p.y, p.z);
  state->cloud->colors_.assign(points.size(), Eigen::Vector3d(0.5, 0.7, 0.9));
  if (!state->window.CreateVisualizerWindow("peer", width, height, 0, 0, false)) return nullptr;
  state->window.AddGeometry(state->cloud);
  state->window.GetRenderOption().point_size_ = point_size_px;
  return std::unique_ptr<Open3dWindow>(new Open3dWindow(std::move(state)));
}

double Open3dWindow::draw() {
  state_->window.GetViewControl().Rotate(2, 0);
  const auto picture = state_->window.CaptureScreenFloatBuffer(true);
  return static_cast<double>(*picture->PointerAt<float>(0, 0, 0));
}

}  // namespace sweepmark::peers
