// SPDX-License-Identifier: Apache-2.0
// `warpstep run`: join the step, prepare, meet the peers, connect, execute, report.
#include <memory>

#include "runtime/base/log.hpp"
#include "runtime/cli/bootstrap.hpp"
#include "runtime/cli/commands.hpp"
#include "runtime/cli/run_limit.hpp"
#include "runtime/cli/run_report.hpp"
#include "runtime/cli/task_devices.hpp"
#include "runtime/comm/agreement.hpp"
#include "runtime/execution/agreed_program.hpp"
#include "runtime/step/stop_signal.hpp"
#include "runtime/workload/matrix.hpp"

namespace warpstep::cli {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A rank that is prepared and has met its peers.
class Run {
  public:
    Run(const RunOptions& options, Clock::time_point start, const step::Step& step,
        const Preparation& ready, const Peers& peers)
        : options_(options), start_(start), step_(step), ready_(ready), peers_(peers) {}

    int operator()() {
        plan_cells();
        TaskDevices devices(ready_, step_);
        for (Cell& cell : cells_) plan(cell, devices);
        devices.connect(peers_, options_);
        const auto machines = devices.machines(*peers_.channel);
        device_ = machines.front().device.facts();
        communicator_ = machines.front().communicator.backend();
        report::Report report = new_report(ready_.workload, step_);
        for (Cell& cell : cells_) run(cell, machines, report);
        return conclude(report);
    }

  private:
    /// One combination of the matrix; a file without one has one.
    struct Cell {
        workload::Workload workload;
        std::string suffix;  ///< " [n=1Ki]", behind the names of its steps
        std::unique_ptr<execution::Program> program = nullptr;
    };

    // Programs refer to the workload of their cell, so the cells do not move any more.
    void plan_cells() {
        for (const auto& values : workload::combinations(ready_.workload)) {
            cells_.push_back({workload::with_params(ready_.workload, values),
                              workload::combination_suffix(values)});
        }
        if (ready_.workload.checkpoint && step_.rank == 0) {
            log::warn("checkpoint: not written by this version");
        }
    }

    // Everything that a rank can refuse without the others, and what must be the same on all of
    // them.
    void plan(Cell& cell, const TaskDevices& devices) {
        cell.program =
            execution::agreed_program(cell.workload, step_, devices.devices(), devices.sharers(),
                                      *peers_.channel, peers_.deadline());
    }

    void run(Cell& cell, const std::vector<execution::Machine>& machines, report::Report& report) {
        execution::Program& program = *cell.program;
        program.allocate(machines);
        comm::agreed(*peers_.channel, step_.rank, peers_.deadline(), [&] { program.build(); });
        if (&cell == cells_.data()) report.start_seconds = seconds_since(start_);
        const auto run_start = Clock::now();
        if (options_.watch) program.watch();
        execution::Progress progress(step_.rank == 0);
        execution::RankResult result;
        result.steps = program.run(progress);
        report.run_seconds += seconds_since(run_start);
        complete(result, program);
        gather(cell, result, report);
        cell.program.reset();
    }

    void complete(execution::RankResult& result, execution::Program& program) {
        execution::RankPlace& place = result.place;
        place = {step_.rank,
                 step_.local_rank,
                 step_.node,
                 step_.node_name(),
                 device_.name,
                 "",
                 "",
                 show(ready_.binding.cpus),
                 ready_.task.numa,
                 ready_.binding.memory_policy,
                 ready_.node.simulated,
                 ready_.task.notes};
        const auto& notes = program.plan().remarks;
        place.notes.insert(place.notes.end(), notes.begin(), notes.end());
        if (!ready_.task.gpus.empty()) {
            const auto& gpu = ready_.node.gpus[static_cast<std::size_t>(ready_.task.gpus.front())];
            place.gpu_uuid = gpu.visible_name();
            place.gpu_pci = show(gpu.pci);
        }
        result.names = program.scope().all();
        result.not_finite = program.not_finite();
        execution::add_result_names(result.steps, result.names);
        if (step_.rank != 0) return;
        for (const auto& name : ready_.workload.report.values) {
            result.values.emplace(name, program.values(name));
        }
    }

    // The results of a cell to rank 0, which judges them.
    void gather(const Cell& cell, const execution::RankResult& result, report::Report& report) {
        const auto blobs = peers_.channel->gather(encode(result), peers_.deadline());
        if (step_.rank != 0) return;
        std::vector<execution::RankResult> ranks;
        for (const auto& blob : blobs) ranks.push_back(execution::decode_result(blob));
        execution::append(report.judgement, execution::judge(cell.workload, ranks), cell.suffix);
        for (auto& [name, values] : ranks[0].values) report.values[name + cell.suffix] = values;
        report.ranks.clear();
        for (const auto& rank : ranks) report.ranks.push_back(rank.place);
    }

    // What rank 0 has to say, and its code to everybody.
    int conclude(report::Report& report) {
        int code = 0;
        if (step_.rank == 0) {
            report.device = device::name_of(device_.kind);
            report.communicator = communicator_;
            report.simulated = ready_.node.simulated;
            report.versions.cuda_driver = ready_.cuda.driver;
            report.versions.cuda_runtime = ready_.cuda.runtime;
            report.versions.nccl = ready_.cuda.nccl;
            report.exit_code = report.judgement.exit_code;
            print_report(report, ready_.workload.report, options_);
            code = static_cast<int>(report.exit_code);
        }
        code = peers_.channel->agree(code, peers_.deadline());
        peers_.channel->close(peers_.deadline());
        return code;
    }

    const RunOptions& options_;
    Clock::time_point start_;
    const step::Step& step_;
    const Preparation& ready_;
    const Peers& peers_;
    std::vector<Cell> cells_;
    device::Facts device_;
    std::string communicator_;
};

// One rank speaks for a failure that all have heard of: rank 0, or where it is the one that died,
// each node's first.
bool speaks_for(const comm::PeerFailure& failure, const step::Step& step) {
    return failure.rank == 0 ? step.local_rank == 0 : step.rank == 0;
}

int execute(const RunOptions& options, Clock::time_point start, const step::Step& step,
            const Preparation& ready, const Peers& peers) {
    int code = 3;
    std::string why;
    const RunLimit limit(options.run_timeout, start, step.rank, *peers.channel);
    try {
        return Run(options, start, step, ready, peers)();
    } catch (const comm::Refusal& refusal) {
        if (refusal.is_speaker) log::error(refusal.what());
        code = static_cast<int>(refusal.code());
        why = refusal.what();
        peers.channel->close(peers.deadline());
    } catch (const comm::PeerFailure& failure) {
        if (limit.is_cause_of(failure)) {
            if (step.rank == 0) log::error("stopped: " + limit.text());
        } else if (speaks_for(failure, step)) {
            const std::string text = failure.what();
            const bool named = text.starts_with("rank ");
            log::error("stopped: " +
                       (named ? text : fmt::format("rank {}: {}", failure.rank, text)));
        }
        code = static_cast<int>(failure.code());
        why = failure.what();
    } catch (const Error& error) {
        log::error(error.what());
        code = static_cast<int>(error.code());
        why = error.what();
        peers.channel->fail(code, why);
    }
    report_failure(options, &ready, step, why, code);
    return code;
}

int run_member(const RunOptions& options, Clock::time_point start, Member& member) {
    const step::Step& step = member.step;
    if (step.size > 1) log::set_speaker(show_speaker(step));
    std::optional<Preparation> ready;
    comm::Record record;
    try {
        ready =
            prepare(options, step, member.session ? member.session->threads() : std::vector<int>{},
                    member.seat);
        record = make_record(step, *ready);
    } catch (const Error& error) {
        record = make_refusal(step, error);
    }
    Ended ended;
    const int share = ready ? ready->workload.placement.share : 1;
    auto peers = connect_peers(member, record, share, options, ended);
    if (!peers) {
        for (const auto& line : ended.lines) log::error(line);
        report_failure(options, ready ? &*ready : nullptr, step, ended.why, ended.code);
        return ended.code;
    }
    return execute(options, start, step, *ready, *peers);
}

}  // namespace

int run(const RunOptions& options) {
    const auto start = Clock::now();
    step::install_stop_signals();
    int parent_code = 0;
    const auto member = join_ranks(options.local_ranks, parent_code);
    if (!member) return parent_code;
    try {
        return run_member(options, start, *member);
    } catch (const Error& error) {
        log::error(error.what());
        report_failure(options, nullptr, member->step, error.what(),
                       static_cast<int>(error.code()));
        member->end_step(static_cast<int>(error.code()), error.what());
        return static_cast<int>(error.code());
    }
}

}  // namespace warpstep::cli
