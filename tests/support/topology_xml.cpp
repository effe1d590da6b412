// SPDX-License-Identifier: Apache-2.0
#include "tests/support/topology_xml.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace warpstep::testing {

namespace {

/// hwloc's notation of a set: 32-bit words, most significant first.
std::string mask(const std::vector<int>& indices) {
    std::vector<std::uint32_t> words(1);
    for (const int index : indices) {
        const auto word = static_cast<std::size_t>(index) / 32;
        if (word >= words.size()) words.resize(word + 1);
        words[word] |= std::uint32_t{1} << (index % 32);
    }
    std::string text;
    for (auto word = words.rbegin(); word != words.rend(); ++word)
        text += fmt::format("{}0x{:08x}", text.empty() ? "" : ",", *word);
    return text;
}

class Writer {
  public:
    explicit Writer(const MachineModel& machine) : machine_(machine) {}

    std::string write() {
        text_ =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM "
            "\"hwloc2.dtd\">\n"
            "<topology version=\"2.0\">\n";
        const std::string all = sets(0, machine_.cores(), nodes(0, total_nodes()));
        open("Machine", 0,
             all + fmt::format(" allowed_cpuset=\"{}\" allowed_nodeset=\"{}\"",
                               mask(pus(0, machine_.cores())), mask(nodes(0, total_nodes()))));
        for (int package = 0; package < machine_.packages; ++package) write_package(package);
        for (int i = machine_.numa_nodes(); i < total_nodes(); ++i) write_numa(i, 0, 0);
        write_devices(unlocated);
        close();
        write_distances();
        text_ += "</topology>\n";
        return text_;
    }

  private:
    int total_nodes() const { return machine_.numa_nodes() + machine_.cpuless_nodes; }

    /// PUs of cores [first, first + count).
    std::vector<int> pus(int first, int count) const {
        std::vector<int> result;
        for (int core = first; core < first + count; ++core)
            for (int thread = 0; thread < machine_.smt; ++thread)
                result.push_back(thread * machine_.cores() + core);
        return result;
    }

    static std::vector<int> nodes(int first, int count) {
        std::vector<int> result;
        for (int i = first; i < first + count; ++i) result.push_back(i);
        return result;
    }

    static std::string sets(const std::vector<int>& cpus, const std::vector<int>& memory) {
        return fmt::format(
            "cpuset=\"{0}\" complete_cpuset=\"{0}\" nodeset=\"{1}\" complete_nodeset=\"{1}\"",
            mask(cpus), mask(memory));
    }
    std::string sets(int first_core, int count, const std::vector<int>& memory) const {
        return sets(pus(first_core, count), memory);
    }

    void open(const std::string& type, int os_index, const std::string& attributes) {
        const std::string index = os_index < 0 ? "" : fmt::format(" os_index=\"{}\"", os_index);
        text_ += fmt::format("<object type=\"{}\"{} {} gp_index=\"{}\">\n", type, index, attributes,
                             ++gp_);
    }
    void close() { text_ += "</object>\n"; }
    void info(const std::string& name, const std::string& value) {
        if (!value.empty()) text_ += fmt::format("<info name=\"{}\" value=\"{}\"/>\n", name, value);
    }

    void write_package(int package) {
        const int numa = machine_.numa_per_package, cores = numa * machine_.cores_per_numa;
        open("Package", package, sets(package * cores, cores, nodes(package * numa, numa)));
        for (int i = package * numa; i < (package + 1) * numa; ++i) {
            const int first = i * machine_.cores_per_numa;
            if (numa > 1)
                open("Group", -1,
                     sets(first, machine_.cores_per_numa, {i}) + " kind=\"0\" subkind=\"0\"");
            write_numa(i, first, machine_.cores_per_numa);
            for (int core = first; core < first + machine_.cores_per_numa; ++core)
                write_core(core, i);
            write_devices(i);
            if (numa > 1) close();
        }
        for (const GpuModel& gpu : machine_.gpus)
            if (gpu.numa == unlocated && gpu.package == package) write_gpu(gpu);
        close();
    }

    void write_numa(int index, int first_core, int cores) {
        open("NUMANode", index,
             sets(first_core, cores, {index}) +
                 fmt::format(" local_memory=\"{}\"", machine_.memory_bytes));
        close();
    }

    void write_core(int core, int numa) {
        open("Core", core, sets(core, 1, {numa}));
        for (const int pu : pus(core, 1)) {
            open("PU", pu, sets(std::vector<int>{pu}, {numa}));
            close();
        }
        close();
    }

    void write_devices(int numa) {
        for (const GpuModel& gpu : machine_.gpus)
            if (gpu.numa == numa && gpu.package == unlocated) write_gpu(gpu);
        for (const PciModel& device : machine_.devices) {
            if (device.numa != numa) continue;
            open_pci(device.pci, device.pci_class, device.vendor, device.device);
            if (!device.network.empty()) os_device(device.network, 2, "");
            if (!device.fabric.empty()) os_device(device.fabric, 3, "");
            close_pci();
        }
    }

    void write_gpu(const GpuModel& gpu) {
        open_pci(gpu.pci, gpu.pci_class, gpu.vendor, gpu.device);
        for (const std::string& instance : gpu.mig) info("MIGUUID", instance);
        if (gpu.memory_mib != 0) {
            os_device("card0", 1, "");
            os_device("renderD128", 1, "");
            open("OSDev", -1, "name=\"cuda0\" subtype=\"CUDA\" osdev_type=\"5\"");
            info("CUDAGlobalMemorySize", std::to_string(std::uint64_t{gpu.memory_mib} << 10));
            close();
        }
        std::vector<std::string> uuids = gpu.more_uuids;
        if (!gpu.uuid.empty()) uuids.push_back(gpu.uuid);
        for (const std::string& uuid : uuids) {
            open("OSDev", -1, "name=\"nvml0\" subtype=\"NVML\" osdev_type=\"1\"");
            info("GPUModel", "NVIDIA H100 80GB HBM3");
            info("NVIDIAUUID", uuid);
            info("NVIDIASerial", gpu.serial);
            close();
        }
        close_pci();
    }

    void write_distances() {
        if (machine_.distances.empty()) return;
        std::string indices, values;
        for (int i = 0; i < total_nodes(); ++i) indices += std::to_string(i) + " ";
        for (const auto& row : machine_.distances)
            for (const int value : row) values += std::to_string(value) + " ";
        text_ += fmt::format(
            "<distances2 type=\"NUMANode\" nbobjs=\"{}\" kind=\"5\" name=\"NUMALatency\" "
            "indexing=\"os\">\n<indexes length=\"{}\">{}</indexes>\n<u64values "
            "length=\"{}\">{}</u64values>\n</distances2>\n",
            total_nodes(), indices.size(), indices, values.size(), values);
    }

    /// Each device below a host bridge of its own.
    void open_pci(const std::string& pci, unsigned pci_class, unsigned vendor, unsigned device) {
        const std::string domain = pci.substr(0, pci.find(':'));
        const std::string bus = pci.substr(pci.find(':') + 1, 2);
        open("Bridge", -1,
             fmt::format("bridge_type=\"0-1\" depth=\"0\" bridge_pci=\"{0}:[{1}-{1}]\"", domain,
                         bus));
        open("PCIDev", -1,
             fmt::format("pci_busid=\"{}\" pci_type=\"{:04x} [{:04x}:{:04x}] [{:04x}:0000] 00\" "
                         "pci_link_speed=\"0.0\"",
                         pci, pci_class, vendor, device, vendor));
    }
    void close_pci() {
        close();
        close();
    }
    void os_device(const std::string& name, int type, const std::string& attributes) {
        open("OSDev", -1, fmt::format("name=\"{}\" osdev_type=\"{}\" {}", name, type, attributes));
        close();
    }

    const MachineModel& machine_;
    std::string text_;
    int gp_ = 0;
};

}  // namespace

std::string topology_xml(const MachineModel& machine) {
    return Writer(machine).write();
}

MachineModel dgx_like() {
    MachineModel machine;
    machine.packages = 2;
    machine.cores_per_numa = 56;
    machine.smt = 2;
    for (int i = 0; i < 8; ++i) {
        const int bus = 0x1b + 0x20 * i / 2;
        machine.gpus.push_back({fmt::format("0000:{:02x}:00.0", bus), i / 4,
                                fmt::format("GPU-{:08x}-1111-2222-3333-444444444444", 0xa0 + i),
                                fmt::format("165400{}", i)});
        machine.devices.push_back({fmt::format("0000:{:02x}:00.0", bus + 1), i / 4, 0x0207, 0x15b3,
                                   0x1021, fmt::format("ib{}", i), fmt::format("mlx5_{}", i)});
    }
    return machine;
}

MachineModel rome_like() {
    MachineModel machine;
    machine.packages = 2;
    machine.numa_per_package = 4;
    machine.cores_per_numa = 8;
    const int numa[] = {3, 1, 7, 5};
    for (int i = 0; i < 4; ++i)
        machine.gpus.push_back({fmt::format("0000:{:02x}:00.0", 0x03 + 0x40 * i), numa[i],
                                fmt::format("GPU-{:08x}-0000-0000-0000-000000000000", i), ""});
    return machine;
}

TemporaryFile::TemporaryFile(const std::string& content) {
    const char* directory = std::getenv("TMPDIR");
    path_ = std::string(directory ? directory : "/tmp") + "/warpstep-test-XXXXXX";
    const int descriptor = mkstemp(path_.data());
    if (descriptor < 0) throw std::runtime_error("cannot create " + path_);
    close(descriptor);
    std::ofstream(path_) << content;
}

TemporaryFile::~TemporaryFile() {
    unlink(path_.c_str());
}

}  // namespace warpstep::testing
