#include "index/manifest.h"

#include <charconv>
#include <cstdio>

#include "base/limits.h"
#include "storage/directory.h"

namespace trine::index {
namespace {

constexpr std::string_view kFirstLine = "trine index manifest 1\n";
constexpr size_t kMaxSegments = 100'000;  // far above what merging leaves; a bound for hostile bytes

Error Corrupt(std::string what) {
  return Error(ErrorCode::kCorrupt, "a manifest is not what was written: " + std::move(what));
}

std::string Hex(uint32_t v) {
  char text[9];
  std::snprintf(text, sizeof(text), "%08x", v);
  return text;
}

// Reads "word number" pairs; ok() is false after the first thing out of place.
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

}  // namespace

std::string SegmentFileName(uint64_t number) { return "_" + std::to_string(number) + ".seg"; }
std::string LiveFileName(uint64_t number, uint64_t live_number) {
  return "_" + std::to_string(number) + "_" + std::to_string(live_number) + ".live";
}

std::string EncodeManifest(const Manifest& manifest) {
  std::string out(kFirstLine);
  out += "durable " + std::to_string(manifest.durable.value) + "\n";
  out += "add_end " + std::to_string(manifest.add_end.value) + "\n";
  out += "next_number " + std::to_string(manifest.next_number) + "\n";
  for (const ManifestSegment& s : manifest.segments) {
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
  in.Expect(kFirstLine);
  in.Expect("durable ");
  m.durable = SeqNo{in.Number<uint64_t>()};
  in.Expect("\nadd_end ");
  m.add_end = SeqNo{in.Number<uint64_t>()};
  in.Expect("\nnext_number ");
  m.next_number = in.Number<uint64_t>();
  in.Expect("\n");
  while (in.ok() && in.Accept("segment ")) {
    if (m.segments.size() == kMaxSegments) return Corrupt("too many segments");
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
      return Corrupt("a file number is too large");
    m.segments.push_back(s);
  }
  in.Expect("end ");
  in.Number<uint32_t>(16);
  in.Expect("\n");
  if (!in.ok() || !in.done()) return Corrupt("it does not parse");
  // Re-encoding covers the checksum and every way of writing a number that is not ours.
  if (EncodeManifest(m) != text) return Corrupt("its checksum is wrong");
  return m;
}

}  // namespace trine::index
