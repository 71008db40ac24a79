// Singular value decompositions: exact for small dense matrices, randomized for large sparse ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "numeric/matrix.h"

namespace trine::numeric {

// A ~ u * diag(singular) * transpose(v). Singular values fall; columns of u and v are orthonormal, and
// the entry of largest magnitude in each column of v is positive, so that signs do not depend on chance.
struct Svd {
  Matrix u;                     // rows(A) x rank
  std::vector<float> singular;  // rank, above zero
  Matrix v;                     // cols(A) x rank
};

// The whole decomposition by one-sided Jacobi rotations (Hestenes 1958; Demmel and Veselic 1992), in
// doubles. For matrices up to some hundreds of columns. The rank is that of A.
Svd JacobiSvd(const Matrix& a);

// The `rank` largest singular triplets (fewer when A has fewer): N. Halko, P. G. Martinsson, J. A.
// Tropp, "Finding structure with randomness", SIAM Review 53 (2011), algorithms 4.4 and 5.1, with 10
// vectors of oversampling. `iterations` of the power scheme: 2 suits text, whose spectrum falls
// slowly; 0 is fastest and coarse. The same seed gives the same result on every machine.
// Memory: (rows + cols) * (rank + 10) floats, a few times over.
Svd RandomizedSvd(const SparseMatrix& a, size_t rank, int iterations, uint64_t seed);

}  // namespace trine::numeric
