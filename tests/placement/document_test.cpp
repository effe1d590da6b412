// SPDX-License-Identifier: Apache-2.0
#include "runtime/placement/document.hpp"

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"
#include "runtime/placement/inspect.hpp"
#include "runtime/placement/random_node.hpp"

using namespace warpstep;
using namespace warpstep::placement;

namespace {

DocumentNode small_document() {
    DocumentNode node;
    node.name = "n1";
    DocumentTask task;
    task.gpus = {{"0000:1b:00.0", "GPU-1", 0, 1}};
    task.cpus = topology::CpuSet::parse("0-3,8");
    task.cores = 5;
    task.numa = {1};
    task.nics = {"mlx5_0"};
    task.notes = {"a \"note\""};
    node.tasks = {task};
    return node;
}

}  // namespace

TEST_CASE("placement: what is printed is parsed to the same") {
    int compared = 0;
    for (unsigned seed = 1; seed <= 400; seed += 2) {
        std::vector<DocumentNode> nodes;
        for (const unsigned part : {seed, seed + 1}) {
            const Scenario scenario = random_scenario(part);
            if (must_be_refused(scenario.node, scenario.request)) continue;
            nodes.push_back(describe("node" + std::to_string(part), scenario.node,
                                     plan(scenario.node, scenario.request)));
        }
        CAPTURE(seed);
        CHECK(from_json(to_json(nodes)) == nodes);
        compared += static_cast<int>(nodes.size());
    }
    CHECK(compared > 200);
}

TEST_CASE("placement: the hash is that of everything but the notes") {
    const DocumentNode node = small_document();
    const std::string hash = hash_of({node});
    CHECK(hash.size() == 16);
    DocumentNode other = node;
    other.tasks[0].notes = {"something else"};
    other.notes = {"idle"};
    CHECK(hash_of({other}) == hash);
    other.tasks[0].cpus.add(9);
    CHECK(hash_of({other}) != hash);
    other = node;
    other.tasks[0].nics.clear();
    CHECK(hash_of({other}) != hash);
    other = node;
    other.name = "n2";
    CHECK(hash_of({other}) != hash);
}

TEST_CASE("placement: a document has the documented members") {
    const std::string text = to_json({small_document()});
    for (const char* part :
         {"\"version\": 1", "\"name\": \"n1\"", "\"local_rank\": 0", "\"pci\": \"0000:1b:00.0\"",
          "\"uuid\": \"GPU-1\"", "\"cpus\": \"0-3,8\"", "\"nics\"", "\"remote\": false",
          "\"idle_cpus\": \"\"", "\"idle_gpus\": []", "\"hash\": \""})
        CHECK_MESSAGE(text.find(part) != text.npos, part);
}

TEST_CASE("placement: text that is no such document is refused") {
    const auto changed = [](std::string from, const std::string& to) {
        std::string text = to_json({small_document()});
        return text.replace(text.find(from), from.size(), to);
    };
    CHECK_THROWS_AS(from_json("{"), ConfigError);
    CHECK_THROWS_AS(from_json("[]"), ConfigError);
    CHECK_THROWS_AS(from_json("{\"version\": 1}"), ConfigError);
    CHECK_THROWS_WITH_AS(from_json(changed("\"version\": 1", "\"version\": 2")),
                         doctest::Contains("version 2"), ConfigError);
    CHECK_THROWS_WITH_AS(from_json(changed("0-3,8", "0-4,8")), doctest::Contains("hash"),
                         ConfigError);
    CHECK_THROWS_AS(from_json(changed("0-3,8", "0-x")), ConfigError);
    CHECK_THROWS_AS(from_json(changed("\"cores\": 5", "\"cores\": \"5\"")), ConfigError);
    CHECK_NOTHROW(from_json(changed("a \\\"note\\\"", "another note")));
}
