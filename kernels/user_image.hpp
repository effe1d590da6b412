// SPDX-License-Identifier: Apache-2.0
// What an image of compiled kernels says of itself, read without a driver: cubin (ELF), PTX, and
// fatbins whose parts are not compressed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/user_kernel.hpp"

namespace warpstep::kernels {

enum class ImageKind { cubin, fatbin, ptx };

struct ImageFunction {
    std::string name;  ///< as the image spells it, mangled for C++: "_Z5saxpyifPKfPf"
    std::vector<ParameterSlot> parameters;
    std::optional<int> registers;             ///< of one thread; nothing in PTX
    std::optional<std::size_t> shared_bytes;  ///< declared in the kernel; nothing in PTX
    std::optional<std::uint64_t> bounded_threads =
        {};  ///< of a block, by __launch_bounds__ or __block_size__; nothing without it, and in PTX
};

struct ImageFacts {
    ImageKind kind = ImageKind::cubin;
    std::string arch;                      ///< "sm_90", "" when it has several or does not tell
    std::vector<ImageFunction> functions;  ///< those that can be launched, by name
    bool complete = true;  ///< false: parts of it could not be read (compressed), or are no kernels
};

/// Errors: ConfigError when it is no image of CUDA code, or a damaged one.
/// Source: ELF-64; for what CUDA puts into it, the layout of .nv.info records as ptxas 13.0 writes
/// them (tests/kernels/user_image_test.cpp compares with fresh ones); PTX ISA, "Kernel Function
/// Parameters".
ImageFacts read_image(std::string_view bytes);

/// A function by its mangled name, or by its C++ name as the source spells it: "saxpy",
/// "n::scale<float>". nullptr when there is none and the image is not complete. Errors: ConfigError
/// that names the functions there are; `where` names the image in it.
const ImageFunction* find_function(const ImageFacts& image, const std::string& entry,
                                   const std::string& where);

/// "n::scale<float>" of "_ZN1n5scaleIfEEvPT_"; what is not mangled stays as it is.
std::string readable_name(const std::string& mangled);

/// The parts that read_image() is made of. Errors: ConfigError for a damaged image.
ImageFacts read_cubin(std::string_view bytes);
ImageFacts read_ptx(std::string_view text);
ImageFacts read_fatbin(std::string_view bytes);

}  // namespace warpstep::kernels
