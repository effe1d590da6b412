// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/meeting.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <vector>

#include "runtime/process/failure.hpp"

using namespace warpstep::process;
using std::chrono::seconds;

namespace {

std::string fresh_key() {
    static int number = 0;
    return "test-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

bool exists(const std::string& key) {
    return std::filesystem::exists("/dev/shm/warpstep-" + key);
}

/// A follower in a process of its own; its exit code is what `body` returns.
template <typename Body>
pid_t follow(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            ::_exit(body());
        } catch (const Failure&) {
            ::_exit(99);
        }
    }
    return child;
}

int code_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("process: the leader hears all followers and answers each") {
    const std::string key = fresh_key();
    std::vector<pid_t> children;
    for (int rank = 1; rank < 5; ++rank)
        children.push_back(follow([&] {
            Meeting meeting(key, rank);
            meeting.say("I am " + std::to_string(rank));
            const std::string first = meeting.hear(Clock::now() + seconds(20));
            meeting.say(first + first);
            return std::stoi(meeting.hear(Clock::now() + seconds(20)));
        }));
    Meeting meeting(key, 0);
    std::string bytes;
    for (int rank = 1; rank < 5; ++rank) {
        REQUIRE(meeting.listen(rank, bytes, Clock::now() + seconds(20), nullptr));
        CHECK(bytes == "I am " + std::to_string(rank));
    }
    CHECK(exists(key));
    meeting.close_door();
    CHECK(!exists(key));
    for (int rank = 1; rank < 5; ++rank) meeting.tell(rank, std::string(10000, 'x'));
    for (int rank = 1; rank < 5; ++rank) {
        REQUIRE(meeting.listen(rank, bytes, Clock::now() + seconds(20), nullptr));
        CHECK(bytes == std::string(20000, 'x'));
        meeting.tell(rank, std::to_string(10 + rank));
    }
    for (int rank = 1; rank < 5; ++rank)
        CHECK(code_of(children[static_cast<std::size_t>(rank - 1)]) == 10 + rank);
}

TEST_CASE("process: a follower that died is noticed before the deadline") {
    const std::string key = fresh_key();
    const pid_t child = follow([&] {
        Meeting meeting(key, 1);
        return 0;
    });
    CHECK(code_of(child) == 0);
    Meeting meeting(key, 0);
    std::string bytes;
    CHECK(!meeting.listen(1, bytes, Clock::now() + seconds(60), nullptr));
    CHECK(meeting.died(1));
    CHECK(meeting.has_come(1));
    CHECK(!meeting.died(2));
    meeting.close_door();
}

TEST_CASE("process: who never comes is given up at the deadline, or when asked to stop") {
    const std::string key = fresh_key();
    Meeting meeting(key, 0);
    std::string bytes;
    CHECK(!meeting.listen(1, bytes, Clock::now() + std::chrono::milliseconds(50), nullptr));
    CHECK(!meeting.listen(1, bytes, Clock::now() + seconds(60), [] { return true; }));
    CHECK(!meeting.has_come(1));
    meeting.close_door();
}

TEST_CASE("process: followers end when their leader died or never came") {
    const std::string key = fresh_key();
    const pid_t leader = follow([&] {
        Meeting meeting(key, 0);
        return 0;
    });
    CHECK(code_of(leader) == 0);
    Meeting abandoned(key, 1);
    CHECK_THROWS_WITH_AS(abandoned.hear(Clock::now() + seconds(60)),
                         doctest::Contains("local rank 0 of this node died"), Failure);
    abandoned.close_door();
    Meeting alone(fresh_key(), 1);
    CHECK_THROWS_WITH_AS(alone.hear(Clock::now()), doctest::Contains("never came"), Failure);
}

TEST_CASE("process: too large a message and too many tasks are refused") {
    const std::string key = fresh_key();
    Meeting meeting(key, 0);
    CHECK_THROWS_AS(meeting.tell(1, std::string(Meeting::most_bytes + 1, 'x')), Failure);
    meeting.close_door();
    CHECK_THROWS_AS(Meeting(fresh_key(), Meeting::most_tasks), Failure);
}

TEST_CASE("process: a meeting is named by its launch and node, and only inside a launcher's step") {
    const auto key = [](std::vector<const char*> variables) {
        variables.push_back(nullptr);
        return meeting_key(const_cast<char* const*>(variables.data()));
    };
    const std::string one =
        key({"PMIX_NAMESPACE=slurm.pmix.1.0", "PMIX_SERVER_URI41=a;tcp4://127.0.0.1:1", "X=1"});
    CHECK(!one.empty());
    CHECK(one == key({"X=2", "PMIX_SERVER_URI41=a;tcp4://127.0.0.1:1",
                      "PMIX_NAMESPACE=slurm.pmix.1.0", "PMIX_RANK=3"}));
    CHECK(one != key({"PMIX_NAMESPACE=slurm.pmix.1.0", "PMIX_SERVER_URI41=a;tcp4://127.0.0.1:2"}));
    CHECK(one != key({"PMIX_NAMESPACE=slurm.pmix.1.1", "PMIX_SERVER_URI41=a;tcp4://127.0.0.1:1"}));
    CHECK(key({"PMIX_SERVER_URI41=a", "SLURM_JOB_ID=1"}) == "");
    CHECK(key({}) == "");
    CHECK(key({"WARPSTEP_MEETING=7.0-123"}) != "");
    CHECK(key({"WARPSTEP_MEETING=7.0-123"}) != key({"WARPSTEP_MEETING=7.0-124"}));
}
