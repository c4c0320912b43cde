#pragma once

/// Each registers its rows with Google Benchmark.
namespace emotrain::bench {

/// step/<problem>/<optimizer>: clear the gradients, forward, loss, backward, update, on resident data. Problems as in peer_torch.py.
void register_steps();
/// update/10M/<optimizer>: an update of ten tensors of 1000 x 1000 with fixed gradients; `emonavi_shadow`: with the shadow blended in at
/// every step. limit/10M/<r>r<w>w: the least that an update can cost, reading r and writing w streams of that size in place.
void register_updates();
/// gemm/<m>x<n>x<k>/<ours, eigen, openblas>: matrix products of the shapes that the problems have.
void register_products(int threads);

/// job/<problem>/<bare, one, two_at_a_time>: a training of a second on MNIST; as a job of a study; two such jobs on two threads. With
/// `--threads 1`, from a folder that has data/.
void register_jobs();

}  // namespace emotrain::bench
