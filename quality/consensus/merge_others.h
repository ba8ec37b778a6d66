// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "quality/consensus/consensus.h"

namespace sweepmark {

/// What is no track: events and point labels that most have, everybody's comments, the first person's ontology.
/// Errors: point labels that cannot be read.
Result<void> merge_others(std::span<const Annotator> annotators, Consensus& out);

}  // namespace sweepmark
