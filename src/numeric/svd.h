// Singular value decompositions: full for small dense matrices, randomized for large sparse ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "numeric/matrix.h"

namespace trine::numeric {

// A ~ u * diag(singular) * transpose(v). Singular values descend. The columns of u and v are orthonormal, and
// the entry of largest magnitude in each column of v is positive, so that the signs are reproducible.
struct Svd {
  Matrix u;                     // rows(A) x rank
  std::vector<float> singular;  // `rank` values, all above zero
  Matrix v;                     // cols(A) x rank
};

// The full decomposition, by Eigen's two-sided Jacobi rotations in doubles. For matrices of up to a few
// hundred columns. The rank is the numerical rank of `a`; an empty or zero matrix has rank 0.
Svd ExactSvd(const Matrix& a);

// The `rank` largest singular triplets, or fewer when `a` has fewer: N. Halko, P. G. Martinsson, J. A. Tropp,
// "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1, with 10 vectors of
// oversampling. `iterations` counts power iterations: 2 suits text, whose spectrum decays slowly; 0 is the
// fastest and least accurate. The same seed gives the same result on every machine. Uses a small multiple of
// (rows + cols) * (rank + 10) floats of memory.
Svd RandomizedSvd(const SparseMatrix& a, size_t rank, int iterations, uint64_t seed);

}  // namespace trine::numeric
