// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace sweepmark::cli {

/// Each adds its command to the program. The command's callback leaves the exit status in `status`.
void add_info(CLI::App& program, int& status);
void add_voxelize(CLI::App& program, int& status);
void add_count(CLI::App& program, int& status);
void add_check(CLI::App& program, int& status);
void add_convert(CLI::App& program, int& status);
void add_log(CLI::App& program, int& status);
void add_restore(CLI::App& program, int& status);
void add_diff(CLI::App& program, int& status);
void add_merge(CLI::App& program, int& status);
void add_interpolate(CLI::App& program, int& status);
void add_prelabel(CLI::App& program, int& status);
void add_propagate(CLI::App& program, int& status);
void add_refine(CLI::App& program, int& status);
void add_suggest(CLI::App& program, int& status);
void add_agree(CLI::App& program, int& status);
void add_consensus(CLI::App& program, int& status);
void add_golden(CLI::App& program, int& status);
void add_simulate(CLI::App& program, int& status);
void add_thin(CLI::App& program, int& status);
void add_view(CLI::App& program, int& status);
void add_render(CLI::App& program, int& status);
void add_synth(CLI::App& program, int& status);
void add_doctor(CLI::App& program, int& status);
void add_manual(CLI::App& program, int& status);

}  // namespace sweepmark::cli
