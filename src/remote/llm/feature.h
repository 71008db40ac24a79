// Feature: something that not every model or endpoint supports. FeatureMemory: which of them a provider has
// rejected.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace trine::remote::llm {

// In the order in which an error text is searched for their names: a name that contains another one comes
// before it.
enum class Feature {
  kMaxTokensMember,  // the older name of the limit of an answer, "max_tokens"
  kStreamUsage,      // token counts at the end of a stream
  kJsonSchema,       // an answer by a JSON schema
  kJsonObject,       // an answer that is some JSON object
  kTools,
  kSystemRole,  // a system prompt apart from the user's messages
  kTopP,
  kTemperature,
  kStreaming,
};
inline constexpr size_t kFeatures = 9;
std::string_view Name(Feature feature);  // "json_schema", for logs

// A set of features. Value semantics.
class FeatureSet {
 public:
  constexpr FeatureSet() = default;
  static constexpr FeatureSet All() {
    FeatureSet all;
    all.bits_ = (1u << kFeatures) - 1;
    return all;
  }
  constexpr bool Has(Feature f) const { return (bits_ & Bit(f)) != 0; }
  constexpr FeatureSet With(Feature f) const { return FeatureSet(bits_ | Bit(f)); }
  constexpr FeatureSet Without(Feature f) const { return FeatureSet(bits_ & ~Bit(f)); }
  constexpr FeatureSet Without(FeatureSet other) const { return FeatureSet(bits_ & ~other.bits_); }
  constexpr FeatureSet And(FeatureSet other) const { return FeatureSet(bits_ & other.bits_); }
  friend constexpr bool operator==(FeatureSet, FeatureSet) = default;

 private:
  constexpr explicit FeatureSet(unsigned bits) : bits_(bits) {}
  static constexpr unsigned Bit(Feature f) { return 1u << static_cast<unsigned>(f); }
  unsigned bits_ = 0;
};

// Returns the feature among `used` that an error text of a provider names as not supported; nullopt if it
// names none. `text` is untrusted and may be long.
std::optional<Feature> RejectedFeature(std::string_view text, FeatureSet used);

// Remembers rejections for an hour, because models are exchanged behind an address that stays. Thread-safe
// and lock-free. `clock` must outlive it.
class FeatureMemory {
 public:
  // `supported`: the features that may be used until they are rejected; `fixed`: configured features, whose
  // rejection is an error that is returned and not remembered.
  FeatureMemory(FeatureSet supported, FeatureSet fixed, const Clock& clock)
      : supported_(supported), fixed_(fixed), clock_(clock) {}
  FeatureSet Supported() const;
  bool IsFixed(Feature f) const { return fixed_.Has(f); }
  // Requires a feature that is not fixed. Returns false if its rejection was already known.
  bool Reject(Feature f);

 private:
  const FeatureSet supported_, fixed_;
  const Clock& clock_;
  std::array<std::atomic<int64_t>, kFeatures> rejected_until_{};  // monotonic nanoseconds; 0: not rejected
};

}  // namespace trine::remote::llm
