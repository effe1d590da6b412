// SPDX-License-Identifier: Apache-2.0
#include "runtime/check/collect.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "runtime/check/collect/files.hpp"

namespace warpstep::check {

namespace {

constexpr std::array kept_beginnings = {
    "SLURM", "PMIX_", "PMI_", "CUDA_",         "NVIDIA_", "NCCL_", "GLOO_",   "OMP_", "OMPI_",
    "JAX_",  "ROCR_", "HIP_", "TORCHELASTIC_", "ZE_",     "GPU_",  "MASTER_", "UCX_", "WARPSTEP_"};
constexpr std::array kept_names = {"RANK",      "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE",
                                   "NODE_RANK", "GROUP_RANK", "LD_PRELOAD", "ENVIRONMENT"};
constexpr std::array secret_words = {"TOKEN",   "SECRET",     "PASSWORD", "PASSWD", "PASSPHRASE",
                                     "API_KEY", "CREDENTIAL", "JWT",      "AUTH"};

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

bool ends_with(const std::string& text, std::string_view end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

bool is_proxy(const std::string& name) {
    return ends_with(upper(name), "_PROXY");
}

bool is_secret(const std::string& name) {
    const std::string word = upper(name);
    return std::any_of(secret_words.begin(), secret_words.end(),
                       [&](const char* part) { return word.find(part) != word.npos; });
}

bool is_relevant(const std::string& name) {
    const auto begins = [&](const char* beginning) { return name.rfind(beginning, 0) == 0; };
    return std::any_of(kept_beginnings.begin(), kept_beginnings.end(), begins) ||
           std::find(kept_names.begin(), kept_names.end(), name) != kept_names.end() ||
           is_proxy(name);
}

/// "http://user:password@host" without what stands before the host.
std::string without_password(const std::string& address) {
    const auto at = address.rfind('@');
    if (at == address.npos) return address;
    const auto scheme = address.find("://");
    const std::string beginning = scheme == address.npos ? "" : address.substr(0, scheme + 3);
    return beginning + address.substr(at + 1);
}

}  // namespace

std::string Sources::nvml_library() const {
    const std::string named = variable(env, "WARPSTEP_NVML_LIBRARY").value_or("");
    return named.empty() ? "libnvidia-ml.so.1" : named;
}

Sources live_sources() {
    Sources sources;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        const auto equals = text.find('=');
        if (equals != text.npos) sources.env[text.substr(0, equals)] = text.substr(equals + 1);
    }
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) == 0) sources.host_name = host.data();
    sources.program = process::own_program();
    return sources;
}

std::map<std::string, std::string> relevant_variables(
    const std::map<std::string, std::string>& env) {
    std::map<std::string, std::string> relevant;
    for (const auto& [name, value] : env) {
        if (!is_relevant(name) || is_secret(name)) continue;
        relevant[name] = is_proxy(name) ? without_password(value) : value;
    }
    return relevant;
}

}  // namespace warpstep::check
