/* SPDX-License-Identifier: Apache-2.0
 * The all-reduce of warpstep_host_bench with MPI: all_reduce_peer BYTES ROUNDS TURNS under mpirun. Prints seconds per
 * operation, one line per round. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
    int rank, size;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    if (argc != 4) MPI_Abort(MPI_COMM_WORLD, 2);
    const size_t count = strtoull(argv[1], NULL, 10) / sizeof(float);
    const int rounds = atoi(argv[2]), turns = atoi(argv[3]);
    float* from = malloc(count * sizeof(float));
    float* to = malloc(count * sizeof(float));
    for (size_t i = 0; i < count; ++i) from[i] = (float)(rank + 1);
    double start = MPI_Wtime();
    for (int round = -1; round < rounds; ++round) {
        for (int turn = 0; turn < turns; ++turn) {
            MPI_Allreduce(from, to, (int)count, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        }
        const double end = MPI_Wtime();
        if (round >= 0 && rank == 0) printf("%.9g\n", (end - start) / turns);
        start = end;
    }
    for (size_t i = 0; i < count; ++i) {
        if (to[i] != (float)(size * (size + 1) / 2)) MPI_Abort(MPI_COMM_WORLD, 1);
    }
    free(from);
    free(to);
    MPI_Finalize();
    return 0;
}
