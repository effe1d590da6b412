// SPDX-License-Identifier: Apache-2.0
#include "runtime/process/meeting.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include "runtime/process/failure.hpp"

namespace warpstep::process {

namespace {

using Counter = std::atomic<unsigned>;
constexpr auto look_around = std::chrono::milliseconds(100);

void wake(Counter& counter) {
    syscall(SYS_futex, &counter, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

/// Sleeps until the counter has left `seen`, or for a moment.
void wait_a_moment(Counter& counter, unsigned seen) {
    const timespec moment{0, std::chrono::nanoseconds(look_around).count()};
    syscall(SYS_futex, &counter, FUTEX_WAIT, seen, &moment, nullptr, 0);
}

[[noreturn]] void lost(const char* what) {
    Failure failure(what);
    failure.is_shared = true;
    throw failure;
}

bool is_dead(pid_t pid) {
    return pid != 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

struct Meeting::Message {
    Counter count{0};  ///< messages so far
    unsigned size = 0;
    char bytes[most_bytes];

    void write(std::string_view text) {
        if (text.size() > most_bytes)
            throw Failure("internal: a message of " + std::to_string(text.size()) +
                          " bytes for a task of this node");
        std::memcpy(bytes, text.data(), text.size());
        size = static_cast<unsigned>(text.size());
        count.fetch_add(1, std::memory_order_release);
        wake(count);
    }
    std::string read() const { return {bytes, size}; }
};

struct Meeting::Place {
    std::atomic<pid_t> pid{0};
    Message from, to;
};

struct Meeting::Room {
    Place places[most_tasks];
};

Meeting::Meeting(const std::string& key, int local_rank)
    : name_("/warpstep-" + key), local_rank_(local_rank), heard_(most_tasks) {
    if (local_rank < 0 || local_rank >= most_tasks)
        throw Failure(2, "local rank " + std::to_string(local_rank) + " is beyond the " +
                             std::to_string(most_tasks) +
                             " tasks per node that can meet; start fewer per node");
    const int fd = ::shm_open(name_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat facts {};
    const auto refuse = [&](const char* what) {
        const std::string reason = std::strerror(errno);
        if (fd >= 0) ::close(fd);
        throw Failure(std::string("cannot ") + what + " /dev/shm" + name_ + " (" + reason +
                      "); look at: ls -l /dev/shm");
    };
    if (fd < 0) refuse("open");
    if (::fstat(fd, &facts) != 0 || facts.st_uid != ::geteuid()) {
        errno = EACCES;  // the name can be guessed, so another user may have been here first
        refuse("use");
    }
    if (::ftruncate(fd, sizeof(Room)) != 0) refuse("size");
    void* memory = ::mmap(nullptr, sizeof(Room), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) refuse("map");
    ::close(fd);
    room_ = static_cast<Room*>(memory);  // zeroed memory is a Room nobody has entered
    place(local_rank).pid.store(::getpid(), std::memory_order_release);
}

Meeting::~Meeting() {
    ::munmap(room_, sizeof(Room));
}

Meeting::Place& Meeting::place(int local_rank) const {
    return room_->places[static_cast<std::size_t>(local_rank)];
}

void Meeting::say(std::string_view bytes) {
    place(local_rank_).from.write(bytes);
}

std::string Meeting::hear(Clock::time_point arrival) {
    Message& answer = place(local_rank_).to;
    while (answer.count.load(std::memory_order_acquire) == answered_) {
        wait_a_moment(answer.count, answered_);
        if (answer.count.load(std::memory_order_acquire) != answered_) break;
        const pid_t leader = place(0).pid.load(std::memory_order_acquire);
        if (is_dead(leader))
            lost("local rank 0 of this node died; see its own messages and srun's line");
        if (leader == 0 && Clock::now() >= arrival) {
            close_door();  // nobody is left to do it
            lost(
                "local rank 0 of this node never came (or /dev/shm is not the same for all of its "
                "tasks); see srun's messages");
        }
    }
    ++answered_;
    return answer.read();
}

bool Meeting::listen(int local_rank, std::string& bytes, Clock::time_point deadline,
                     const std::function<bool()>& cancelled) {
    Place& follower = place(local_rank);
    unsigned& heard = heard_[static_cast<std::size_t>(local_rank)];
    while (follower.from.count.load(std::memory_order_acquire) == heard) {
        wait_a_moment(follower.from.count, heard);
        if (follower.from.count.load(std::memory_order_acquire) != heard) break;
        if (died(local_rank) || Clock::now() >= deadline || (cancelled && cancelled()))
            return false;
    }
    ++heard;
    bytes = follower.from.read();
    return true;
}

void Meeting::tell(int local_rank, std::string_view bytes) {
    place(local_rank).to.write(bytes);
}

bool Meeting::has_come(int local_rank) const {
    return place(local_rank).pid.load(std::memory_order_acquire) != 0;
}

bool Meeting::died(int local_rank) const {
    return is_dead(place(local_rank).pid.load(std::memory_order_acquire));
}

void Meeting::close_door() {
    // Once only: by then the next command of the step may have opened a meeting of the same name.
    if (!door_closed_) ::shm_unlink(name_.c_str());
    door_closed_ = true;
}

}  // namespace warpstep::process
