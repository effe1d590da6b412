// SPDX-License-Identifier: Apache-2.0
#include "runtime/cuda/nvrtc/compile.hpp"

#include <algorithm>
#include <charconv>

#include "kernels/user_image.hpp"
#include "kernels/user_messages.hpp"
#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/cuda/nvrtc/nvrtc_library.hpp"

namespace warpstep::device::nvrtc {
namespace {

using kernels::KernelSource;

bool makes_ptx(const std::string& arch) {
    return arch.starts_with("compute_");
}

// sm_90, and sm_90a for what only that very architecture has.
void check_arch(const std::string& arch, const NvrtcLibrary& library) {
    const std::string_view digits =
        std::string_view(arch).substr(std::min(arch.size(), arch.find('_') + 1));
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const std::string_view rest(end, static_cast<std::size_t>(digits.data() + digits.size() - end));
    const auto& known = library.architectures;
    const bool form = arch.starts_with("sm_") || makes_ptx(arch);
    const bool there = std::find(known.begin(), known.end(), number) != known.end();
    if (form && error == std::errc() && there && (rest.empty() || rest == "a" || rest == "f"))
        return;
    std::vector<std::string> names;
    for (const int other : known) names.push_back(fmt::format("sm_{}", other));
    fail<ConfigError>("NVRTC {} does not compile for '{}'{}", library.version, arch,
                      suggestion(arch, names));
}

std::vector<std::string> all_options(const KernelSource& source, const std::string& arch,
                                     const NvrtcLibrary& library) {
    const auto given = [&](std::initializer_list<std::string_view> words) {
        return std::any_of(source.options.begin(), source.options.end(), [&](const auto& option) {
            return std::any_of(words.begin(), words.end(),
                               [&](auto word) { return option.starts_with(word); });
        });
    };
    std::vector<std::string> options{"--gpu-architecture=" + arch};
    if (!given({"--std", "-std"})) options.emplace_back("--std=c++20");
    if (!given({"-lineinfo", "--generate-line-info", "-G", "--device-debug"})) {
        options.emplace_back("-lineinfo");
    }
    options.insert(options.end(), source.options.begin(), source.options.end());
    for (const auto& folder : source.include_folders) options.push_back("-I" + folder);
    for (const auto& folder : library.toolkit_folders) options.push_back("-I" + folder);
    return options;
}

std::string quoted(const std::string& file) {
    std::string text;
    for (const char c : file) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

/// One compilation: a program of NVRTC, destroyed with the object.
class Program {
  public:
    Program(const KernelSource& source, const NvrtcLibrary& library) : library_(library) {
        const std::string text = fmt::format("#line {} \"{}\"\n{}\n", source.first_line,
                                             quoted(source.file), source.text);
        check(library.create_program(&program_, text.c_str(), source.file.c_str(), 0, nullptr,
                                     nullptr),
              "nvrtcCreateProgram");
    }
    ~Program() { library_.destroy_program(&program_); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    void want(const std::string& name) {
        check(library_.add_name_expression(program_, name.c_str()), "nvrtcAddNameExpression");
    }

    /// False when the source is wrong; the log says how.
    bool compile(const std::vector<std::string>& options) {
        std::vector<const char*> texts;
        for (const auto& option : options) texts.push_back(option.c_str());
        const nvrtcResult code =
            library_.compile_program(program_, static_cast<int>(texts.size()), texts.data());
        const bool wrong_source =
            code == NVRTC_ERROR_COMPILATION || code == NVRTC_ERROR_INVALID_OPTION;
        if (code != NVRTC_SUCCESS && !wrong_source) {
            fail<EnvironmentError>("NVRTC {} failed ({}: {}); check the CUDA installation at {}",
                                   library_.version, library_.get_error_string(code), trim(log()),
                                   library_.path);
        }
        return code == NVRTC_SUCCESS;
    }

    std::string log() const {
        return read(library_.get_program_log_size, library_.get_program_log);
    }
    std::string lowered(const std::string& name) const {
        const char* text = nullptr;
        check(library_.get_lowered_name(program_, name.c_str(), &text), "nvrtcGetLoweredName");
        return text;
    }
    std::string image(const std::string& arch) const {
        if (makes_ptx(arch)) return read(library_.get_ptx_size, library_.get_ptx);
        return read(library_.get_cubin_size, library_.get_cubin);
    }

  private:
    void check(nvrtcResult code, const char* call) const {
        if (code == NVRTC_SUCCESS) return;
        fail<EnvironmentError>("NVRTC {} failed in {} ({}); check the CUDA installation at {}",
                               library_.version, call, library_.get_error_string(code),
                               library_.path);
    }

    template <typename Size, typename Content>
    std::string read(Size size_of, Content content_of) const {
        std::size_t size = 0;
        check(size_of(program_, &size), "asking for a size");
        std::string content(size, '\0');
        check(content_of(program_, content.data()), "reading what it made");
        return content;
    }

    const NvrtcLibrary& library_;
    nvrtcProgram program_ = nullptr;
};

[[noreturn]] void refuse(const KernelSource& source, const std::string& arch,
                         const std::string& log) {
    const auto messages = kernels::place_messages(log, source);
    const std::string first =
        messages.first_error.empty() ? source.file + ": no reason given" : messages.first_error;
    fail<ConfigError>("{} (it does not compile for {}); NVRTC says:\n{}", first, arch,
                      messages.text);
}

std::string without_nul(std::string text) {
    while (text.ends_with('\0')) text.pop_back();
    return text;
}

}  // namespace

kernels::KernelImage compile(const KernelSource& source, const std::string& arch) {
    const NvrtcLibrary& library = nvrtc_library();
    check_arch(arch, library);
    const auto options = all_options(source, arch, library);
    const auto finish = [&](const Program& program, std::string entry) {
        std::string image = program.image(arch);
        if (makes_ptx(arch)) image = without_nul(std::move(image));
        return kernels::KernelImage{std::move(image), std::move(entry),
                                    kernels::place_messages(program.log(), source).text};
    };
    if (!source.entry.empty()) {
        Program program(source, library);
        program.want(source.entry);
        if (program.compile(options)) return finish(program, program.lowered(source.entry));
    }
    // Without the wish, what is left of the errors is the source's own; and where none is left, the
    // image tells which kernels there are.
    Program program(source, library);
    if (!program.compile(options)) refuse(source, arch, program.log());
    kernels::KernelImage image = finish(program, "");
    if (source.entry.empty()) return image;
    const auto* function =
        kernels::find_function(kernels::read_image(image.bytes), source.entry, source.file);
    image.entry = function == nullptr ? source.entry : function->name;
    return image;
}

}  // namespace warpstep::device::nvrtc
