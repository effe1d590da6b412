// SPDX-License-Identifier: Apache-2.0
// Every kernel of the catalog on the CUDA device against the same kernel on the host. A kernel gets
// an entry in one of the suites_of_*() functions; the test compares their names with the catalog.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kernels/catalog.hpp"
#include "runtime/device/device.hpp"

namespace warpstep::test {

/// What a buffer holds before the launch; seeded, the same in every run.
enum class Content {
    uniform,   ///< [-2, 2), whole numbers of the type's full range where it has no others
    eighths,   ///< multiples of 1/8 (of 1) in [-3, 3], so that edges of bins are hit
    whatever,  ///< any bits; for what a kernel overwrites or only moves
    zeros,
};

struct Operand {
    std::string name;
    DType dtype = DType::f32;
    std::vector<std::int64_t> shape;
    Content content = Content::uniform;
    int offset = 0;  ///< elements between a 256-byte boundary and the buffer
};

struct Case {
    std::vector<Operand> operands;
    std::map<std::string, double> numbers = {};
    std::map<std::string, std::string> words = {};

    std::string text() const;  ///< "x f32 [17] +1, ..."
};

/// How far a floating element of the device may be from the host's: absolute + relative * |host|.
struct Tolerance {
    double absolute = 0, relative = 0;
};

struct Suite {
    std::string kernel;
    std::vector<Case> cases;
    /// Nothing: bit by bit the same. Elements that are not floating are always compared exactly.
    std::function<Tolerance(const Case&)> tolerance = {};
};

std::vector<Suite> suites_of_vectors();
std::vector<Suite> suites_of_rows();
std::vector<Suite> suites_of_summaries();
std::vector<Suite> suites_of_memory();
std::vector<Suite> suites_of_matrices();
std::vector<Suite> all_suites();

/// Sizes around those of packs, blocks and tiles of elements of that type, and a large one.
std::vector<std::int64_t> sizes_for(DType dtype);

/// "" when the device agrees with the host and nothing but the outputs has changed, else what is
/// wrong first. Checks the arguments, runs the host, then the device: prepared for the first case,
/// updated and prepared again by turns for the next ones, and captured into a graph for the last.
class Comparison {
  public:
    Comparison(const Suite& suite, device::Device& device);
    std::string run(const Case& one, bool captured = false);

  private:
    void launch(const kernels::Arguments& arguments, bool captured);

    const Suite& suite_;
    const kernels::Kernel& kernel_;
    device::Device& device_;
    std::unique_ptr<device::Stream> stream_;
    std::unique_ptr<kernels::PreparedKernel> prepared_;
    bool update_ = false;
};

}  // namespace warpstep::test
