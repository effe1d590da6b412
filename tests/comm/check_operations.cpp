// SPDX-License-Identifier: Apache-2.0
#include "tests/comm/check_operations.hpp"

#include <fmt/format.h>

#include <cstring>
#include <vector>

#include "tests/support/fork_ranks.hpp"

namespace warpstep::test {
namespace {

using comm::ReduceOp;

constexpr ReduceOp ops[] = {ReduceOp::sum, ReduceOp::avg, ReduceOp::min, ReduceOp::max,
                            ReduceOp::prod};
constexpr const char* op_names[] = {"sum", "avg", "min", "max", "prod"};

/// Small whole numbers, so that sums and products of some ranks are exact in every type.
template <typename T>
T element(int rank, std::size_t part, std::size_t i) {
    const std::size_t mixed = static_cast<std::size_t>(rank) * 7 + part * 3 + i * 5 + i / 11;
    return static_cast<T>(1 + static_cast<int>(mixed % 2));
}

template <typename T>
T reduced(ReduceOp op, int size, std::size_t part, std::size_t i) {
    int result = static_cast<int>(element<T>(0, part, i));
    for (int rank = 1; rank < size; ++rank) {
        const int value = static_cast<int>(element<T>(rank, part, i));
        if (op == ReduceOp::sum || op == ReduceOp::avg) result += value;
        if (op == ReduceOp::min) result = std::min(result, value);
        if (op == ReduceOp::max) result = std::max(result, value);
        if (op == ReduceOp::prod) result *= value;
    }
    if (op != ReduceOp::avg) return static_cast<T>(result);
    return static_cast<T>(static_cast<T>(result) / size);
}

/// One case: buffers of `T`, filled in parts and compared in parts.
template <typename T>
class Case {
  public:
    Case(const Subject& subject, std::size_t count)
        : subject_(subject),
          c_(subject.communicator),
          rank_(c_.rank()),
          size_(c_.size()),
          parts_(static_cast<std::size_t>(size_)),
          count_(count) {}

    void all(DType dtype) {
        for (const ReduceOp op : ops) {
            reductions(dtype, op);
            for (const int root : {0, size_ - 1}) reduce(dtype, op, root);
        }
        moves(dtype);
        for (const int root : {0, size_ - 1}) rooted_moves(dtype, root);
    }

  private:
    struct Values {
        std::unique_ptr<device::Buffer> buffer;
        T* data;
    };
    Values values(std::size_t parts, int rank = -1) const {
        auto buffer = subject_.memory(std::max<std::size_t>(parts * count_, 1) * sizeof(T));
        auto* data = static_cast<T*>(buffer->data());
        for (std::size_t part = 0; part < parts; ++part) {
            for (std::size_t i = 0; i < count_; ++i) {
                data[part * count_ + i] = rank < 0 ? static_cast<T>(0) : element<T>(rank, part, i);
            }
        }
        return {std::move(buffer), data};
    }

    template <typename Expected>
    void compare(const T* data, std::size_t parts, const std::string& what, Expected&& expected) {
        for (std::size_t part = 0; part < parts; ++part) {
            for (std::size_t i = 0; i < count_; ++i) {
                const T right = expected(part, i);
                const T found = data[part * count_ + i];
                if (std::memcmp(&right, &found, sizeof(T)) == 0) continue;
                throw std::runtime_error(fmt::format(
                    "{} of {} elements of {} bytes among {}: element {} of part {} is {}, not {}",
                    what, count_, sizeof(T), size_, i, part, static_cast<double>(found),
                    static_cast<double>(right)));
            }
        }
    }

    void reductions(DType dtype, ReduceOp op) {
        const std::string name = op_names[static_cast<int>(op)];
        const auto send = values(1, rank_);
        const auto recv = values(1);
        const auto result = [&](std::size_t part, std::size_t i) {
            return reduced<T>(op, size_, part, i);
        };
        subject_.run([&] {
            c_.all_reduce(send.data, recv.data, count_, dtype, op, subject_.stream);
            c_.all_reduce(send.data, send.data, count_, dtype, op, subject_.stream);
        });
        compare(recv.data, 1, "all_reduce " + name, result);
        compare(send.data, 1, "all_reduce in place " + name, result);
        const auto parts = values(parts_, rank_);
        T* in_place = parts.data + static_cast<std::size_t>(rank_) * count_;
        subject_.run([&] {
            c_.reduce_scatter(parts.data, recv.data, count_, dtype, op, subject_.stream);
            c_.reduce_scatter(parts.data, in_place, count_, dtype, op, subject_.stream);
        });
        const auto mine = [&](std::size_t, std::size_t i) {
            return reduced<T>(op, size_, static_cast<std::size_t>(rank_), i);
        };
        compare(recv.data, 1, "reduce_scatter " + name, mine);
        compare(in_place, 1, "reduce_scatter in place " + name, mine);
    }

    void reduce(DType dtype, ReduceOp op, int root) {
        const auto send = values(1, rank_);
        const auto recv = values(1);
        const auto in_place = values(1, rank_);
        const bool is_root = rank_ == root;
        subject_.run([&] {
            c_.reduce(send.data, is_root ? recv.data : nullptr, count_, dtype, op, root,
                      subject_.stream);
            c_.reduce(in_place.data, in_place.data, count_, dtype, op, root, subject_.stream);
        });
        if (!is_root) return;
        const auto result = [&](std::size_t part, std::size_t i) {
            return reduced<T>(op, size_, part, i);
        };
        compare(recv.data, 1, fmt::format("reduce {} to {}", static_cast<int>(op), root), result);
        compare(in_place.data, 1, fmt::format("reduce in place to {}", root), result);
    }

    void moves(DType dtype) {
        const auto one = values(1, rank_);
        const auto parts = values(parts_, rank_);
        const auto gathered = values(parts_);
        const auto exchanged = values(parts_);
        subject_.run([&] {
            c_.all_gather(one.data, gathered.data, count_, dtype, subject_.stream);
            c_.all_to_all(parts.data, exchanged.data, count_, dtype, subject_.stream);
        });
        compare(gathered.data, parts_, "all_gather", [&](std::size_t part, std::size_t i) {
            return element<T>(static_cast<int>(part), 0, i);
        });
        compare(exchanged.data, parts_, "all_to_all", [&](std::size_t part, std::size_t i) {
            return element<T>(static_cast<int>(part), static_cast<std::size_t>(rank_), i);
        });
    }

    void rooted_moves(DType dtype, int root) {
        const bool is_root = rank_ == root;
        const auto word = values(1, is_root ? root : -1);
        const auto mine = values(1, rank_);
        const auto gathered = values(parts_);
        const auto parts = values(parts_, rank_);
        const auto received = values(1);
        subject_.run([&] {
            c_.broadcast(word.data, count_, dtype, root, subject_.stream);
            c_.gather(mine.data, is_root ? gathered.data : nullptr, count_, dtype, root,
                      subject_.stream);
            c_.scatter(is_root ? parts.data : nullptr, received.data, count_, dtype, root,
                       subject_.stream);
        });
        compare(word.data, 1, fmt::format("broadcast from {}", root),
                [&](std::size_t, std::size_t i) { return element<T>(root, 0, i); });
        compare(received.data, 1, fmt::format("scatter from {}", root),
                [&](std::size_t, std::size_t i) {
                    return element<T>(root, static_cast<std::size_t>(rank_), i);
                });
        if (!is_root) return;
        compare(gathered.data, parts_, fmt::format("gather to {}", root),
                [&](std::size_t part, std::size_t i) {
                    return element<T>(static_cast<int>(part), 0, i);
                });
    }

    const Subject& subject_;
    comm::Communicator& c_;
    int rank_, size_;
    std::size_t parts_, count_;
};

/// Buffers of i32 whose elements say where they come from.
class Letters {
  public:
    Letters(const Subject& subject, std::size_t count) : s_(subject), count_(count) {}

    int* write(int from, int number) {
        int* data = blank();
        for (std::size_t i = 0; i < count_; ++i) data[i] = stamp(from, number, i);
        return data;
    }
    int* blank() {
        buffers_.push_back(s_.memory(std::max<std::size_t>(count_, 1) * sizeof(int)));
        auto* data = static_cast<int*>(buffers_.back()->data());
        std::fill_n(data, count_, -1);
        return data;
    }
    void expect_from(const int* data, int from, int number, const char* what) const {
        for (std::size_t i = 0; i < count_; ++i) {
            expect(data[i] == stamp(from, number, i),
                   fmt::format("{}: element {} of letter {} from {} is {}", what, i, number, from,
                               data[i]));
        }
    }

  private:
    static int stamp(int from, int number, std::size_t i) {
        return from * 1000003 + number * 1009 + static_cast<int>(i % 1000);
    }
    const Subject& s_;
    std::size_t count_;
    std::vector<std::unique_ptr<device::Buffer>> buffers_;
};

void check_ring(const Subject& s, std::size_t count) {
    auto& c = s.communicator;
    Letters letters(s, count);
    const int next = (c.rank() + 1) % c.size();
    const int before = (c.rank() + c.size() - 1) % c.size();
    const int* sent[] = {letters.write(c.rank(), 0), letters.write(c.rank(), 1)};
    int* received[] = {letters.blank(), letters.blank()};
    s.run([&] {
        c.group([&] {
            // Receives first: the order inside must not matter.
            for (int* to : received) c.recv(to, count, DType::i32, before, s.stream);
            for (const int* from : sent) c.send(from, count, DType::i32, next, s.stream);
        });
    });
    for (int i = 0; i < 2; ++i) letters.expect_from(received[i], before, i, "ring");
}

void check_everybody(const Subject& s, std::size_t count) {
    auto& c = s.communicator;
    Letters letters(s, count);
    std::vector<int*> received;
    std::vector<const int*> sent;
    for (int peer = 0; peer < c.size(); ++peer) {
        sent.push_back(letters.write(c.rank(), peer));
        received.push_back(letters.blank());
    }
    const int* mine = letters.write(c.rank(), 99);
    int* highest = letters.blank();
    s.run([&] {
        c.group([&] {
            for (int peer = 0; peer < c.size(); ++peer) {
                const auto p = static_cast<std::size_t>(peer);
                c.send(sent[p], count, DType::i32, peer, s.stream);
                if (peer == 0) {
                    c.all_reduce(mine, highest, count, DType::i32, comm::ReduceOp::max, s.stream);
                }
                c.recv(received[p], count, DType::i32, peer, s.stream);
            }
            c.barrier(s.stream);
        });
    });
    for (int peer = 0; peer < c.size(); ++peer) {
        letters.expect_from(received[static_cast<std::size_t>(peer)], peer, c.rank(), "everybody");
    }
    letters.expect_from(highest, c.size() - 1, 99, "all_reduce in a group");
}

// One after the other, outside of groups.
void check_chain(const Subject& s, std::size_t count) {
    auto& c = s.communicator;
    if (c.size() == 1) return;
    Letters letters(s, count);
    const int* sent = letters.write(c.rank(), 5);
    int* received = letters.blank();
    s.run([&] {
        if (c.rank() > 0) c.recv(received, count, DType::i32, c.rank() - 1, s.stream);
        if (c.rank() + 1 < c.size()) c.send(sent, count, DType::i32, c.rank() + 1, s.stream);
    });
    if (c.rank() > 0) letters.expect_from(received, c.rank() - 1, 5, "chain");
}

}  // namespace

void check_operations(const Subject& subject, DType dtype, std::size_t count) {
    with_type(dtype, [&](auto zero) { Case<decltype(zero)>(subject, count).all(dtype); });
}

void check_messages(const Subject& subject, std::size_t count) {
    check_ring(subject, count);
    check_everybody(subject, count);
    check_chain(subject, count);
}

}  // namespace warpstep::test
