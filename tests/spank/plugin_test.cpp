// SPDX-License-Identifier: Apache-2.0
// The hooks, called in Slurm's order with a Slurm that has spank_prepend_task_argv.
#include "slurm/spank/plugin.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "runtime/process/thread_affinity.hpp"
#include "tests/spank/fake_slurm.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using test::fake_slurm;
using Words = std::vector<std::string>;

namespace {

/// A program in the place of warpstep.
class Site {
  public:
    explicit Site(const std::string& script) {
        fake_slurm() = {};
        std::ofstream(program()) << "#!/bin/sh\n" << script;
        ::chmod(program().c_str(), 0755);
    }
    std::string program() const { return folder_ / "warpstep"; }

    /// srun --warpstep-bind=argument, as slurmstepd sees it; nullptr: without the option.
    void run(const char* argument, Words site = {}) {
        site.insert(site.begin(), "warpstep=" + program());
        std::vector<char*> words;
        for (std::string& word : site) words.push_back(word.data());
        const int count = static_cast<int>(words.size());
        CHECK(slurm_spank_init(nullptr, count, words.data()) == 0);
        if (argument != nullptr)
            CHECK(fake_slurm().option.cb(0, *argument == '\0' ? nullptr : argument, 1) == 0);
        CHECK(slurm_spank_user_init(nullptr, count, words.data()) == 0);
        CHECK(slurm_spank_task_init(nullptr, count, words.data()) == 0);
    }

  private:
    test::TemporaryFolder folder_;
};

const char* const answer = "echo \"set ARGUMENTS=$*\"; echo \"set MEETING=$WARPSTEP_MEETING\"\n";

bool is_untouched() {
    return fake_slurm().set.empty() && fake_slurm().prepended.empty();
}

}  // namespace

TEST_CASE("spank: the option is registered with an optional argument where it can be typed") {
    for (const auto context : {S_CTX_LOCAL, S_CTX_ALLOCATOR, S_CTX_REMOTE}) {
        fake_slurm() = {};
        fake_slurm().context = context;
        slurm_spank_init(nullptr, 0, nullptr);
        REQUIRE(fake_slurm().option.name != nullptr);
        CHECK(std::string(fake_slurm().option.name) == "warpstep-bind");
        CHECK(fake_slurm().option.has_arg == 2);
    }
    for (const auto context : {S_CTX_SLURMD, S_CTX_JOB_SCRIPT}) {
        fake_slurm() = {};
        fake_slurm().context = context;
        slurm_spank_init(nullptr, 0, nullptr);
        CHECK(fake_slurm().option.name == nullptr);
    }
}

TEST_CASE("spank: only srun refuses a malformed option") {
    Site site(answer);
    fake_slurm().context = S_CTX_LOCAL;
    std::string word = "warpstep=/w";
    char* words[] = {word.data()};
    slurm_spank_init(nullptr, 1, words);
    CHECK(fake_slurm().option.cb(0, "visible=one", 0) == 0);
    CHECK(fake_slurm().option.cb(0, "visible=two", 0) != 0);
    REQUIRE(fake_slurm().errors.size() == 1);
    CHECK(fake_slurm().errors[0].find("--warpstep-bind=visible=two: bad value 'two'") == 0);
    fake_slurm() = {};
    site.run("visible=two");
    CHECK(is_untouched());
    REQUIRE(fake_slurm().said.size() == 1);
    CHECK(fake_slurm().said[0].find("run unplaced: bad value 'two'") != std::string::npos);
}

TEST_CASE("spank: with PMIx, exec is put before the task's program and nothing else is done") {
    Site site("exit 9\n");
    fake_slurm().environment.emplace_back("PMIX_NAMESPACE=slurm.pmix.77.0");
    site.run("visible=one,interleave");
    CHECK(fake_slurm().prepended ==
          Words{site.program(), "exec", "--visible", "one", "--interleave", "--"});
    CHECK(fake_slurm().set.empty());
    CHECK(fake_slurm().said.empty());
}

TEST_CASE("spank: Slurm may refuse to prepend") {
    Site site(answer);
    fake_slurm().environment.emplace_back("PMIX_NAMESPACE=slurm.pmix.77.0");
    fake_slurm().refuses_to_prepend = true;
    site.run("");
    REQUIRE(fake_slurm().said.size() == 1);
    CHECK(fake_slurm().said[0].find("rank 3 runs unplaced: Slurm did not prepend") !=
          std::string::npos);
}

TEST_CASE("spank: without PMIx, or when the site says so, warpstep is asked") {
    const Words site_words[] = {{}, {"prepend=off"}};
    for (const Words& words : site_words) {
        Site site(answer);
        if (!words.empty()) fake_slurm().environment.emplace_back("PMIX_NAMESPACE=slurm.pmix.77.0");
        fake_slurm().environment.emplace_back("WARPSTEP_MEETING=stale");
        site.run("omp=1", words);
        CHECK(fake_slurm().prepended.empty());
        CHECK(fake_slurm().set["ARGUMENTS"] == "exec --omp 1 --print");
        CHECK(fake_slurm().set["MEETING"].find("77.0-") == 0);
        CHECK(fake_slurm().said.empty());
    }
}

TEST_CASE("spank: the meeting is the same for all tasks of a step") {
    Site site(answer);
    site.run("");
    const std::string meeting = fake_slurm().set["MEETING"];
    fake_slurm().set.clear();
    slurm_spank_task_init(nullptr, 0, nullptr);
    CHECK(fake_slurm().set["MEETING"] == meeting);
}

TEST_CASE("spank: the task is bound as it was told") {
    const auto before = process::affinity_of(0).value();
    Site site("echo bind " + std::to_string(before.back()) + "\n");
    site.run("");
    const auto after = process::affinity_of(0).value();
    process::set_affinity(0, before);
    CHECK(after == process::CpuList{before.back()});
    CHECK(fake_slurm().said.empty());
}

TEST_CASE("spank: nobody asked, nothing happens") {
    Site site(answer);
    site.run(nullptr);
    CHECK(is_untouched());
    CHECK(fake_slurm().said.empty());
}

TEST_CASE("spank: the option beats WARPSTEP_BIND, which beats the site's default") {
    const auto places = [](const char* argument, const char* variable, const char* site_default) {
        Site site(answer);
        if (*variable != '\0')
            fake_slurm().environment.push_back(std::string("WARPSTEP_BIND=") + variable);
        site.run(argument, {std::string("default=") + site_default});
        CHECK(fake_slurm().said.empty());
        return fake_slurm().set.count("ARGUMENTS") == 0 ? "" : fake_slurm().set["ARGUMENTS"];
    };
    CHECK(places(nullptr, "", "on") == "exec --print");
    CHECK(places(nullptr, "off", "on").empty());
    CHECK(places(nullptr, "omp=1", "off") == "exec --omp 1 --print");
    CHECK(places("omp=keep", "omp=1", "off") == "exec --omp keep --print");
    CHECK(places("off", "omp=1", "on").empty());
    CHECK(places("", "off", "off") == "exec --print");
}

TEST_CASE("spank: a malformed WARPSTEP_BIND leaves the tasks unplaced") {
    Site site(answer);
    fake_slurm().environment.emplace_back("WARPSTEP_BIND=gpu");
    site.run(nullptr);
    CHECK(is_untouched());
    REQUIRE(fake_slurm().said.size() == 1);
    CHECK(fake_slurm().said[0].find("WARPSTEP_BIND=gpu: unknown word 'gpu'") != std::string::npos);
}

TEST_CASE("spank: batch scripts and the like are no tasks") {
    for (const std::uint32_t step : {0xfffffffaU, 0xfffffffbU, 0xfffffffcU}) {
        Site site(answer);
        fake_slurm().step = step;
        site.run("");
        CHECK(is_untouched());
    }
}

TEST_CASE("spank: whatever fails, the task runs and one line says why") {
    const auto complaint = [](const std::string& script, const Words& words) {
        Site site(script);
        site.run("", words);
        CHECK(is_untouched());
        return fake_slurm().said.size() == 1 ? fake_slurm().said[0] : "several or no lines";
    };
    CHECK(complaint("exit 4\n", {}).find("rank 3 runs unplaced: ") != std::string::npos);
    CHECK(complaint("sleep 1000\n", {"timeout=1"}).find("in 1 s") != std::string::npos);
    CHECK(complaint("echo set A=1; echo nonsense\n", {}).find("'nonsense'") != std::string::npos);
    CHECK(complaint("echo bind 60000; echo set A=1\n", {}).find("60000") != std::string::npos);
    CHECK(complaint(answer, {"colour=on"}).find("unknown word 'colour'") != std::string::npos);
    CHECK(complaint(answer, {"warpstep=/no/warpstep"}).find("cannot run /no/warpstep") !=
          std::string::npos);
}

TEST_CASE("spank: a wrong plugstack.conf is said by srun and fails nothing") {
    fake_slurm() = {};
    fake_slurm().context = S_CTX_LOCAL;
    CHECK(slurm_spank_init(nullptr, 0, nullptr) == 0);
    CHECK(fake_slurm().errors.size() == 1);
    CHECK(fake_slurm().option.name != nullptr);
}
