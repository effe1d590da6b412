// SPDX-License-Identifier: Apache-2.0
#include "runtime/report/step_map.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/base/error.hpp"
#include "runtime/report/stack_svg.hpp"

using namespace warpstep;
using namespace warpstep::report;

namespace {

MapNode node_of(const std::string& name, int first_rank, int tasks = 2) {
    MapNode node;
    node.name = name;
    node.machine = "2 packages";
    for (int i = 0; i < tasks; ++i) {
        MapRow row;
        row.rank = first_rank + i;
        row.local_rank = i;
        row.gpu_index = {i};
        row.gpu_pci = {"0000:0" + std::to_string(i) + ":00.0"};
        row.gpu_uuid = {"GPU-0000000" + std::to_string(i) + "-of-" + name};
        row.gpu_numa = {i};
        row.cpus = row.planned_cpus = std::to_string(i);
        row.cores = 1;
        row.numa = {i};
        row.memory = "preferred " + std::to_string(i);
        row.nics = {"mlx5_0"};
        row.distance = "near";
        node.rows.push_back(row);
    }
    return node;
}

StepMap map_of(int nodes) {
    StepMap map{"7", "0", "0.1.0", {}, true};
    for (int i = 0; i < nodes; ++i)
        map.nodes.push_back(node_of("n" + std::to_string(i + 1), 2 * i));
    return map;
}

int times(const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("report: a node travels to rank 0 and back unchanged") {
    MapNode node = node_of("n1", 4);
    node.rows[1].verdict = Verdict::bad;
    node.rows[1].notes = {"bound to nothing"};
    node.rows[1].explanation = {"because"};
    node.notes = {"idle: 3"};
    node.picture = "<svg/>";
    const MapNode back = decode_map_node(encode(node));
    CHECK(encode(back) == encode(node));
    CHECK(back.rows[1].verdict == Verdict::bad);
    CHECK(back.rows[1].gpu_uuid == node.rows[1].gpu_uuid);
    CHECK(back.picture == "<svg/>");
    CHECK_THROWS_AS(decode_map_node("not msgpack"), CommError);
}

TEST_CASE("report: JSON has every rank, and the worst verdict") {
    StepMap map = map_of(2);
    map.nodes[1].rows[0].verdict = Verdict::note;
    const auto json = nlohmann::json::parse(map_json(map));
    CHECK(json.at("version") == 1);
    CHECK(json.at("verdict") == "note");
    CHECK(json.at("nodes").at(1).at("ranks").at(0).at("rank") == 2);
    CHECK(json.at("nodes").at(1).at("ranks").at(1).at("gpus").at(0).at("uuid") ==
          "GPU-00000001-of-n2");
}

TEST_CASE("report: 512 ranks of nodes that are alike take as many lines as one node") {
    const std::string table = map_table(map_of(256), false);
    CHECK(times(table, "\n") < 10);
    CHECK(table.find("n1 to n256 (256 nodes alike)") == 0);
    CHECK(table.find("1, 3, … 511") != std::string::npos);
    CHECK(table.find("512 ranks placed, bound and read back; all near their GPUs") !=
          std::string::npos);
}

TEST_CASE("report: a node that differs is said by itself") {
    StepMap map = map_of(3);
    map.nodes[1].rows[1].verdict = Verdict::bad;
    map.nodes[1].rows[1].notes = {"bound to CPUs 0 but planned on 1"};
    const std::string table = map_table(map, false);
    CHECK(table.find("n1, n3: ") == 0);
    CHECK(times(table, "n2: ") == 1);
    CHECK(times(table, "bad [1]") == 1);
    CHECK(table.find("[1] bound to CPUs 0 but planned on 1\n") != std::string::npos);
    CHECK(table.find("1 of 6 ranks is bad\n") != std::string::npos);
}

TEST_CASE("report: UUIDs are cut to what tells a node's GPUs apart") {
    const std::string plain = map_table(map_of(1), false);
    CHECK(plain.find(" GPU-00000001 ") != std::string::npos);
    StepMap alike = map_of(1);
    alike.nodes[0].rows[0].gpu_uuid = {"GPU-12345678-0000-0001"};
    alike.nodes[0].rows[1].gpu_uuid = {"GPU-12345678-0000-0002"};
    CHECK(map_table(alike, false).find("GPU-1234…0002") != std::string::npos);
}

TEST_CASE("report: a rank with several GPUs has a line for each") {
    StepMap map = map_of(1);
    MapRow& row = map.nodes[0].rows[0];
    row.gpu_index = {0, 4};
    row.gpu_pci = {"0000:1b:00.0", "0000:9d:00.0"};
    row.gpu_uuid = {"GPU-11111111-0000-1", "GPU-22222222-0000-1"};
    row.gpu_numa = {0, 1};
    const std::string table = map_table(map, false);
    CHECK(table.find("0 0000:1b:00.0  GPU-11111111") != std::string::npos);
    CHECK(table.find("\n      4 0000:9d:00.0  GPU-22222222         1") != std::string::npos);
}

TEST_CASE("report: pictures are stacked into one, of many the first eight") {
    const std::string one = "<?xml version=\"1.0\"?>\n<svg viewBox=\"0 0 100 50\">x</svg>";
    const std::string two = stack_svg({one, one});
    CHECK(two.find("viewBox=\"0 0 100 100\"") != std::string::npos);
    CHECK(times(two, "<?xml") == 1);
    CHECK(times(two, ">x<") == 2);
    CHECK(stack_svg(std::vector<std::string>(20, one)).find("and 12 more nodes") !=
          std::string::npos);
    CHECK_THROWS_AS(stack_svg({"<svg>"}), LogicError);
}
