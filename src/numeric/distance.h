// Distances between float vectors: one scalar twin and one AVX2 kernel each, chosen at run time.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace trine::numeric {

// All take two spans of equal size (0 gives 0). Sums run over 32 lanes in one fixed order without
// fused multiply-add, so that every kernel gives the same bits on every machine. Not finite in, not
// finite out; nothing is checked. Thread-safe.
float Dot(std::span<const float> a, std::span<const float> b);
float SquaredL2(std::span<const float> a, std::span<const float> b);
float L1(std::span<const float> a, std::span<const float> b);
float LInf(std::span<const float> a, std::span<const float> b);
// The cosine of the angle, in [-1, 1] up to rounding; 0 when either vector is zero.
float Cosine(std::span<const float> a, std::span<const float> b);

// Euclidean length.
float Norm(std::span<const float> v);
// Divides by the length; a zero vector stays (false).
bool Normalize(std::span<float> v);
// y += factor * x, element by element.
void AddScaled(float factor, std::span<const float> x, std::span<float> y);

// One set of kernels over raw pointers. For tests and benchmarks; callers use the functions above.
struct DistanceKernels {
  std::string_view name;
  float (*dot)(const float* a, const float* b, size_t n);
  float (*squared_l2)(const float* a, const float* b, size_t n);
  float (*l1)(const float* a, const float* b, size_t n);
  float (*linf)(const float* a, const float* b, size_t n);
  void (*add_scaled)(float factor, const float* x, float* y, size_t n);
};
const DistanceKernels& ScalarKernels();
// nullptr where the machine or the build has no AVX2.
const DistanceKernels* Avx2Kernels();
// What this machine uses; its name is for `version` and for benchmark records.
const DistanceKernels& BestKernels();

}  // namespace trine::numeric
