// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/record.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"

namespace warpstep::comm {
namespace {

using nlohmann::json;

constexpr std::uint32_t format_version = 1;
constexpr const char* magic = "warpstep record";

std::string text_of(const json::binary_t& bytes) {
    return {bytes.begin(), bytes.end()};
}
json::binary_t bytes_of(const std::string& text) {
    return json::binary_t({text.begin(), text.end()});
}

}  // namespace

// Positional, because thousands of records travel in one fence and key names would double them.
std::string encode(const Record& r) {
    const json fields = {magic,           r.version,     r.boot_id,      r.host,
                         r.pid,           r.device,      r.gpu_uuid,     r.gpu_pci,
                         r.numa,          r.cuda_driver, r.cuda_runtime, r.nccl,
                         r.address,       r.port,        r.config_hash,  bytes_of(r.nccl_id),
                         r.shared_memory, r.refusal,     r.refusal_code, r.devices};
    std::string bytes;
    json::to_msgpack(fields, bytes);
    return bytes;
}

Record decode(std::string_view bytes) {
    const json fields = json::from_msgpack(bytes, true, false);
    if (!fields.is_array() || fields.size() < 2 || fields[0] != magic || !fields[1].is_number()) {
        fail<CommError>(
            "a rank published {} bytes that are no warpstep record (another program in the step?); "
            "start the same warpstep in every task",
            bytes.size());
    }
    if (fields[1] != format_version) {
        fail<CommError>(
            "a rank's record has version {} and this warpstep reads {} (two versions of warpstep "
            "in "
            "one step); install the same warpstep on every node",
            fields[1].get<std::uint32_t>(), format_version);
    }
    try {
        Record r;
        std::size_t i = 1;
        const auto take = [&](auto& field) { fields.at(i++).get_to(field); };
        take(r.version), take(r.boot_id), take(r.host), take(r.pid), take(r.device);
        take(r.gpu_uuid), take(r.gpu_pci), take(r.numa);
        take(r.cuda_driver), take(r.cuda_runtime), take(r.nccl);
        take(r.address), take(r.port), take(r.config_hash);
        r.nccl_id = text_of(fields.at(i++).get_binary());
        take(r.shared_memory), take(r.refusal), take(r.refusal_code), take(r.devices);
        return r;
    } catch (const json::exception& error) {
        fail<CommError>(
            "a rank's record cannot be read ({}); install the same warpstep on every node",
            error.what());
    }
}

}  // namespace warpstep::comm
