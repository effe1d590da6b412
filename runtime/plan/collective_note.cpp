// SPDX-License-Identifier: Apache-2.0
// What a rank notes of its collectives, and how the notes travel.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/plan/operations.hpp"
#include "runtime/plan/reach.hpp"

namespace warpstep::plan {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CollectiveNote::Sized, name, count, what)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CollectiveNote::Turns, step, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CollectiveNote::Word, name, value)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(CollectiveNote, step, run, place, condition, active, group,
                                   colour, devices, times, turns, words, buffers)

namespace {

const BufferPlan* buffer_of(const workload::Step& step, const std::string& argument,
                            const std::vector<BufferPlan>& buffers) {
    const auto it = step.with.find(argument);
    if (it == step.with.end()) return nullptr;
    const std::string& name = it->second.value.root().text;
    const auto found = std::find_if(buffers.begin(), buffers.end(),
                                    [&](const BufferPlan& plan) { return plan.name == name; });
    return found == buffers.end() ? nullptr : &*found;
}

// What must be equal of a buffer: its bytes where ranks read each other's, the length of a row
// where ranks exchange rows.
CollectiveNote::Sized sized(OperationRow::Compared compared, const BufferPlan& plan) {
    if (compared == OperationRow::Compared::bytes) {
        return {plan.name, static_cast<std::int64_t>(plan.bytes()), "bytes"};
    }
    if (compared == OperationRow::Compared::columns) {
        return {plan.name, plan.shape.empty() ? 0 : plan.shape.back(),
                fmt::format("{} columns", name_of(plan.dtype))};
    }
    return {plan.name, plan.count, fmt::format("{} elements", name_of(plan.dtype))};
}

}  // namespace

std::int64_t group_colour(const std::optional<workload::Group>& group,
                          const workload::Scope& scope) {
    if (!group) return 0;
    if (group->kind == workload::Group::Kind::members) {
        return group->value.evaluate_truth(scope) ? 0 : -1;
    }
    const std::int64_t colour = group->value.evaluate_count(scope);
    if (colour < 0) {
        fail<ConfigError>(
            "{}: the group is {} on this rank ('{}' must be a whole number, 0 or "
            "more); write by: node, or by: rank % 2",
            show(group->value.mark()), colour, group->value.text());
    }
    return colour;
}

std::vector<int> group_members(const std::vector<std::int64_t>& colours, std::int64_t colour) {
    std::vector<int> members;
    for (std::size_t rank = 0; rank < colours.size(); ++rank) {
        if (colours[rank] == colour) members.push_back(static_cast<int>(rank));
    }
    return members;
}

CollectiveNote note_of(const workload::Step& step, const std::vector<BufferPlan>& buffers,
                       const workload::Scope& scope, bool active) {
    CollectiveNote note;
    note.active = active;
    note.step = step.name;
    note.run = step.run;
    note.place = show(step.mark);
    if (step.group) {
        const bool by = step.group->kind == workload::Group::Kind::by;
        note.group = by ? "{ by: " + step.group->value.text() + " }" : step.group->value.text();
    }
    note.colour = group_colour(step.group, scope);
    const OperationRow* row = find_operation(step.run);
    if (row == nullptr) return note;
    for (const OperationArgument& argument : row->arguments) {
        const auto it = step.with.find(argument.name);
        if (it == step.with.end()) continue;
        if (argument.role == OperationArgument::Role::value) {
            note.words.push_back(
                {argument.name,
                 active ? std::to_string(it->second.value.evaluate_count(scope)) : ""});
        } else if (argument.role == OperationArgument::Role::word) {
            note.words.push_back({argument.name, it->second.value.root().text});
        } else if (const BufferPlan* plan = buffer_of(step, argument.name, buffers);
                   plan != nullptr && row->compared != OperationRow::Compared::nothing) {
            note.buffers.push_back(sized(row->compared, *plan));
        }
    }
    return note;
}

std::string joined_condition(const std::string& outer,
                             const std::optional<workload::Expression>& inner) {
    if (!inner) return outer;
    return outer.empty() ? inner->text() : fmt::format("({}) and ({})", outer, inner->text());
}

std::string encode(const std::vector<CollectiveNote>& notes) {
    const auto bytes = nlohmann::json::to_msgpack(nlohmann::json(notes));
    return {bytes.begin(), bytes.end()};
}

std::vector<CollectiveNote> decode_notes(std::string_view bytes) {
    try {
        return nlohmann::json::from_msgpack(bytes.begin(), bytes.end())
            .get<std::vector<CollectiveNote>>();
    } catch (const nlohmann::json::exception& error) {
        fail<CommError>(
            "cannot read a rank's collectives ({}); run the same warpstep on every "
            "node",
            error.what());
    }
}

}  // namespace warpstep::plan
