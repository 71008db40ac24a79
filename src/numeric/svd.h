// Singular value decompositions: full for small dense matrices, randomized for large sparse ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "numeric/matrix.h"

namespace trine::numeric {

// The decomposition of a matrix A: A ~ u * diag(singular) * transpose(v), with descending singular values.
// The columns of u and v are orthonormal. The entry of largest magnitude in each column of v is positive,
// which makes the signs reproducible.
struct Svd {
  Matrix u;                     // rows(A) x rank
  std::vector<float> singular;  // `rank` values, all above zero
  Matrix v;                     // cols(A) x rank
};

// Computes the full decomposition with Eigen's two-sided Jacobi rotations in doubles. For matrices with up to
// a few hundred columns. The rank is the numerical rank of `a`; an empty or zero matrix has rank 0.
Svd ExactSvd(const Matrix& a);

// Computes the `rank` largest singular triplets, or fewer if `a` has fewer, after N. Halko, P. G. Martinsson,
// J. A. Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1, with 10
// oversampling vectors. `iterations` is the number of power iterations: 2 suits text, whose spectrum decays
// slowly; 0 is the fastest and least accurate. The same seed gives the same result on every machine. Uses a
// small multiple of (rows + cols) * (rank + 10) floats of memory.
Svd RandomizedSvd(const SparseMatrix& a, size_t rank, int iterations, uint64_t seed);

}  // namespace trine::numeric
