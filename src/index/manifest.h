// Manifest: which files make up an index, and which operations they contain. A small human-readable text file
// that is replaced atomically. Layout: docs/formats/manifest.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace trine::index {

inline constexpr char kManifestName[] = "manifest";

struct ManifestSegment {
  uint64_t number = 0;  // file "_<number>.seg"
  uint32_t rows = 0;
  uint64_t bytes = 0;
  uint32_t body_crc = 0;
  uint64_t live_number = 0;  // file "_<number>_<live_number>.live"; 0: every row is live
  friend bool operator==(const ManifestSegment&, const ManifestSegment&) = default;
};

struct Manifest {
  SeqNo durable;             // operations with a smaller seq_no need no replay
  SeqNo add_end;             // every document with a smaller seq_no was added; it may have been purged since
  uint64_t next_number = 1;  // the next file number; never reused
  std::vector<ManifestSegment> segments;  // oldest first
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

std::string SegmentFileName(uint64_t number);
std::string LiveFileName(uint64_t number, uint64_t live_number);

std::string EncodeManifest(const Manifest& manifest);
// kFormatVersion for an unsupported format version; kCorrupt for any other text that EncodeManifest did not
// write.
Result<Manifest> DecodeManifest(std::string_view text);

}  // namespace trine::index
