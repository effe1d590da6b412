// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/agreement.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace warpstep::comm {
namespace {

std::string refusal_of(const std::function<void()>& body) {
    try {
        body();
        return "";
    } catch (const PeerFailure&) {
        throw;
    } catch (const Error& error) {
        return fmt::format("{} {}", static_cast<int>(error.code()), error.what());
    }
}

}  // namespace

void agreed(ControlChannel& channel, int rank, Deadline deadline,
            const std::function<void()>& body) {
    const auto all = channel.all_gather(refusal_of(body), deadline);
    int code = 0;
    const std::string* first = nullptr;
    for (const auto& refusal : all) {
        if (refusal.empty()) continue;
        code = std::max(code, std::atoi(refusal.c_str()));
        if (first == nullptr) first = &refusal;
    }
    if (first == nullptr) return;
    const std::string& mine = all[static_cast<std::size_t>(rank)];
    // Equal refusals come from equal input: the lowest rank says it for all.
    const bool is_speaker =
        !mine.empty() && std::find(all.begin(), all.begin() + rank, mine) == all.begin() + rank;
    const std::string& text = mine.empty() ? *first : mine;
    throw Refusal(static_cast<ExitCode>(code), text.substr(text.find(' ') + 1), is_speaker);
}

}  // namespace warpstep::comm
