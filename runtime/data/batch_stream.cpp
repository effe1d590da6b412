// SPDX-License-Identifier: Apache-2.0
#include "runtime/data/batch_stream.hpp"

#include <algorithm>

#include "runtime/base/error.hpp"

namespace warpstep::data {

using device::Memory;

namespace {

// Beside the thread that waits for a batch; more would only wait for memory.
constexpr int most_threads = 4;
// What one of them prepares at a time.
constexpr std::int64_t piece_elements = 256 * 1024;

}  // namespace

BatchStream::BatchStream(device::Device& device, const device::host::Cores& cores,
                         const Dataset& dataset, int member, int members)
    : BatchStream(device, cores, dataset, dataset.cut(), member, members) {
    dataset.turns(members);  // refuses what has none
}

BatchStream::BatchStream(device::Device& device, const device::host::Cores& cores,
                         const Dataset& dataset, const Cut& cut, int member, int members)
    : Batch(dataset),
      device_(device),
      cores_(cores),
      cut_(cut),
      member_(member),
      members_(members),
      turns_(cut.turns(members)),
      turn_(turns_),
      staged_(device.facts().kind == device::Kind::cuda),
      seen_(dataset.rows()),
      background_(std::clamp(cores.count() - 1, 1, most_threads),
                  [&device] { device.make_current(); }) {
    const std::int64_t rows = std::max<std::int64_t>(1, cut.largest_share(members));
    const std::int64_t bytes =
        rows * (dataset.features() + 1) * static_cast<std::int64_t>(sizeof(float));
    ahead_ = bytes >= ahead_bytes && turns_ > 1 && (staged_ || !dataset.in_memory());
    allocate(slots_[0], rows);
    if (staged_ || ahead_) allocate(slots_[1], rows);
    if (staged_ && ahead_) copies_ = device.make_stream();
    inputs_ = slots_[0].inputs->data();
    targets_ = slots_[0].targets->data();
}

BatchStream::~BatchStream() {
    try {
        background_.wait();
        if (copies_ != nullptr) copies_->synchronize();
    } catch (...) {
        // Nobody is left to hear of it; the memory is free to go either way.
    }
}

void BatchStream::allocate(Slot& slot, std::int64_t rows) const {
    const std::size_t target_bytes = static_cast<std::size_t>(rows) * sizeof(float);
    const std::size_t input_bytes = target_bytes * static_cast<std::size_t>(dataset_.features());
    slot.inputs = device_.allocate(input_bytes, Memory::device);
    slot.targets = device_.allocate(target_bytes, Memory::device);
    slot.rows.reserve(static_cast<std::size_t>(rows));
    if (!staged_) return;
    slot.staged_inputs = device_.allocate(input_bytes, Memory::host_pinned);
    slot.staged_targets = device_.allocate(target_bytes, Memory::host_pinned);
    slot.copied = device_.make_event();
    slot.used = device_.make_event();
}

void BatchStream::begin_epoch(std::int64_t epoch) {
    background_.wait();  // for what an epoch that was broken off had begun
    order_.reset();
    order_ = dataset_.order(epoch);
    seen_.begin_epoch();
    turn_ = 0;
    if (ahead_ && turns_ > 0) prepare_ahead(0);
}

bool BatchStream::next(device::Stream& compute) {
    Slot& before = slots_[slot_];
    if (copies_ != nullptr && index_ >= 0) before.used->record(compute);
    if (turn_ == turns_) return false;
    if (staged_ || ahead_) slot_ = 1 - slot_;
    Slot& slot = slots_[slot_];
    if (ahead_) {
        background_.wait();
        if (staged_) compute.wait(*slot.copied);
    } else {
        aim(slot, turn_);
        gather_by_cores(slot);
        if (staged_) copy(slot, compute);
    }
    show(slot, turn_++);
    if (ahead_ && turn_ < turns_) prepare_ahead(turn_);
    note(slot);
    return true;
}

// Into the slot that is not current.
void BatchStream::prepare_ahead(std::int64_t turn) {
    Slot& slot = slots_[1 - slot_];
    aim(slot, turn);
    const std::int64_t part = std::max<std::int64_t>(1, piece_elements / (dataset_.features() + 1));
    const std::int64_t pieces = std::max<std::int64_t>(1, (slot.places.count + part - 1) / part);
    background_.start(
        pieces,
        [this, &slot, part](std::int64_t piece) {
            gather(slot, piece * part, std::min(slot.places.count, (piece + 1) * part));
        },
        [this, &slot] {
            if (!staged_) return;
            copies_->wait(*slot.used);
            copy(slot, *copies_);
        });
}

void BatchStream::aim(Slot& slot, std::int64_t turn) const {
    slot.places = cut_.places(turn, member_, members_);
    slot.rows.resize(static_cast<std::size_t>(slot.places.count));
    if (staged_) slot.copied->synchronize();  // the copy before still reads the staging memory
}

// Rows [begin, end) of the batch.
void BatchStream::gather(Slot& slot, std::int64_t begin, std::int64_t end) const {
    for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t place = slot.places.first + i * slot.places.stride;
        slot.rows[static_cast<std::size_t>(i)] =
            order_->at(place < cut_.rows ? place : place % cut_.rows);
    }
    float* const inputs = static_cast<float*>((staged_ ? slot.staged_inputs : slot.inputs)->data());
    float* const targets =
        static_cast<float*>((staged_ ? slot.staged_targets : slot.targets)->data());
    dataset_.gather(slot.rows.data() + begin, end - begin, inputs + begin * dataset_.features(),
                    targets + begin);
}

void BatchStream::gather_by_cores(Slot& slot) const {
    // Counted in elements, by which the cores decide whether to share.
    const std::int64_t width = dataset_.features() + 1;
    cores_.for_range(slot.places.count * width, [&](std::int64_t begin, std::int64_t end) {
        gather(slot, begin / width, end / width);
    });
}

void BatchStream::copy(Slot& slot, device::Stream& stream) const {
    const std::size_t target_bytes = static_cast<std::size_t>(slot.places.count) * sizeof(float);
    device_.copy(slot.inputs->data(), slot.staged_inputs->data(),
                 target_bytes * static_cast<std::size_t>(dataset_.features()), stream);
    device_.copy(slot.targets->data(), slot.staged_targets->data(), target_bytes, stream);
    slot.copied->record(stream);
}

void BatchStream::show(const Slot& slot, std::int64_t turn) {
    inputs_ = slot.inputs->data();
    targets_ = slot.targets->data();
    rows_ = slot.places.count;
    global_rows_ = slot.places.all;
    index_ = turn;
}

void BatchStream::note(const Slot& slot) {
    // Rows from the end of the order on are repeated; they stand last.
    const Places& places = slot.places;
    const std::int64_t before_end =
        (std::max(std::int64_t{0}, cut_.rows - places.first) + places.stride - 1) / places.stride;
    const std::int64_t fresh = std::min(places.count, before_end);
    seen_.add(slot.rows.data(), fresh);
    seen_.add_repeated(places.count - fresh);
}

const float* BatchStream::host_targets() const {
    const Slot& slot = slots_[slot_];
    return static_cast<const float*>((staged_ ? slot.staged_targets : slot.targets)->data());
}

}  // namespace warpstep::data
