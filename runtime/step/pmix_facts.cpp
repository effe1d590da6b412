// SPDX-License-Identifier: Apache-2.0
// Which key is served for whom (own rank, wildcard) differs from key to key and is not what the
// standard suggests; the choices below are those that Slurm's plugin and Open MPI's server answer.
// PMIX_NODEID of another rank is not asked for: Slurm 22.05 answers with the asker's own node, or
// not at all.
#include "runtime/step/pmix_facts.hpp"

#include <algorithm>
#include <charconv>

#include "runtime/base/error.hpp"
#include "runtime/base/text.hpp"
#include "runtime/step/pmix_handles.hpp"

namespace warpstep::step {
namespace {

/// Job-level keys of one name space, looked up in this process only, so that no question can hang
/// on a server.
class JobKeys {
  public:
    explicit JobKeys(const std::string& name_space) : name_space_(name_space) {}

    std::optional<int> number(pmix_rank_t rank, const char* key) const {
        const pmix::Value value = get(rank, key, "");
        return value ? pmix::number_in(*value) : std::nullopt;
    }
    std::optional<std::string> text(pmix_rank_t rank, const char* key,
                                    const std::string& of_host = "") const {
        const pmix::Value value = get(rank, key, of_host);
        return value ? pmix::text_in(*value) : std::nullopt;
    }

  private:
    pmix::Value get(pmix_rank_t rank, const char* key, const std::string& of_host) const {
        const pmix_proc_t process = pmix::process(name_space_, rank);
        pmix::Directives directives;
        directives.flag(PMIX_OPTIONAL);
        if (!of_host.empty()) {
            directives.flag(PMIX_NODE_INFO);
            directives.text(PMIX_HOSTNAME, of_host);
        }
        pmix_value_t* value = nullptr;
        if (PMIx_Get(&process, key, directives.data(), directives.size(), &value) != PMIX_SUCCESS) {
            return nullptr;
        }
        return pmix::Value(value);
    }

    const std::string& name_space_;
};

std::vector<std::string> split_nodes(const std::string& list) {
    // "n[1-3]" is a Slurm list, which is not ours to expand; PMIx_Resolve_nodes gives the names one
    // by one.
    if (list.find('[') != std::string::npos) return {};
    std::vector<std::string> nodes;
    for (const auto& piece : split(list, ',')) {
        const auto name = trim(piece);
        if (!name.empty()) nodes.emplace_back(name);
    }
    return nodes;
}

std::vector<std::string> resolve_nodes(const std::string& name_space) {
    pmix_nspace_t name{};
    PMIX_LOAD_NSPACE(name, name_space.c_str());
    char* list = nullptr;
    if (PMIx_Resolve_nodes(name, &list) != PMIX_SUCCESS || list == nullptr) return {};
    const pmix::Text owned(list);
    return split_nodes(owned.get());
}

std::vector<int> resolve_peers(const std::string& name_space, const std::string& node) {
    pmix_nspace_t name{};
    PMIX_LOAD_NSPACE(name, name_space.c_str());
    pmix_proc_t* peers = nullptr;
    std::size_t count = 0;
    std::vector<int> ranks;
    if (PMIx_Resolve_peers(node.c_str(), name, &peers, &count) != PMIX_SUCCESS) return ranks;
    for (std::size_t i = 0; i < count; ++i) ranks.push_back(static_cast<int>(peers[i].rank));
    PMIX_PROC_FREE(peers, count);
    std::sort(ranks.begin(), ranks.end());
    return ranks;
}

std::vector<std::string> read_nodes(const JobKeys& keys, const std::string& name_space) {
    const auto expected = keys.number(pmix::wildcard, PMIX_NUM_NODES);
    auto nodes = split_nodes(keys.text(pmix::wildcard, PMIX_NODE_LIST).value_or(""));
    if (nodes.empty() || (expected && *expected != static_cast<int>(nodes.size()))) {
        if (auto resolved = resolve_nodes(name_space); !resolved.empty()) nodes = resolved;
    }
    return nodes;
}

/// Nodes without ranks (Open MPI lists the whole allocation) are no nodes of the step.
void add_layout(const JobKeys& keys, PmixFacts& facts) {
    for (const auto& node : read_nodes(keys, facts.name_space)) {
        const auto list = keys.text(pmix::wildcard, PMIX_LOCAL_PEERS, node);
        auto ranks = list ? parse_ranks(*list) : resolve_peers(facts.name_space, node);
        if (ranks.empty()) continue;
        facts.node_names.push_back(node);
        facts.node_ranks.push_back(std::move(ranks));
    }
    facts.contradiction = find_contradiction(facts, [&](int rank) {
        return keys.text(static_cast<pmix_rank_t>(rank), PMIX_HOSTNAME).value_or("");
    });
    if (!facts.node_names.empty()) return;
    const auto host = keys.text(static_cast<pmix_rank_t>(facts.rank), PMIX_HOSTNAME);
    if (!host || facts.local_size != facts.size) {
        fail<EnvironmentError>(
            "PMIx serves neither a node list nor peers for '{}' (the launcher's PMIx is "
            "incomplete); see "
            "srun --mpi=list for another plugin",
            facts.name_space);
    }
    facts.node_names = {*host};
    facts.node_ranks.emplace_back();
    for (int rank = 0; rank < facts.size; ++rank) facts.node_ranks[0].push_back(rank);
}

}  // namespace

std::vector<int> parse_ranks(const std::string& list) {
    const auto parse = [&](std::string_view text) {
        int value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
            fail<EnvironmentError>(
                "PMIx lists the ranks of a node as '{}', which is no list of numbers (an unknown "
                "launcher?); start with srun --mpi=pmix or mpirun",
                list);
        }
        return value;
    };
    std::vector<int> ranks;
    for (const auto& piece : split(list, ',')) {
        const auto text = trim(piece);
        const auto dash = text.find('-');
        const int first = parse(text.substr(0, dash));
        const int last = dash == std::string_view::npos ? first : parse(text.substr(dash + 1));
        for (int rank = first; rank <= last; ++rank) ranks.push_back(rank);
    }
    std::sort(ranks.begin(), ranks.end());
    return ranks;
}

PmixFacts read_pmix_facts(const std::string& name_space, int rank) {
    const JobKeys keys(name_space);
    const auto self = static_cast<pmix_rank_t>(rank);
    const auto size = keys.number(pmix::wildcard, PMIX_JOB_SIZE);
    if (!size) {
        fail<EnvironmentError>(
            "PMIx does not serve PMIX_JOB_SIZE for '{}' (the launcher's PMIx is incomplete); see "
            "srun "
            "--mpi=list for another plugin",
            name_space);
    }
    PmixFacts facts;
    facts.name_space = name_space;
    facts.rank = rank;
    facts.size = *size;
    facts.local_rank = keys.number(self, PMIX_LOCAL_RANK);
    facts.local_size = keys.number(pmix::wildcard, PMIX_LOCAL_SIZE);
    add_layout(keys, facts);
    return facts;
}

}  // namespace warpstep::step
