// ZipArchive: reads the members of a ZIP archive in memory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/csv.h"

namespace trine::format {

// Reads archives with stored and deflated members (APPNOTE 6.3, without ZIP64, encryption and several disks).
// Immutable; thread-safe.
class ZipArchive {
 public:
  // `bytes` must outlive the archive. kCorrupt if it is not a ZIP archive.
  static Result<ZipArchive> Open(std::string_view bytes);
  bool Has(const std::string& name) const { return members_.contains(name); }
  // Returns the content of a member. kNotFound if there is none, kLimit if it has more than `max_bytes`,
  // kUnsupported if it is encrypted or compressed in another way, kCorrupt if it is damaged.
  Result<std::string> Read(const std::string& name, size_t max_bytes) const;
  // The same in pieces of at most 64 KiB. The bytes of the archive must outlive the source, the archive need
  // not. Damage is found where it is read, by the checksum at the end: then Next returns kCorrupt.
  Result<std::unique_ptr<ByteSource>> Stream(const std::string& name, size_t max_bytes) const;

 private:
  struct Member {
    uint16_t flags = 0, method = 0;
    uint32_t crc = 0;
    size_t packed = 0, size = 0, offset = 0;
  };
  explicit ZipArchive(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
  std::map<std::string, Member> members_;
};

}  // namespace trine::format
