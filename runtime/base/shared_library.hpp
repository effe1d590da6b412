// SPDX-License-Identifier: Apache-2.0
// A library of the site that is opened while the program runs: NVML, NCCL, NVRTC and their like.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace warpstep {

class SharedLibrary {
  public:
    /// What is opened, and what to say when it cannot be, or is another one.
    struct Wanted {
        std::string name;                ///< "NCCL"
        const char* variable;            ///< names the file instead: "WARPSTEP_NCCL_LIBRARY"
        std::vector<std::string> files;  ///< the first that can be opened: "libnccl.so.2"
        std::string purpose;             ///< ", which multiplies matrices on the GPU", "" without
        std::string advice;              ///< "install it, load the site's NCCL module"
        std::string proof;               ///< function that every such library has: "ncclGetVersion"
        std::string lack;                ///< a library without it "does not tell its version"
        std::string needed;              ///< by functions: "2.14 or newer is needed"
        std::string newer;               ///< "load a newer NCCL"
    };

    /// Private to this caller (RTLD_LOCAL), and never closed: its threads may outlive us. Errors:
    /// EnvironmentError, in the words of `wanted`.
    static SharedLibrary open(Wanted wanted);
    /// The same of one file, closed with the last copy. Check is_open(); `problem` is the loader's
    /// word.
    static SharedLibrary try_open(const std::string& file);

    bool is_open() const { return handle_ != nullptr; }
    const std::string& problem() const { return problem_; }
    /// Of the file that the loader took; "" when it is not open.
    std::string path() const;
    void set_version(std::string version) { version_ = std::move(version); }  ///< for messages

    /// The first of the names that it has; null without.
    template <typename Function, typename... Names>
    void optional(Function& function, Names... names) const {
        function = nullptr;
        for (const char* name : {names...}) {
            if (function == nullptr) function = reinterpret_cast<Function>(symbol(name));
        }
    }
    /// Errors: EnvironmentError when it has no such function.
    template <typename Function>
    void required(Function& function, const char* name) const {
        function = reinterpret_cast<Function>(symbol_or_throw(name));
    }

  private:
    void* symbol(const char* name) const;
    void* symbol_or_throw(const char* name) const;

    std::shared_ptr<void> handle_;
    Wanted wanted_;
    std::string file_, version_, problem_;
};

}  // namespace warpstep
