// SPDX-License-Identifier: Apache-2.0
// What is measured, as a table: a probe is a workload that children run, and what its steps mean.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "runtime/check/finding.hpp"

namespace warpstep::check {

namespace probes {

/// Who runs a probe together. Everybody at the same time unless it says otherwise.
enum class Group {
    each,       ///< every seat alone
    in_turns,   ///< every seat alone, two on each node at a time: they share its memory and buses
    node,       ///< the seats of each node
    all,        ///< all seats
    node_pairs  ///< the first seats of two nodes; every pair of nodes in some round
};

/// How a step's results become samples.
enum class Form {
    seat,   ///< one for each seat: its own median
    pair,   ///< one for each seat and the one that is the step's `shift` further: its own median
    group,  ///< one for the group: the median of the slowest
    errors  ///< one for each seat: what a memory test has counted
};

/// The steps "STEM-1", "STEM-2", … are the repeats of one sample.
struct Reading {
    const char* stem;
    const char* probe;   ///< Sample::probe
    const char* metric;  ///< "bandwidth"; of the report's metrics
    const char* unit;
    Form form;
    const char* qualifier = "";  ///< "size": of the collective's message
    double scale = 1;            ///< of the metric: a run counts what a copy reads and writes
};

struct Probe {
    const char* name;
    Level level;
    Group group;
    std::string_view text, host_text;  ///< the workload on GPUs and on the host
    std::chrono::seconds limit;        ///< for a child, from its start to its end
    std::vector<Reading> readings;
    int least_seats = 1;          ///< in a group of several; with fewer there is none
    bool asks_algorithm = false;  ///< NCCL is asked to say how it works
};

/// In the order in which they run: what needs others comes after what a device does alone.
const std::vector<Probe>& probes();

}  // namespace probes
}  // namespace warpstep::check
