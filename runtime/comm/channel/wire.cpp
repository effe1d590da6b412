// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/channel/wire.hpp"

#include <cstdint>
#include <cstring>

namespace warpstep::comm::channel {
namespace {

template <typename T>
void append(std::string& bytes, T value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
T take(std::string_view& bytes) {
    T value{};
    if (bytes.size() < sizeof value) fail<CommError>("the control channel got a cut message");
    std::memcpy(&value, bytes.data(), sizeof value);
    bytes.remove_prefix(sizeof value);
    return value;
}

}  // namespace

std::string pack(const std::vector<std::string>& blobs) {
    std::size_t size = sizeof(std::uint64_t);
    for (const auto& blob : blobs) size += sizeof(std::uint64_t) + blob.size();
    std::string bytes;
    bytes.reserve(size);
    append<std::uint64_t>(bytes, blobs.size());
    for (const auto& blob : blobs) append<std::uint64_t>(bytes, blob.size());
    for (const auto& blob : blobs) bytes += blob;
    return bytes;
}

std::vector<std::string> unpack(std::string_view bytes) {
    const auto count = take<std::uint64_t>(bytes);
    if (count > bytes.size() / sizeof(std::uint64_t)) {
        fail<CommError>("the control channel got a cut message");
    }
    std::vector<std::uint64_t> sizes(count);
    for (auto& size : sizes) size = take<std::uint64_t>(bytes);
    std::vector<std::string> blobs;
    blobs.reserve(count);
    for (const auto size : sizes) {
        if (size > bytes.size()) fail<CommError>("the control channel got a cut message");
        blobs.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return blobs;
}

std::string pack_failure(const Failure& failure) {
    std::string bytes;
    append<std::int32_t>(bytes, failure.rank);
    append<std::int32_t>(bytes, failure.code);
    return bytes + failure.text;
}

Failure unpack_failure(std::string_view bytes) {
    Failure failure;
    failure.rank = take<std::int32_t>(bytes);
    failure.code = take<std::int32_t>(bytes);
    failure.text = std::string(bytes);
    return failure;
}

}  // namespace warpstep::comm::channel
