// SPDX-License-Identifier: Apache-2.0
#include "runtime/lint/sbatch_script.hpp"

#include <algorithm>

#include "runtime/base/text.hpp"

namespace warpstep::check::lint {
namespace {

std::vector<std::string> words_of(std::string_view text) {
    const auto commands = shell_commands(text);
    if (commands.empty()) return {};
    std::vector<std::string> words = commands.front().words;
    return words;
}

/// Directives end at the first line that is neither blank nor a comment. Source: sbatch(1).
void read_directives(std::string_view text, Script& script) {
    bool over = false;
    int number = 0;
    for (const std::string& line : split(text, '\n')) {
        ++number;
        const std::string_view trimmed = trim(line);
        if (line.rfind("#SBATCH", 0) == 0) {
            std::string_view rest = std::string_view(line).substr(7);
            // A directive may end with a comment of its own.
            if (const auto comment = rest.find(" #"); comment != rest.npos)
                rest = rest.substr(0, comment);
            if (over) {
                script.late.push_back({std::string(trim(rest)), number});
                continue;
            }
            for (auto& [name, option] : slurm_options(words_of(rest), number))
                script.directives[name] = option;
        } else if (!trimmed.empty() && trimmed[0] != '#') {
            over = true;
        }
    }
}

void read_command(const Command& command, Script& script) {
    const std::string name = command.name();
    if (command.words.empty()) {
        for (const auto& assignment : command.assignments) script.exported.push_back(assignment);
        return;
    }
    if (name == "export" || name == "declare") {
        for (const std::string& word : command.words) {
            const auto equals = word.find('=');
            if (equals != word.npos)
                script.exported.push_back({word.substr(0, equals), word.substr(equals + 1)});
        }
    } else if (name == "unset") {
        script.unset.insert(script.unset.end(), command.words.begin() + 1, command.words.end());
    } else if (name == "wait") {
        script.waits.push_back(command.line);
    } else if (name == "trap") {
        script.traps = true;
    } else {
        Launch launch{command.line,  name == "srun",      {},
                      command.words, command.assignments, command.background};
        if (launch.through_srun) {
            const std::vector<std::string> arguments(command.words.begin() + 1,
                                                     command.words.end());
            launch.options = slurm_options(arguments, command.line, &launch.program);
        }
        script.launches.push_back(std::move(launch));
    }
}

std::string base_name(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string Launch::program_name() const {
    std::size_t at = 0;
    // Behind our own wrapper and env stands the program that is meant.
    while (at < program.size()) {
        const std::string name = base_name(program[at]);
        if (name == "env" || program[at].find('=') != std::string::npos) {
            ++at;
        } else if (name == "warpstep" && at + 1 < program.size() && program[at + 1] == "exec") {
            const auto dashes = std::find(program.begin(), program.end(), "--");
            if (dashes == program.end()) return name;
            at = static_cast<std::size_t>(dashes - program.begin()) + 1;
        } else {
            break;
        }
    }
    if (at >= program.size()) return "";
    const std::string name = base_name(program[at]);
    if (name.rfind("python", 0) != 0) return name;
    for (std::size_t i = at + 1; i + 1 < program.size() && program[i][0] == '-'; ++i) {
        if (program[i] != "-m") continue;
        const std::string& module = program[i + 1];
        if (module == "torch.distributed.run" || module == "torch.distributed.launch")
            return "torchrun";
        if (module.rfind("accelerate", 0) == 0) return "accelerate";
        if (module.rfind("deepspeed", 0) == 0) return "deepspeed";
    }
    return name;
}

std::optional<int> Script::nodes() const {
    if (find(directives, "nodes") == nullptr) return 1;
    return whole(directives, "nodes");
}

std::optional<int> Script::per_node() const {
    if (const auto count = whole(directives, "ntasks-per-node")) return count;
    const auto total = whole(directives, "ntasks"), over = nodes();
    if (total && over && *over > 0) return (*total + *over - 1) / *over;
    if (find(directives, "ntasks") == nullptr && find(directives, "ntasks-per-node") == nullptr)
        return 1;
    return std::nullopt;
}

std::optional<int> Script::tasks() const {
    if (find(directives, "ntasks") != nullptr) return whole(directives, "ntasks");
    const auto each = per_node(), over = nodes();
    if (!each || !over) return std::nullopt;
    return *each * *over;
}

bool Script::asks_for_gpus() const {
    for (const char* name : {"gpus", "gpus-per-node", "gpus-per-task", "gpus-per-socket"}) {
        if (find(directives, name) != nullptr) return true;
    }
    for (const char* name : {"gres", "tres-per-task", "tres-per-node"}) {
        const Option* option = find(directives, name);
        if (option != nullptr && option->value.find("gpu") != std::string::npos) return true;
    }
    return false;
}

Script read_script(std::string_view text) {
    Script script;
    script.text = std::string(text);
    read_directives(text, script);
    for (const Command& command : shell_commands(text)) read_command(command, script);
    return script;
}

}  // namespace warpstep::check::lint
