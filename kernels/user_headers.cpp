// SPDX-License-Identifier: Apache-2.0
#include "kernels/user_headers.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "runtime/base/error.hpp"
#include "runtime/base/file.hpp"
#include "runtime/base/text.hpp"

namespace warpstep::kernels {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_headers = 4096;

// The part behind `word` and spaces, or nothing.
bool skip(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text = trim(text.substr(word.size()));
    return true;
}

class Scan {
  public:
    explicit Scan(const KernelSource& source) : folders_(source.include_folders) {}

    void text(std::string_view text, const std::string& folder) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            line(trim(text.substr(at, end - at)), folder);
            at = end + 1;
        }
    }

    void name(std::string_view name, const std::string& folder) {
        std::vector<std::string> places = folders_;
        if (!folder.empty()) places.insert(places.begin(), folder);
        for (const std::string& place : places) {
            const std::string file = (fs::path(place) / name).lexically_normal();
            std::error_code unreadable;
            if (!fs::is_regular_file(file, unreadable)) continue;
            return found(file);
        }
        result_.fingerprint += fmt::format("{}\n", name);
    }

    HeaderScan result() && {
        result_.fingerprint = hash_hex(result_.fingerprint);
        return std::move(result_);
    }

  private:
    void line(std::string_view line, const std::string& folder) {
        for (std::size_t at = line.find("__has_include"); at != std::string_view::npos;
             at = line.find("__has_include", at + 1)) {
            std::string_view rest = line.substr(at);
            skip(rest, "__has_include");
            if (skip(rest, "(")) quoted(rest, folder);
        }
        if (!skip(line, "#") || !skip(line, "include")) return;
        skip(line, "_next");
        quoted(line, folder);
    }

    void quoted(std::string_view text, const std::string& folder) {
        const char close = text.empty() ? '\0' : text[0] == '<' ? '>' : text[0] == '"' ? '"' : '\0';
        const std::size_t end = close == '\0' ? std::string_view::npos : text.find(close, 1);
        if (end == std::string_view::npos) {
            result_.complete = false;
            return;
        }
        name(text.substr(1, end - 1), close == '"' ? folder : "");
    }

    void found(const std::string& file) {
        if (!seen_.insert(file).second) return;
        if (seen_.size() > most_headers) {
            result_.complete = false;
            return;
        }
        std::string content;
        try {
            content = read_file(file);
        } catch (const ConfigError&) {
            result_.complete = false;
            return;
        }
        result_.files.push_back(file);
        result_.fingerprint += fmt::format("{} {} {}\n", file, content.size(), hash_hex(content));
        text(content, fs::path(file).parent_path());
    }

    std::vector<std::string> folders_;
    std::set<std::string> seen_;
    HeaderScan result_;
};

}  // namespace

HeaderScan scan_headers(const KernelSource& source) {
    Scan scan(source);
    for (std::size_t i = 0; i < source.options.size(); ++i) {
        std::string_view option = source.options[i];
        if (!skip(option, "--pre-include") && !skip(option, "-include")) continue;
        skip(option, "=");
        if (option.empty() && i + 1 < source.options.size()) option = source.options[i + 1];
        scan.name(option, "");
    }
    scan.text(source.text, "");
    return std::move(scan).result();
}

}  // namespace warpstep::kernels
