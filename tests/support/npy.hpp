// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace warpstep::test {

/// An NPY file as numpy.save writes it.
template <typename T>
std::string npy(const std::string& type, const std::string& shape, const std::vector<T>& values,
                int version = 1, const std::string& fortran = "False") {
    std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    const std::size_t before = version == 1 ? 10 : 12;
    header.append(63 - (before + header.size()) % 64, ' ');
    header += '\n';
    std::string bytes("\x93NUMPY", 6);
    bytes += static_cast<char>(version);
    bytes += '\0';
    for (std::size_t i = 0; i < before - 8; ++i) {
        bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
    }
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
    return bytes;
}

}  // namespace warpstep::test
