// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "runtime/check/gpu_shares.hpp"
#include "runtime/check/gpu_view.hpp"
#include "runtime/process/cpu_list.hpp"
#include "runtime/report/check_html_parts.hpp"
#include "runtime/report/check_subjects.hpp"
#include "runtime/report/xml_text.hpp"

namespace warpstep::report {
namespace {

using check::Facts;
using check::GpuFacts;
using check::NodeFacts;

constexpr std::size_t most_open_nodes = 16;

/// Ranks by node and GPU that they use, or are to use.
using Users = std::map<std::pair<std::string, std::string>, std::set<int>>;

Users users_of(const Facts& facts) {
    Users users;
    for (const auto& program : facts.programs) {
        if (program.rank < 0) continue;
        for (const auto& gpu : program.gpus) users[{program.node, gpu.uuid}].insert(program.rank);
    }
    if (!facts.programs.empty()) return users;
    const auto owned = check::own_gpus(facts);
    for (const auto& rank : facts.ranks) {
        const auto own = owned.find(rank.rank);
        if (own != owned.end()) users[{rank.node, own->second}].insert(rank.rank);
    }
    return users;
}

/// By node and name, as their tasks were told: a task with a list of its own sees less.
std::set<std::pair<std::string, std::string>> granted_of(const Facts& facts) {
    std::set<std::pair<std::string, std::string>> granted;
    for (const NodeFacts& node : facts.nodes) {
        for (const GpuFacts* gpu : check::granted_gpus(facts, node))
            granted.insert({node.name, check::name_of(*gpu)});
    }
    return granted;
}

std::string ranks_text(const std::set<int>& ranks) {
    return fmt::format("{} {}", ranks.size() == 1 ? "rank" : "ranks",
                       process::show({ranks.begin(), ranks.end()}));
}

class Picture {
  public:
    explicit Picture(const CheckReport& report)
        : report_(report),
          users_(users_of(*report.facts)),
          granted_(granted_of(*report.facts)),
          verdicts_(report.findings, report.decided) {}

    std::string operator()() const {
        std::vector<const NodeFacts*> nodes;
        for (const NodeFacts& node : report_.facts->nodes) nodes.push_back(&node);
        if (nodes.empty()) return "";
        // Of many nodes those with something on them come first.
        if (nodes.size() > most_open_nodes) {
            std::map<const NodeFacts*, int> rank;
            for (const NodeFacts* node : nodes) rank[node] = badness(worst_of(*node));
            std::stable_sort(nodes.begin(), nodes.end(),
                             [&](const auto* a, const auto* b) { return rank[a] > rank[b]; });
        }
        std::string open, folded;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            (i < most_open_nodes ? open : folded) += node_html(*nodes[i]);
        std::string text =
            "<section id=\"step\">\n<h2>The step</h2>\n<div class=\"nodes\">\n" + open + "</div>\n";
        if (!folded.empty())
            text += fmt::format(
                "<details><summary>{} more nodes</summary>\n<div class=\"nodes\">\n{}</div>\n"
                "</details>\n",
                nodes.size() - most_open_nodes, folded);
        if (has_down_)
            text +=
                "<p class=\"note\"><span class=\"nic down\">adapter</span> its port is not "
                "up</p>\n";
        return text + silent() + "</section>\n";
    }

  private:
    check::Verdict worst_of(const NodeFacts& node) const {
        check::Verdict worst = verdicts_.on(node);
        for (const GpuFacts& gpu : node.gpus) {
            const check::Verdict one = verdicts_.on(node, gpu);
            if (badness(one) > badness(worst)) worst = one;
        }
        return worst;
    }

    std::string silent() const {
        const auto& ranks = report_.facts->silent_ranks;
        if (ranks.empty()) return "";
        return fmt::format(
            "<p class=\"note\">{} did not answer{}</p>\n", ranks_text({ranks.begin(), ranks.end()}),
            report_.facts->silence.empty() ? "" : ": " + xml_text(report_.facts->silence));
    }

    std::string gpu_html(const NodeFacts& node, const GpuFacts& gpu) const {
        const check::Verdict found = verdicts_.on(node, gpu);
        const bool granted = granted_.contains({node.name, check::name_of(gpu)});
        const Badge badge =
            badge_of(!granted && found == check::Verdict::pass ? check::Verdict::skip : found);
        const auto user = users_.find({node.name, check::name_of(gpu)});
        const std::string ranks = user == users_.end() ? "" : ranks_text(user->second);
        const std::string title =
            fmt::format("{}\n{}\nPCI {}{}\n{}", gpu.name, gpu.uuid, gpu.pci,
                        gpu.serial.empty() ? "" : "\nserial " + gpu.serial, badge.word);
        const std::string name =
            gpu.index < 0 ? xml_text(gpu.pci) : fmt::format("GPU {}", gpu.index);
        return fmt::format(
            "<div class=\"gpu {}{}\" title=\"{}\"><i>{}</i><b>{}</b><span>{}</span></div>\n",
            badge.style, granted ? "" : " ungranted", xml_attribute(title), badge.sign, name,
            granted ? ranks : std::string("not granted"));
    }

    std::string numa_html(const NodeFacts& node, int numa, const std::string& label) const {
        std::string gpus, nics;
        for (const GpuFacts& gpu : node.gpus) {
            if (home_of(node, gpu.numa) == numa) gpus += gpu_html(node, gpu);
        }
        for (const auto& nic : node.nics) {
            if (home_of(node, nic.numa) != numa) continue;
            const bool down = !nic.state.empty() && nic.state != "ACTIVE" && nic.state != "up" &&
                              nic.state != "UP";
            has_down_ = has_down_ || down;
            nics +=
                fmt::format("<span class=\"nic{}\" title=\"{}\">{}</span>\n", down ? " down" : "",
                            xml_attribute(nic.link_layer + " " + nic.state + ", PCI " + nic.pci),
                            xml_text(nic.name));
        }
        if (gpus.empty() && nics.empty() && numa < 0) return "";
        std::string text = fmt::format("<div class=\"numa\"><h4>{}</h4>\n", xml_text(label));
        if (!gpus.empty()) text += "<div class=\"gpus\">\n" + gpus + "</div>\n";
        if (!nics.empty()) text += "<div class=\"nics\">\n" + nics + "</div>\n";
        return text + "</div>\n";
    }

    /// A NUMA node that the machine does not list is as good as none.
    static int home_of(const NodeFacts& node, int numa) {
        const bool known = std::any_of(node.numa.begin(), node.numa.end(),
                                       [&](const auto& n) { return n.os_index == numa; });
        return known ? numa : -1;
    }

    std::string node_html(const NodeFacts& node) const {
        const Badge badge = badge_of(worst_of(node));
        std::string text =
            fmt::format("<article class=\"node {}\"><h3><i>{}</i>{} <small>{}</small></h3>\n",
                        badge.style, badge.sign, xml_text(node.name), xml_text(node.machine));
        text += "<div class=\"numas\">\n";
        for (const auto& numa : node.numa) {
            text += numa_html(node, numa.os_index,
                              fmt::format("NUMA {}{}", numa.os_index,
                                          numa.cpus.empty() ? "" : " · CPUs " + numa.cpus));
        }
        text += numa_html(node, -1, node.numa.empty() ? "devices" : "near no NUMA node");
        return text + "</div>\n" + rank_note(node) + "</article>\n";
    }

    std::string rank_note(const NodeFacts& node) const {
        if (node.ranks.empty()) return "";
        std::set<int> without(node.ranks.begin(), node.ranks.end());
        for (const GpuFacts& gpu : node.gpus) {
            const auto user = users_.find({node.name, check::name_of(gpu)});
            if (user == users_.end()) continue;
            for (const int rank : user->second) without.erase(rank);
        }
        if (without.empty()) return "";
        const char* why = node.gpus.empty() ? "" : ", of whose GPUs nothing is known";
        return fmt::format("<p class=\"note\">{} here{}</p>\n", ranks_text(without), why);
    }

    const CheckReport& report_;
    Users users_;
    std::set<std::pair<std::string, std::string>> granted_;
    Verdicts verdicts_;
    mutable bool has_down_ = false;  ///< an adapter is drawn so
};

}  // namespace

std::string check_html_picture(const CheckReport& report) {
    return Picture(report)();
}

}  // namespace warpstep::report
