// Distances between float vectors. Each has a scalar kernel and an AVX2 kernel; the machine's best is chosen
// at run time, and both give the same bits.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace trine::numeric {

// Each requires two spans of equal size; empty spans give 0. Sums run over 32 lanes in a fixed order without
// fused multiply-add, so that every kernel gives the same bits on every machine. Values that are not finite
// are not rejected: the result is then not finite either. Thread-safe.
float Dot(std::span<const float> a, std::span<const float> b);
float SquaredL2(std::span<const float> a, std::span<const float> b);
float L1(std::span<const float> a, std::span<const float> b);
float LInf(std::span<const float> a, std::span<const float> b);
// The cosine of the angle, in [-1, 1] up to rounding; 0 when either vector is zero.
float Cosine(std::span<const float> a, std::span<const float> b);

// Euclidean length.
float Norm(std::span<const float> v);
// Divides by the length. Returns false, and changes nothing, when the length is 0 or not a number.
bool Normalize(std::span<float> v);
// y += factor * x, element by element. Requires spans of equal size.
void AddScaled(float factor, std::span<const float> x, std::span<float> y);

// A set of kernels over raw pointers, for tests and benchmarks. Other callers use the functions above.
struct DistanceKernels {
  std::string_view name;
  float (*dot)(const float* a, const float* b, size_t n);
  float (*squared_l2)(const float* a, const float* b, size_t n);
  float (*l1)(const float* a, const float* b, size_t n);
  float (*linf)(const float* a, const float* b, size_t n);
  void (*add_scaled)(float factor, const float* x, float* y, size_t n);
};
const DistanceKernels& ScalarKernels();
// nullptr when the machine or the build lacks AVX2.
const DistanceKernels* Avx2Kernels();
// The kernels that the functions above use on this machine. `trine version` and benchmark records print the
// name.
const DistanceKernels& BestKernels();

}  // namespace trine::numeric
