// SPDX-License-Identifier: Apache-2.0
// One trouble that many ranks have is one finding, however large the step.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "runtime/check/rule.hpp"

namespace warpstep::check {

struct Member {
    std::string node;
    int rank = -1;
};

/// "rank 3 on n2", "ranks 0-7 on n1", "all 16 ranks", of which the step has `size`.
std::string show(const std::vector<Member>& members, int size);
/// The rank, the node that all are on, or the step.
Subject subject_of(const std::vector<Member>& members);

/// Collects what is wrong with single ranks.
class SameTrouble {
  public:
    /// `size`: members that could have it.
    explicit SameTrouble(int size) : size_(size) {}

    /// `what` follows the words that name the ranks: "all 16 ranks: CUDA_VISIBLE_DEVICES is …".
    /// `example` is what differs between those who share the trouble; the first one's is shown.
    void add(const Member& member, const std::string& what, const std::string& fix = "",
             const std::string& example = "");
    bool empty() const { return troubles_.empty(); }

    /// One finding for each distinct trouble.
    void fire(Judge& judge) const;
    void unknown(Judge& judge) const;

  private:
    struct Trouble {
        std::string example;
        std::vector<Member> members;
    };
    std::string sentence(const std::string& what, const Trouble& trouble) const;

    int size_;
    std::map<std::pair<std::string, std::string>, Trouble> troubles_;  ///< by what and fix
};

/// "GPU-a, GPU-b and 6 more"; "none" of an empty list.
std::string some_of(const std::vector<std::string>& names);

}  // namespace warpstep::check
