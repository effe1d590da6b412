// SPDX-License-Identifier: Apache-2.0
// Folders in the place of /proc, /sys, /dev and /etc, and an NVML stand-in, for the collection of
// facts.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "runtime/check/collect.hpp"
#include "tests/support/temporary_folder.hpp"

namespace warpstep::test {

class DescribedMachine {
  public:
    DescribedMachine() {
        for (const char* root : {"proc", "sys", "dev", "etc"})
            std::filesystem::create_directories(folder_ / root);
    }

    /// "proc/self/status"
    void write(const std::string& path, const std::string& content) const {
        const std::filesystem::path whole = folder_ / path;
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream(whole, std::ios::binary) << content;
    }
    void link(const std::string& path, const std::string& target) const {
        const std::filesystem::path whole = folder_ / path;
        std::filesystem::create_directories(whole.parent_path());
        std::filesystem::create_symlink(target, whole);
    }
    std::string path(const std::string& name) const { return folder_ / name; }

    /// A process with the files that are looked at; `environment` has a variable a line.
    void add_process(int pid, const std::string& name, int parent, std::string environment,
                     const std::string& cgroup = "0::/\n") const {
        const std::string folder = "proc/" + std::to_string(pid) + "/";
        write(folder + "stat",
              std::to_string(pid) + " (" + name + ") S " + std::to_string(parent) + " 1 1 0");
        write(folder + "cmdline", name + std::string("\0--fast\0", 8));
        write(folder + "status", "Name:\t" + name +
                                     "\nUid:\t0\t0\t0\t0\nThreads:\t3\nSigBlk:\t0000000000000000\n"
                                     "SigIgn:\t0000000000001000\nSigCgt:\t0000000000004a00\n"
                                     "Cpus_allowed_list:\t0-13\nMems_allowed_list:\t0\n");
        std::replace(environment.begin(), environment.end(), '\n', '\0');
        write(folder + "environ", environment);
        write(folder + "cgroup", cgroup);
    }

    /// A PCI function of an NVIDIA GPU with the driver's file about it.
    void add_gpu(const std::string& pci, int minor, const std::string& uuid) const {
        const std::string folder = "sys/bus/pci/devices/" + pci + "/";
        write(folder + "vendor", "0x10de\n");
        write(folder + "class", "0x030200\n");
        write(folder + "numa_node", "1\n");
        write(folder + "local_cpulist", "56-111\n");
        write("proc/driver/nvidia/gpus/" + pci + "/information",
              "Model: \t\t NVIDIA H100 80GB HBM3\nGPU UUID: \t " + uuid +
                  "\nVideo BIOS: \t 96.00.89.00.01\nDevice Minor: \t " + std::to_string(minor) +
                  "\n");
        write("dev/nvidia" + std::to_string(minor), "");
    }

    /// Commands that are not `program` fail, as on a machine without Slurm.
    check::Sources sources() const {
        check::Sources sources;
        sources.proc = folder_ / "proc";
        sources.sys = folder_ / "sys";
        sources.dev = folder_ / "dev";
        sources.etc = folder_ / "etc";
        sources.host_name = "localhost";
        sources.run = [](const process::ChildCommand&, std::chrono::milliseconds) {
            process::ChildEnd absent;
            absent.code = 2;
            return absent;
        };
        return sources;
    }

  private:
    TemporaryFolder folder_;
};

/// A program's end with this output.
inline process::ChildEnd said(const std::string& output) {
    process::ChildEnd end;
    end.how = process::ChildEnd::How::exited;
    end.output = output;
    return end;
}

}  // namespace warpstep::test
