// SectionFile: a file of numbered, checksummed sections, the format of trained models and checkpoints.
// Layout: docs/formats/model.md.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/check.h"
#include "base/result.h"
#include "storage/directory.h"

namespace trine::recommend {

// Collects sections and lays them out as one file. `kind` is the file type, which readers check. Not
// thread-safe.
class SectionWriter {
 public:
  explicit SectionWriter(uint32_t kind) : kind_(kind) {}
  void Add(uint32_t id, std::string bytes) { sections_.push_back({id, std::move(bytes)}); }
  template <typename T>
  void AddArray(uint32_t id, std::span<const T> values) {
    static_assert(std::is_trivially_copyable_v<T>);
    Add(id, std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  }
  template <typename T>
  void AddArray(uint32_t id, const std::vector<T>& values) {
    AddArray(id, std::span<const T>(values));
  }
  // Returns the file's bytes. If two sections have the same id, readers find the first.
  std::string Finish() const;

 private:
  struct Section {
    uint32_t id;
    std::string bytes;
  };
  const uint32_t kind_;
  std::vector<Section> sections_;
};

// Reads a file that SectionWriter wrote. Immutable and thread-safe. Sections point into the file's bytes; a
// SectionFile opened from a FileBytes keeps the FileBytes alive.
class SectionFile {
 public:
  // Verifies the layout and every checksum. Returns kCorrupt with the reason, or kFormatVersion if the file
  // has an incompatible format version.
  static Result<SectionFile> Open(std::shared_ptr<const storage::FileBytes> file, uint32_t kind);
  static Result<SectionFile> Open(std::string_view bytes, uint32_t kind);  // `bytes` must outlive it

  // Returns kCorrupt if there is no such section.
  Result<std::string_view> Find(uint32_t id) const;
  // Returns the section as an array, or kCorrupt if its length is not a multiple of sizeof(T).
  template <typename T>
  Result<std::span<const T>> Array(uint32_t id) const {
    static_assert(std::is_trivially_copyable_v<T>);
    TRINE_ASSIGN(const std::string_view bytes, Find(id));
    if (bytes.size() % sizeof(T) != 0 || reinterpret_cast<uintptr_t>(bytes.data()) % alignof(T) != 0) {
      return Broken("section " + std::to_string(id) +
                    " has a length that is not a multiple of its element size");
    }
    return std::span<const T>(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
  }
  // The kCorrupt error that every reader of section files returns.
  static Error Broken(const std::string& what);

 private:
  struct Entry {
    uint32_t id;
    std::string_view bytes;
  };
  std::shared_ptr<const storage::FileBytes> file_;
  std::vector<Entry> entries_;
};

// Writes strings as two sections: offsets (u64, one more than there are strings) and bytes.
void AddStrings(uint32_t offsets_id, uint32_t bytes_id, const std::vector<std::string_view>& strings,
                SectionWriter* writer);
// Reads the sections that AddStrings wrote. The strings are not copied: they point into the file's bytes.
// Immutable and thread-safe.
class StringSections {
 public:
  // Returns kCorrupt if a section is missing or the offsets are invalid.
  static Result<StringSections> Read(const SectionFile& file, uint32_t offsets_id, uint32_t bytes_id);
  size_t size() const { return offsets_.size() - 1; }
  std::string_view operator[](size_t i) const {
    TRINE_DCHECK_LT(i, size());
    return bytes_.substr(offsets_[i], offsets_[i + 1] - offsets_[i]);
  }

 private:
  std::span<const uint64_t> offsets_;
  std::string_view bytes_;
};

}  // namespace trine::recommend
