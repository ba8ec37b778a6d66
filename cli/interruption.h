// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sweepmark::cli {

/// SIGINT, SIGTERM and SIGHUP end the program in order: outputs that are not finished are removed, those that are stay
/// and are named, and the exit status is 128 and the signal's number. A second one ends it at once. A signal that the
/// caller has set to be ignored stays ignored. To be called once, from `main`.
void end_in_order_when_interrupted();

}  // namespace sweepmark::cli
