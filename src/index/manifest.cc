#include "index/manifest.h"

#include <charconv>
#include <cstdio>

#include "base/check.h"
#include "base/limits.h"
#include "storage/directory.h"
#include "storage/format_version.h"

namespace trine::index {
namespace {

constexpr std::string_view kFirstWords = "trine index manifest ";  // then the format version
constexpr uint64_t kVersion = 1;
constexpr size_t kMaxSegments = 100'000;  // far more than merges leave; limits memory use on damaged bytes

Error Corrupt(std::string what) {
  return Error(ErrorCode::kCorrupt, "a manifest is damaged: " + std::move(what));
}

std::string Hex(uint32_t v) {
  char text[9];
  std::snprintf(text, sizeof(text), "%08x", v);
  return text;
}

// Reads words and numbers front to back; ok() is false after the first token that is not the expected one.
class TokenReader {
 public:
  explicit TokenReader(std::string_view text) : rest_(text) {}
  bool ok() const { return ok_; }
  bool done() const { return rest_.empty(); }
  bool Accept(std::string_view word) {
    if (!ok_ || !rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void Expect(std::string_view word) { ok_ = Accept(word); }
  template <typename T>
  T Number(int base = 10) {
    T value{};
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, base);
    if (!ok_ || error != std::errc()) return ok_ = false, T{};
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return value;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Returns whether the last line is "end " and the checksum of everything before it. Every format version ends
// with such a line.
bool HasValidChecksum(std::string_view text) {
  constexpr size_t kLastLine = sizeof("end 00000000\n") - 1;
  if (text.size() < kLastLine) return false;
  const std::string_view body = text.substr(0, text.size() - kLastLine);
  return text.substr(body.size()) == "end " + Hex(storage::Crc32c(body)) + "\n";
}

}  // namespace

std::string SegmentFileName(uint64_t number) { return "_" + std::to_string(number) + ".seg"; }
std::string LiveFileName(uint64_t number, uint64_t live_number) {
  return "_" + std::to_string(number) + "_" + std::to_string(live_number) + ".live";
}

std::string EncodeManifest(const Manifest& manifest) {
  TRINE_CHECK_LE(manifest.segments.size(), kMaxSegments);
  std::string out = std::string(kFirstWords) + std::to_string(kVersion) + "\n";
  out += "durable " + std::to_string(manifest.durable.value) + "\n";
  out += "add_end " + std::to_string(manifest.add_end.value) + "\n";
  out += "next_number " + std::to_string(manifest.next_number) + "\n";
  for (const ManifestSegment& s : manifest.segments) {
    TRINE_CHECK_LT(s.number, manifest.next_number);
    TRINE_CHECK_LT(s.live_number, manifest.next_number);
    out += "segment " + std::to_string(s.number) + " rows " + std::to_string(s.rows) + " bytes " +
           std::to_string(s.bytes) + " crc " + Hex(s.body_crc) + " live " + std::to_string(s.live_number) +
           "\n";
  }
  out += "end " + Hex(storage::Crc32c(out)) + "\n";
  return out;
}

Result<Manifest> DecodeManifest(std::string_view text) {
  Manifest m;
  TokenReader in(text);
  in.Expect(kFirstWords);
  const auto version = in.Number<uint64_t>();
  if (in.ok() && version != kVersion && HasValidChecksum(text)) {
    return storage::UnsupportedFormatVersion("a manifest", version, kVersion);
  }
  in.Expect("\n");
  in.Expect("durable ");
  m.durable = SeqNo{in.Number<uint64_t>()};
  in.Expect("\nadd_end ");
  m.add_end = SeqNo{in.Number<uint64_t>()};
  in.Expect("\nnext_number ");
  m.next_number = in.Number<uint64_t>();
  in.Expect("\n");
  while (in.ok() && in.Accept("segment ")) {
    if (m.segments.size() == kMaxSegments) return Corrupt("it lists too many segments");
    ManifestSegment s;
    s.number = in.Number<uint64_t>();
    in.Expect(" rows ");
    s.rows = in.Number<uint32_t>();
    in.Expect(" bytes ");
    s.bytes = in.Number<uint64_t>();
    in.Expect(" crc ");
    s.body_crc = in.Number<uint32_t>(16);
    in.Expect(" live ");
    s.live_number = in.Number<uint64_t>();
    in.Expect("\n");
    if (s.number >= m.next_number || s.live_number >= m.next_number)
      return Corrupt("a file number is not below next_number");
    m.segments.push_back(s);
  }
  in.Expect("end ");
  in.Number<uint32_t>(16);
  in.Expect("\n");
  if (!in.ok() || !in.done()) return Corrupt("it cannot be parsed");
  // The text must be equal to the manifest encoded again. This verifies its checksum and rejects numbers that
  // are spelt differently, such as with leading zeros.
  if (EncodeManifest(m) != text) return Corrupt("its checksum is wrong");
  return m;
}

}  // namespace trine::index
