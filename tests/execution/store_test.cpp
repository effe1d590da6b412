// SPDX-License-Identifier: Apache-2.0
// `run: store` and `init: { file }`: what is written is read back by us and by NumPy.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "runtime/base/file.hpp"
#include "runtime/data/buffer_file.hpp"
#include "runtime/data/npy_rows.hpp"
#include "runtime/execution/operation.hpp"
#include "runtime/execution/storage.hpp"
#include "runtime/plan/store_file.hpp"
#include "tests/support/npy.hpp"
#include "tests/support/run_workload.hpp"
#include "tests/support/solo.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace warpstep;
using data::BufferFile;

namespace {

workload::Step store_step(const std::string& buffer, const std::string& file,
                          const std::string& rank = "") {
    workload::Step step;
    step.name = "save";
    step.run = "store";
    step.with["buffer"].value = workload::Expression::parse(buffer);
    step.with["file"].text = file;
    if (!rank.empty()) step.with["rank"].value = workload::Expression::parse(rank);
    return step;
}

/// A rank with one buffer, `b`.
class Fixture {
  public:
    explicit Fixture(const std::string& buffer, int rank = 0, int ranks = 1)
        : workload_(test::parse("version: 1\nname: t\nbuffers:\n  b: " + buffer +
                                "\nsteps: [ { name: meet, run: barrier } ]\n")),
          scope_(workload_, step::Step{}, device::Facts{}),
          solo_machine_(solo_.machine()),
          storage_(solo_machine_, plan::plan_buffers(workload_, scope_, {})) {
        step_.rank = rank;
        step_.size = ranks;
        storage_.initialize(solo_.stream());
    }
    void set_epoch(std::int64_t epoch) { scope_.set_loop("epoch", plan::count_value(epoch)); }
    void store(const std::string& file, const std::string& rank = "", int device = 0) {
        scope_.set("rank", plan::count_value(step_.rank));
        scope_.set("ranks", plan::count_value(step_.size));
        scope_.set("device.index", plan::count_value(device));
        const auto step = store_step("b", file, rank);
        if (const auto folder = plan::folder_of(step, scope_)) plan::check_folder(*folder);
        execution::Bindings bindings{solo_machine_,
                                     storage_,
                                     datasets_,
                                     batches_,
                                     scope_,
                                     own_kernels_,
                                     solo_machine_.communicator};
        execution::make_operation(step, bindings)->issue(solo_.stream());
    }
    std::string message(const std::string& file, const std::string& rank = "") {
        try {
            store(file, rank);
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    }
    std::vector<char> content() {
        return storage_.read("b", 0, storage_.at("b").plan.count, solo_.stream());
    }

  private:
    workload::Workload workload_;
    plan::RankScope scope_;
    test::Solo solo_;
    execution::Machine solo_machine_;
    execution::Storage storage_;
    execution::UserKernels own_kernels_{{}};
    std::map<std::string, std::unique_ptr<data::Dataset>> datasets_;
    std::map<std::string, data::Batch*> batches_;
    step::Step step_;
};

bool has(const std::string& text, const std::string& part) {
    CAPTURE(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

bool there_is_numpy() {
    return std::system("/usr/bin/python3 -c 'import numpy' 2>/dev/null") == 0;
}

}  // namespace

TEST_CASE("execution: what store writes of every type is read back, by us and by NumPy") {
    const bool numpy = there_is_numpy();
    if (!numpy) MESSAGE("no NumPy: it is not asked");
    for (const std::string dtype : {"f32", "f64", "i32", "i64", "f16", "u8"}) {
        CAPTURE(dtype);
        const test::TemporaryFolder folder;
        const std::string file = folder / "b.npy";
        Fixture fixture("{ dtype: " + dtype + ", shape: [2, 3, 5], init: iota }");
        fixture.store(file);
        CHECK(folder.entries() == 1);
        const auto expected = fixture.content();
        std::vector<char> back(expected.size());
        BufferFile(file, *parse_dtype(dtype), 30, 0).read(0, 30, back.data());
        CHECK(back == expected);
        if (!numpy) continue;
        const std::string kind = dtype == "u8"     ? "uint8"
                                 : dtype[0] == 'i' ? "int" + dtype.substr(1)
                                                   : "float" + dtype.substr(1);
        const std::string script = "import numpy; a = numpy.load('" + file +
                                   "'); b = numpy.arange(30, dtype='" + kind +
                                   "').reshape(2, 3, 5); assert a.dtype == b.dtype and a.shape == "
                                   "b.shape and (a == b).all() and a.flags.c_contiguous; "
                                   "numpy.save('" +
                                   file + "', b)";
        CHECK(std::system(("/usr/bin/python3 -c \"" + script + "\"").c_str()) == 0);
        // Byte for byte what NumPy writes of it.
        const std::string by_numpy = read_file(file);
        fixture.store(file);
        CHECK(read_file(file) == by_numpy);
    }
}

TEST_CASE("execution: a buffer larger than a piece and an empty one are stored whole") {
    const test::TemporaryFolder folder;
    Fixture large("{ dtype: f64, count: 5000001, init: iota }");
    large.store(folder / "b.npy");
    std::vector<char> back(5000001 * 8);
    BufferFile(folder / "b.npy", DType::f64, 5000001, 0).read(0, 5000001, back.data());
    CHECK(back == large.content());
    Fixture empty("{ dtype: f32, shape: [0, 4] }");
    empty.store(folder / "e.npy");
    CHECK(std::filesystem::file_size(folder / "e.npy") == 128);
}

TEST_CASE("execution: a stored table is a dataset's table") {
    const test::TemporaryFolder folder;
    Fixture("{ dtype: f32, shape: [4, 3], init: iota }").store(folder / "b.npy");
    const auto rows = data::open_npy_rows(folder / "b.npy");
    CHECK(rows->rows() == 4);
    std::vector<double> values(3);
    rows->read(2, 3, values.data());
    CHECK(values == std::vector<double>{6, 7, 8});
}

TEST_CASE("execution: one rank writes one file, every rank its own where the name says so") {
    const test::TemporaryFolder folder;
    Fixture other("{ dtype: u8, count: 3 }", 2, 4);
    other.store(folder / "b.npy");
    CHECK(folder.entries() == 0);
    other.store(folder / "b.npy", "2");
    CHECK(std::filesystem::exists(folder / "b.npy"));
    other.store(folder / "b-{rank}-{device}.npy", "", 1);
    CHECK(std::filesystem::exists(folder / "b-2-1.npy"));
    other.store(folder / "c-{rank}.npy", "1");
    other.store(folder / "c-{rank}.npy", "", 1);
    CHECK(folder.entries() == 2);
    has(other.message(folder / "b.npy", "4"), "'rank' is 4 (there are ranks 0 to 3)");

    other.store(folder / "{epoch}-{rank}.npy");  // outside a loop
    CHECK(std::filesystem::remove(folder / "0-2.npy"));
    other.set_epoch(7);
    other.store(folder / "{rank}/../{epoch}.npy", "0");
    CHECK(folder.entries() == 2);
    other.store(folder / "{epoch}-{rank}-{epoch}.npy");
    CHECK(std::filesystem::exists(folder / "7-2-7.npy"));
}

TEST_CASE("execution: a file that cannot be written is refused and leaves the older one") {
    const test::TemporaryFolder folder;
    Fixture fixture("{ dtype: f64, count: 100000 }");
    has(fixture.message(folder / "none/b.npy"), "/none is not a folder); make it or name another");
    has(fixture.message("/proc/b.npy"), "cannot write /proc/b.npy (");
    has(fixture.message(folder / "b.csv"), "does not end in .npy");
    has(fixture.message(folder / "{rnk}.npy"), "unknown placeholder '{rnk}'; did you mean 'rank'?");
    has(fixture.message(folder / "{rank.npy"), "unknown placeholder");
    has(Fixture("{ dtype: bf16, count: 3 }").message(folder / "b.npy"), "NumPy has no such type");
    std::filesystem::create_symlink("/dev/full", folder / "full.npy");
    has(fixture.message(folder / "full.npy"), "No space left on device); make room");
    CHECK(folder.entries() == 1);

    write_file_atomically(folder / "b.npy", "older");
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit small{4096, limit.rlim_max};
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &small);
    const std::string message = fixture.message(folder / "b.npy");
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, before);
    has(message, "File too large); make room");
    CHECK(read_file(folder / "b.npy") == "older");
    CHECK(folder.entries() == 2);
    fixture.store(folder / "b.npy");
    CHECK(std::filesystem::file_size(folder / "b.npy") == 800'128);
}

TEST_CASE("execution: a buffer's first content comes from NPY or raw files, from an offset on") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "b.npy",
                          test::npy<std::int32_t>("<i4", "(2, 3)", {1, 2, 3, 4, 5, 6}));
    std::vector<std::int32_t> values(2);
    const BufferFile file(folder / "b.npy", DType::i32, 4, 2);
    file.read(0, 2, values.data());
    CHECK(values == std::vector<std::int32_t>{3, 4});
    file.read(2, 4, values.data());
    CHECK(values == std::vector<std::int32_t>{5, 6});
    write_file_atomically(folder / "b.bin", std::string("\1\0\2\0\3\0", 6));
    std::vector<std::uint16_t> raw(2);
    BufferFile(folder / "b.bin", DType::bf16, 2, 1).read(0, 2, raw.data());
    CHECK(raw == std::vector<std::uint16_t>{2, 3});
}

TEST_CASE("execution: a file that does not fit a buffer is refused before anything is read") {
    const test::TemporaryFolder folder;
    write_file_atomically(folder / "b.npy", test::npy<float>("<f4", "(3,)", {1, 2, 3}));
    const auto refusal = [&](const std::string& name, DType type, std::int64_t count,
                             std::int64_t offset) {
        return test::refusal_of([&] { BufferFile(folder / name, type, count, offset); });
    };
    CHECK(refusal("b.npy", DType::f32, 3, 0) == "no error");
    CHECK(refusal("b.npy", DType::f32, 0, 3) == "no error");
    has(refusal("b.npy", DType::f32, 4, 0), "has 3 elements of f32 (the buffer needs 4 from");
    has(refusal("b.npy", DType::f32, 1, 3), "from element 3 on");
    has(refusal("b.npy", DType::f32, 0, 4), "from element 4 on");
    has(refusal("b.npy", DType::f32, 1, -1), "'offset' is -1");
    has(refusal("b.npy", DType::f64, 1, 0), "save a.astype('<f8') or change the dtype");
    has(refusal("b.npy", DType::bf16, 1, 0), "in a raw file (.bin)");
    has(refusal("none.npy", DType::f32, 1, 0), "No such file");
    has(refusal("", DType::f32, 1, 0), "it is a directory");
    write_file_atomically(folder / "b.bin", "12345");
    has(refusal("b.bin", DType::f32, 2, 0), "has 1 elements of f32");
}
