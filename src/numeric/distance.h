// Distances between float vectors. Each has a scalar and an AVX2 kernel with identical results; AVX2 is used
// if the CPU supports it.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace trine::numeric {

// Each requires two spans of equal size; empty spans give 0. Sums use 32 lanes, a fixed order and no fused
// multiply-add, so results are identical to the bit for all kernels and machines. Non-finite values are not
// rejected; the result is then not finite either. Thread-safe.
float Dot(std::span<const float> a, std::span<const float> b);
float SquaredL2(std::span<const float> a, std::span<const float> b);
float L1(std::span<const float> a, std::span<const float> b);
float LInf(std::span<const float> a, std::span<const float> b);
// Returns the cosine of the angle, in [-1, 1] up to rounding; 0 if either vector is zero.
float Cosine(std::span<const float> a, std::span<const float> b);

// Euclidean length.
float Norm(std::span<const float> v);
// Divides by the length. Returns false, and changes nothing, if the length is 0 or NaN.
bool Normalize(std::span<float> v);
// y += factor * x, element by element. Requires spans of equal size.
void AddScaled(float factor, std::span<const float> x, std::span<float> y);

// A set of kernels that take raw pointers, for tests and benchmarks. Other callers use the functions above.
struct DistanceKernels {
  std::string_view name;
  float (*dot)(const float* a, const float* b, size_t n);
  float (*squared_l2)(const float* a, const float* b, size_t n);
  float (*l1)(const float* a, const float* b, size_t n);
  float (*linf)(const float* a, const float* b, size_t n);
  void (*add_scaled)(float factor, const float* x, float* y, size_t n);
};
const DistanceKernels& ScalarKernels();
// Returns nullptr if the CPU or the build lacks AVX2.
const DistanceKernels* Avx2Kernels();
// Returns the kernels that the functions above use on this machine.
const DistanceKernels& BestKernels();

}  // namespace trine::numeric
