// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/pmix_session.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <iterator>
#include <thread>

#include "runtime/base/error.hpp"
#include "runtime/base/log.hpp"
#include "runtime/process/thread_affinity.hpp"
#include "runtime/step/pmix_request.hpp"

namespace warpstep::step {
namespace {

bool means_no_server(pmix_status_t status) {
    return status == PMIX_ERR_UNREACH || status == PMIX_ERR_INVALID_NAMESPACE ||
           status == PMIX_ERR_SERVER_NOT_AVAIL || status == PMIX_ERR_NOT_AVAILABLE;
}

void require(pmix_status_t status, const char* call) {
    if (status == PMIX_SUCCESS || status == PMIX_OPERATION_SUCCEEDED) return;
    fail<CommError>("{} failed ({}); the launcher's PMIx server may have ended", call,
                    pmix::show(status));
}

}  // namespace

struct PmixSession::State {
    std::string name_space;
    int rank = 0;
    bool open = true;
    std::vector<int> threads;
    std::vector<std::unique_ptr<pmix::FenceRequest>> fences;
    std::vector<std::unique_ptr<pmix::CollectRequest>> lookups;
};

PmixSession::PmixSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
PmixSession::PmixSession(PmixSession&&) noexcept = default;
PmixSession& PmixSession::operator=(PmixSession&& other) noexcept {
    if (this != &other) {
        finalize();
        state_ = std::move(other.state_);
    }
    return *this;
}
PmixSession::~PmixSession() {
    finalize();
}

std::optional<PmixSession> PmixSession::open() {
    // A launcher always sets it; without it the library would search the machine for servers of
    // others.
    if (std::getenv("PMIX_NAMESPACE") == nullptr) return std::nullopt;
    // A task that connects several times, as a script of several commands does, finds the job's
    // data gone from PMIx's shared memory store after a few times; the other store has no such
    // limit.
    ::setenv("PMIX_MCA_gds", "hash", 0);
    const auto before = process::threads_of_this_process();
    pmix_proc_t self;
    const pmix_status_t status = PMIx_Init(&self, nullptr, 0);
    if (means_no_server(status)) {
        log::debug(fmt::format("no PMIx server: PMIx_Init says {}", pmix::show(status)));
        return std::nullopt;
    }
    if (status != PMIX_SUCCESS) {
        fail<EnvironmentError>(
            "cannot connect to the PMIx server (PMIx_Init says {}); check that this PMIx library "
            "and "
            "the launcher's fit together, and see srun --mpi=list",
            pmix::show(status));
    }
    auto state = std::make_unique<State>();
    state->name_space = self.nspace;
    state->rank = static_cast<int>(self.rank);
    const auto after = process::threads_of_this_process();
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                        std::back_inserter(state->threads));
    return PmixSession(std::move(state));
}

const std::string& PmixSession::name_space() const {
    return state_->name_space;
}
int PmixSession::rank() const {
    return state_->rank;
}
const std::vector<int>& PmixSession::threads() const {
    return state_->threads;
}
PmixFacts PmixSession::facts() const {
    return read_pmix_facts(state_->name_space, state_->rank);
}

void PmixSession::put(const std::string& key, std::string_view bytes) {
    pmix_value_t value;
    PMIX_VALUE_CONSTRUCT(&value);
    value.type = PMIX_BYTE_OBJECT;
    // PMIx copies the bytes; its type is not const because the same one carries results.
    value.data.bo.bytes = const_cast<char*>(bytes.data());
    value.data.bo.size = bytes.size();
    require(PMIx_Put(PMIX_GLOBAL, key.c_str(), &value), "PMIx_Put");
}

void PmixSession::commit() {
    require(PMIx_Commit(), "PMIx_Commit");
}

FenceEnd PmixSession::fence(Deadline deadline, const std::function<bool()>& cancelled) {
    using How = FenceEnd::How;
    const pmix_proc_t everyone = pmix::process(state_->name_space, pmix::wildcard);
    auto& request = *state_->fences.emplace_back(std::make_unique<pmix::FenceRequest>());
    request.directives.flag(PMIX_COLLECT_DATA);
    const pmix_status_t started =
        PMIx_Fence_nb(&everyone, 1, request.directives.data(), request.directives.size(),
                      pmix::FenceRequest::on_end, &request);
    if (started == PMIX_OPERATION_SUCCEEDED) return {};
    if (started != PMIX_SUCCESS) return {How::failed, pmix::show(started)};
    if (!request.pending.wait(deadline, cancelled)) {
        return {deadline.passed() ? How::overdue : How::cancelled, ""};
    }
    const pmix_status_t status = request.pending.read([&] { return request.status; });
    // A rank of this node that died before the fence makes it a partial success; collect() then
    // finds its place empty.
    if (status == PMIX_SUCCESS || status == PMIX_ERR_PARTIAL_SUCCESS) return {};
    return {How::failed, pmix::show(status)};
}

std::vector<std::optional<std::string>> PmixSession::collect(const std::string& key,
                                                             const std::vector<int>& ranks,
                                                             Reach reach, Deadline deadline) {
    auto& request =
        *state_->lookups.emplace_back(std::make_unique<pmix::CollectRequest>(ranks.size(), key));
    if (reach == Reach::known) request.directives.flag(PMIX_IMMEDIATE);
    if (reach == Reach::anew) request.directives.flag(PMIX_GET_REFRESH_CACHE);
    for (std::size_t i = 0; i < ranks.size(); ++i) {
        const pmix_proc_t peer =
            pmix::process(state_->name_space, static_cast<pmix_rank_t>(ranks[i]));
        const pmix_status_t started = PMIx_Get_nb(
            &peer, request.key.c_str(), request.directives.data(), request.directives.size(),
            pmix::CollectRequest::on_value, &request.places[i]);
        if (started != PMIX_SUCCESS) request.pending.answer([] {});
    }
    request.pending.wait(deadline, nullptr);
    return request.pending.read([&] { return request.values; });
}

void PmixSession::finalize() noexcept {
    if (!state_ || !state_->open) return;
    state_->open = false;
    PMIx_Finalize(nullptr, 0);
}

void PmixSession::abort(int code, const std::string& message) noexcept {
    const int masked = abort_code(code);
    std::fflush(nullptr);
    // The call waits for the server's answer, which a dead server never sends; so it gets a thread
    // and a limit.
    try {
        auto answered = std::make_shared<std::promise<void>>();
        auto answer = answered->get_future();
        std::thread([masked, message, answered] {
            PMIx_Abort(masked, message.c_str(), nullptr, 0);
            answered->set_value();
        }).detach();
        answer.wait_for(std::chrono::seconds(5));
        std::this_thread::sleep_for(std::chrono::seconds(1));  // the launcher ends this process
    } catch (...) {
        PMIx_Abort(masked, message.c_str(), nullptr, 0);
    }
    std::_Exit(masked);
}

int abort_code(int code) {
    const int kept = code & 0xff;
    return kept == 0 ? 1 : kept;
}

}  // namespace warpstep::step
