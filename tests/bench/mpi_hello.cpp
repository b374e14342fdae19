// The least that an MPI job can be: what mpirun and MPI themselves take to start and end.
// SPDX-License-Identifier: Apache-2.0
#include <mpi.h>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  MPI_Barrier(MPI_COMM_WORLD);
  return MPI_Finalize();
}
