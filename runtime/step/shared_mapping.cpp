// SPDX-License-Identifier: Apache-2.0
#include "runtime/step/shared_mapping.hpp"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/base/error.hpp"

namespace warpstep::step {

SharedMapping::SharedMapping(std::size_t bytes) {
    if (bytes == 0) return;
    void* start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) {
        fail<EnvironmentError>("cannot share {} bytes between local ranks ({}); see ulimit -v",
                               bytes, std::strerror(errno));
    }
    bytes_ = {static_cast<std::byte*>(start), bytes};
}

SharedMapping::SharedMapping(SharedMapping&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})) {}

SharedMapping& SharedMapping::operator=(SharedMapping&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
}

SharedMapping::~SharedMapping() {
    if (!bytes_.empty()) ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace warpstep::step
