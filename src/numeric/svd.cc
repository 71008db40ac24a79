#include "numeric/svd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"

namespace trine::numeric {
namespace {

constexpr size_t kOversampling = 10;
constexpr int kMaxSweeps = 60;  // convergence is quadratic, so that about ten suffice

using Columns = std::vector<std::vector<double>>;

double DotProduct(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void Rotate(std::vector<double>* p, std::vector<double>* q, double cosine, double sine) {
  TRINE_DCHECK_EQ(p->size(), q->size());
  for (size_t i = 0; i < p->size(); ++i) {
    const double x = (*p)[i], y = (*q)[i];
    (*p)[i] = cosine * x - sine * y;
    (*q)[i] = sine * x + cosine * y;
  }
}

// Rotates pairs of columns of `a` until all are orthogonal; `v` accumulates the rotations.
void MakeColumnsOrthogonal(Columns* a, Columns* v) {
  constexpr double kSmall = 1e-14;
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    bool rotated = false;
    for (size_t p = 0; p < a->size(); ++p) {
      for (size_t q = p + 1; q < a->size(); ++q) {
        const double alpha = DotProduct((*a)[p], (*a)[p]), beta = DotProduct((*a)[q], (*a)[q]);
        const double gamma = DotProduct((*a)[p], (*a)[q]);
        if (gamma == 0 || std::abs(gamma) <= kSmall * std::sqrt(alpha * beta)) continue;
        rotated = true;
        const double zeta = (beta - alpha) / (2 * gamma);
        const double t = std::copysign(1.0, zeta) / (std::abs(zeta) + std::sqrt(1 + zeta * zeta));
        const double cosine = 1 / std::sqrt(1 + t * t), sine = cosine * t;
        Rotate(&(*a)[p], &(*a)[q], cosine, sine);
        Rotate(&(*v)[p], &(*v)[q], cosine, sine);
      }
    }
    if (!rotated) return;
  }
}

// Flips columns of u and v so that the entry of largest magnitude in each column of v is positive.
void FixSigns(Svd* svd) {
  for (size_t c = 0; c < svd->v.cols(); ++c) {
    float largest = 0;
    for (size_t r = 0; r < svd->v.rows(); ++r) {
      if (std::abs(svd->v(r, c)) > std::abs(largest)) largest = svd->v(r, c);
    }
    if (!(largest < 0)) continue;
    for (size_t r = 0; r < svd->v.rows(); ++r) svd->v(r, c) = -svd->v(r, c);
    for (size_t r = 0; r < svd->u.rows(); ++r) svd->u(r, c) = -svd->u(r, c);
  }
}

Matrix FirstColumns(const Matrix& m, size_t count) {
  TRINE_CHECK_LE(count, m.cols());
  Matrix out(m.rows(), count);
  for (size_t r = 0; r < m.rows(); ++r) std::copy_n(m.row(r).begin(), count, out.row(r).begin());
  return out;
}

// Orthonormalizes the columns of a tall matrix. `r_transposed` is the `r` of OrthonormalizeRows.
Matrix OrthonormalColumns(const Matrix& tall, Matrix* r_transposed = nullptr) {
  Matrix rows = tall.Transposed();
  OrthonormalizeRows(&rows, r_transposed);
  return rows.Transposed();
}

}  // namespace

Svd JacobiSvd(const Matrix& a) {
  const size_t n = a.cols();
  Columns work(n, std::vector<double>(a.rows())), rotations(n, std::vector<double>(n, 0.0));
  for (size_t c = 0; c < n; ++c) {
    rotations[c][c] = 1;
    for (size_t r = 0; r < a.rows(); ++r) work[c][r] = a(r, c);
  }
  MakeColumnsOrthogonal(&work, &rotations);
  std::vector<double> lengths(n);
  for (size_t c = 0; c < n; ++c) lengths[c] = std::sqrt(DotProduct(work[c], work[c]));
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t x, size_t y) { return lengths[x] > lengths[y]; });
  size_t rank = 0;
  while (rank < n && lengths[order[rank]] > 1e-6 * lengths[order[0]] && lengths[order[rank]] > 0) ++rank;
  Svd out{Matrix(a.rows(), rank), std::vector<float>(rank), Matrix(n, rank)};
  for (size_t k = 0; k < rank; ++k) {
    const size_t c = order[k];
    out.singular[k] = static_cast<float>(lengths[c]);
    for (size_t r = 0; r < a.rows(); ++r) out.u(r, k) = static_cast<float>(work[c][r] / lengths[c]);
    for (size_t r = 0; r < n; ++r) out.v(r, k) = static_cast<float>(rotations[c][r]);
  }
  FixSigns(&out);
  return out;
}

Svd RandomizedSvd(const SparseMatrix& a, size_t rank, int iterations, uint64_t seed) {
  TRINE_CHECK_GE(iterations, 0);
  const size_t wanted = std::min(rank, std::min(a.rows(), a.cols()));
  const size_t width = std::min(wanted + kOversampling, std::min(a.rows(), a.cols()));
  Random random(seed);
  Matrix probes(a.cols(), width);
  for (float& x : probes.values()) x = static_cast<float>(random.Normal());

  // An orthonormal basis of (nearly) the range of A.
  Matrix basis = OrthonormalColumns(a.Multiply(probes));
  for (int i = 0; i < iterations; ++i) {
    const Matrix back = OrthonormalColumns(a.MultiplyTransposed(basis));
    basis = OrthonormalColumns(a.Multiply(back));
  }
  // transpose(A) * basis = right * transpose(lower), so A ~ basis * lower * transpose(right).
  Matrix lower;
  const Matrix right = OrthonormalColumns(a.MultiplyTransposed(basis), &lower);
  const Svd small = JacobiSvd(lower);
  const size_t kept = std::min(wanted, small.singular.size());
  Svd out;
  out.singular.assign(small.singular.begin(), small.singular.begin() + static_cast<ptrdiff_t>(kept));
  out.u = Multiply(basis, FirstColumns(small.u, kept));
  out.v = Multiply(right, FirstColumns(small.v, kept));
  FixSigns(&out);
  return out;
}

}  // namespace trine::numeric
