// SPDX-License-Identifier: Apache-2.0
#include "runtime/probes/conductor.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "runtime/base/counted.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/check/outlier.hpp"
#include "runtime/probes/child.hpp"
#include "runtime/probes/find_seats.hpp"
#include "runtime/probes/read_report.hpp"
#include "runtime/probes/rounds.hpp"
#include "runtime/process/child.hpp"

namespace warpstep::check {
namespace {

using namespace probes;
using Groups = probes::Round;

/// Between ranks that have nothing to do but answer.
constexpr std::chrono::seconds patience{60};
/// Of a round whose medians stay uncertain.
constexpr int most_turns = 3;

/// How the members of a group find its first seat's child.
struct Meeting {
    std::string address, key;
    int port = 0;
};

std::string random_key() {
    std::random_device device;
    return fmt::format("{:08x}{:08x}{:08x}", device(), device(), device());
}

class Conductor {
  public:
    Conductor(comm::ControlChannel& channel, const step::Step& step, Level level,
              const ProbeOptions& options)
        : channel_(channel), step_(step), level_(level), options_(options) {
        if (options.program.empty())
            program_ = {process::own_program()};
        else
            program_ = options.program;
    }

    std::vector<Sample> operator()() {
        find_seats();
        for (const Probe& probe : probes::probes()) {
            if (!is_wanted(probe)) continue;
            try {
                run(probe);
            } catch (const comm::PeerFailure& failure) {
                end_at(probe, failure.what());
                break;
            } catch (const CommError& error) {
                end_at(probe, error.what());
                break;
            }
        }
        return std::move(samples_);
    }

  private:
    bool is_wanted(const Probe& probe) const {
        const auto& names = options_.probes;
        if (!names.empty()) return std::find(names.begin(), names.end(), probe.name) != names.end();
        return probe.level <= level_;
    }

    // A rank without seats says why, and the others go on.
    void find_seats() {
        Seating seating = probes::find_seats(channel_, step_, options_.node, !options_.host,
                                             Deadline::in(patience));
        seats_ = std::move(seating.seats);
        for (const auto& [nowhere, problem] : seating.without) {
            for (const Probe& probe : probes::probes()) {
                if (is_wanted(probe) && probe.group == Group::each)
                    keep(not_measured(probe, {nowhere}, problem));
            }
        }
    }

    void run(const Probe& probe) {
        say_lost(probe);
        for (const Groups& round : rounds_of(probe, seats_, lost_)) run(probe, round);
    }

    // What a hung device leaves unmeasured is said of it, once for each probe.
    void say_lost(const Probe& probe) {
        if (step_.rank != 0 || probe.group == Group::node_pairs) return;
        for (const int seat : lost_) {
            const Seat& one = at(seat);
            keep(not_measured(probe, {one}, "not tried again: an earlier probe hung here"));
        }
    }

    // Until the medians are certain enough for the line that is drawn through them.
    void run(const Probe& probe, const Groups& round) {
        std::vector<Sample> samples;
        for (int turn = 0; turn < most_turns; ++turn) {
            merge(samples, once(probe, round));
            const char* word = is_noisy(samples) ? "again" : "enough";
            if (channel_.broadcast(word, Deadline::in(patience)) != "again") break;
        }
        keep(std::move(samples));
    }

    // On the host others always use the cores as well.
    static bool is_noisy(const std::vector<Sample>& samples) {
        return std::any_of(samples.begin(), samples.end(), [](const Sample& sample) {
            return sample.problem.empty() && sample.verified && !sample.model.empty() &&
                   sample.value > 0 && needs_another_repeat(sample.repeats);
        });
    }

    static void merge(std::vector<Sample>& all, std::vector<Sample> more) {
        if (all.size() != more.size()) {
            if (all.empty()) all = std::move(more);
            return;
        }
        for (std::size_t i = 0; i < all.size(); ++i) {
            Sample& sample = all[i];
            sample.repeats.insert(sample.repeats.end(), more[i].repeats.begin(),
                                  more[i].repeats.end());
            if (!sample.repeats.empty()) sample.value = median_of(sample.repeats);
            sample.p99 = std::max(sample.p99, more[i].p99);
            sample.verified = sample.verified && more[i].verified;
            if (sample.problem.empty()) sample.problem = more[i].problem;
            for (const auto& [name, value] : more[i].state) sample.state[name] = value;
        }
    }

    /// One turn of a round; its samples on rank 0.
    std::vector<Sample> once(const Probe& probe, const Groups& round) {
        if (step_.rank == 0 && options_.progress) options_.progress(describe(probe, round));
        const auto limit =
            options_.limit.count() > 0 ? options_.limit : std::chrono::milliseconds(probe.limit);
        std::map<int, comm::Listener> listeners;
        const auto meetings = meet(round, listeners);
        const auto answers = run_children(probe, round, meetings, listeners, limit);
        listeners.clear();
        const auto everything =
            channel_.all_gather(encode(answers), Deadline::in(limit + patience));
        std::map<int, Answer> by_seat;
        for (const auto& blob : everything) {
            for (Answer& answer : decode_answers(blob)) {
                if (answer.lost) lost_.insert(answer.seat);
                by_seat.insert_or_assign(answer.seat, std::move(answer));
            }
        }
        std::vector<Sample> samples;
        if (step_.rank == 0) samples = read(probe, round, by_seat);
        forgive_victims(round, by_seat);
        return samples;
    }

    // In a group, the child that hung keeps the others waiting until they are overdue too: nobody
    // can tell which it was, so none is given up for that.
    void forgive_victims(const Groups& round, const std::map<int, Answer>& by_seat) {
        for (const auto& group : round) {
            if (group.size() == 1) continue;
            for (const int seat : group)
                if (by_seat.count(seat) > 0) lost_.erase(seat);
        }
    }

    std::vector<Sample> read(const Probe& probe, const Groups& round,
                             std::map<int, Answer>& by_seat) const {
        std::vector<Sample> samples;
        for (const auto& group : round) {
            std::vector<Seat> seats;
            std::vector<Answer> answers;
            for (const int seat : group) {
                seats.push_back(at(seat));
                Answer& answer = by_seat[seat];
                if (answer.seat < 0) answer.problem = "did not answer";
                answers.push_back(std::move(answer));
            }
            for (Sample& sample : read_report(probe, seats, answers))
                samples.push_back(std::move(sample));
        }
        return samples;
    }

    // Each group's first seat opens the place where its children meet.
    std::map<int, Meeting> meet(const Groups& round, std::map<int, comm::Listener>& listeners) {
        nlohmann::json mine = nlohmann::json::array();
        for (const auto& group : round) {
            if (group.size() == 1 || at(group.front()).rank != step_.rank) continue;
            try {
                const auto address = comm::routable_address(step_of(step_, seats_in(group), 0));
                const auto it = listeners.emplace(group.front(), comm::Listener(address)).first;
                mine.push_back({group.front(), address, it->second.port(), random_key()});
            } catch (const Error& error) {
                mine.push_back({group.front(), "", 0, error.what()});
            }
        }
        std::map<int, Meeting> meetings;
        for (const auto& blob : channel_.all_gather(mine.dump(), Deadline::in(patience))) {
            for (const auto& one : nlohmann::json::parse(blob))
                meetings[one.at(0)] = {one.at(1), one.at(3), one.at(2)};
        }
        return meetings;
    }

    std::vector<Answer> run_children(const Probe& probe, const Groups& round,
                                     const std::map<int, Meeting>& meetings,
                                     const std::map<int, comm::Listener>& listeners,
                                     std::chrono::milliseconds limit) {
        std::vector<ChildPlan> plans;
        std::vector<Answer> answers;
        for (const auto& group : round) {
            const auto found = meetings.find(group.front());
            const Meeting meeting = found == meetings.end() ? Meeting{} : found->second;
            for (std::size_t n = 0; n < group.size(); ++n) {
                if (at(group[n]).rank != step_.rank) continue;
                if (group.size() > 1 && meeting.port == 0) {
                    Answer refused;
                    refused.seat = group[n];
                    refused.problem = "cannot meet its peers: " + meeting.key;
                    answers.push_back(std::move(refused));
                    continue;
                }
                ChildPlan plan = plan_of(probe, group, n, meeting);
                plan.limit = limit;
                if (n == 0 && group.size() > 1) plan.peers.listener = listeners.at(group[0]).fd();
                plans.push_back(std::move(plan));
            }
        }
        const std::size_t first = answers.size();
        answers.resize(first + plans.size());
        std::vector<std::thread> threads;
        for (std::size_t i = 1; i < plans.size(); ++i)
            threads.emplace_back([&, i] { answers[first + i] = probes::run(plans[i]); });
        if (!plans.empty()) answers[first] = probes::run(plans[0]);
        for (auto& thread : threads) thread.join();
        return answers;
    }

    ChildPlan plan_of(const Probe& probe, const std::vector<int>& group, std::size_t n,
                      const Meeting& meeting) const {
        const Seat& seat = at(group[n]);
        ChildPlan plan;
        plan.probe = &probe;
        plan.seat = group[n];
        plan.gpu = seat.gpu;
        plan.program = program_;
        plan.overrides = options_.overrides;
        plan.peers.step = step_of(step_, seats_in(group), n);
        plan.peers.address = meeting.address;
        plan.peers.port = meeting.port;
        plan.peers.key = meeting.key;
        plan.peers.seat = seat.seat;
        return plan;
    }

    std::string describe(const Probe& probe, const Groups& round) const {
        std::size_t seats = 0;
        bool gpus = true;
        for (const auto& group : round) {
            seats += group.size();
            for (const int seat : group) gpus = gpus && at(seat).gpu;
        }
        return fmt::format("{}, {}", probe.name, counted(seats, gpus ? "GPU" : "task"));
    }

    void end_at(const Probe& probe, const std::string& why) {
        Sample last;
        last.probe = probe.readings.front().probe;
        last.unit = probe.readings.front().unit;
        last.problem = why;
        keep({last});
    }

    void keep(std::vector<Sample> more) {
        if (step_.rank != 0) return;
        for (Sample& sample : more) samples_.push_back(std::move(sample));
    }

    const Seat& at(int seat) const { return seats_.at(static_cast<std::size_t>(seat)); }
    std::vector<Seat> seats_in(const std::vector<int>& group) const {
        std::vector<Seat> seats;
        for (const int seat : group) seats.push_back(at(seat));
        return seats;
    }

    comm::ControlChannel& channel_;
    const step::Step& step_;
    Level level_;
    const ProbeOptions& options_;
    std::vector<std::string> program_;
    std::vector<Seat> seats_;  ///< of all ranks, in their order
    std::set<int> lost_;
    std::vector<Sample> samples_;
};

void check_names(const std::vector<std::string>& names) {
    std::vector<std::string> known;
    for (const Probe& probe : probes::probes()) known.emplace_back(probe.name);
    for (const auto& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            fail<ConfigError>("no probe '{}'{}", name, suggestion(name, known));
    }
}

}  // namespace

std::vector<Sample> run_probes(comm::ControlChannel& channel, const step::Step& step, Level level,
                               const ProbeOptions& options) {
    check_names(options.probes);
    return Conductor(channel, step, level, options)();
}

}  // namespace warpstep::check
