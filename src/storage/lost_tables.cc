// A manifest is a log of changes. Each names files that were added to a level of a column family, or removed
// from it. To open a store without some of its tables, their removal is added to the end of the manifest, as
// is that of its list of logs.
//
// The log has blocks of 32 KiB. A record has one or more parts, none of which crosses a block: CRC-32C over
// type and bytes (32 bits, masked), length (16 bits), type (8 bits), bytes. Less than a header at the end of
// a block is filled with zeros. Integers are little-endian.
#include "storage/lost_tables.h"

#include <rocksdb/file_system.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/varint.h"
#include "storage/directory.h"
#include "storage/file_descriptor.h"
#include "storage/rocksdb_error.h"
#include "storage/store_files.h"

namespace trine::storage {
namespace {

constexpr size_t kBlockBytes = 32768, kHeaderBytes = 7;
enum class Part : char { kWhole = 1, kFirst = 2, kMiddle = 3, kLast = 4 };
// Fields of a change in the manifest.
constexpr uint64_t kDeletedFile = 6, kColumnFamily = 200, kForgottenLogs = 8200;

uint32_t Mask(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

void AppendFixed(uint64_t value, size_t bytes, std::string* out) {
  for (size_t i = 0; i < bytes; ++i) *out += static_cast<char>(value >> (8 * i));
}

void AppendRecord(std::string_view record, std::string* log) {
  TRINE_CHECK(!record.empty());
  bool first = true;
  while (!record.empty()) {
    const size_t left = kBlockBytes - log->size() % kBlockBytes;
    if (left <= kHeaderBytes) {
      log->append(left, '\0');
      continue;
    }
    const size_t size = std::min(record.size(), left - kHeaderBytes);
    const bool last = size == record.size();
    const Part part = first ? (last ? Part::kWhole : Part::kFirst) : (last ? Part::kLast : Part::kMiddle);
    const std::string bytes = static_cast<char>(part) + std::string(record.substr(0, size));
    AppendFixed(Mask(Crc32c(bytes)), 4, log);
    AppendFixed(size, 2, log);
    *log += bytes;
    record.remove_prefix(size);
    first = false;
  }
}

// Returns the length of the log up to the end of its last complete record. A crash may leave a part of one.
size_t EndOfRecords(std::string_view log) {
  size_t at = 0, end = 0;
  while (log.size() - at >= kHeaderBytes) {
    const size_t left = kBlockBytes - at % kBlockBytes;
    if (left < kHeaderBytes) {
      at += std::min(left, log.size() - at);
      continue;
    }
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(log[at + i]); };
    const size_t size = byte(4) | byte(5) << 8;
    if (log.size() - at < kHeaderBytes + size || left < kHeaderBytes + size) break;
    const uint32_t stored = byte(0) | byte(1) << 8 | byte(2) << 16 | static_cast<uint32_t>(byte(3)) << 24;
    if (stored != Mask(Crc32c(log.substr(at + kHeaderBytes - 1, size + 1)))) break;
    const auto part = static_cast<Part>(log[at + kHeaderBytes - 1]);
    at += kHeaderBytes + size;
    if (part == Part::kWhole || part == Part::kLast) end = at;
  }
  return end;
}

// RocksDB, opened for reading, does not compare the logs with the manifest's list of complete logs only if
// that list is empty.
std::string WithoutLogs(std::string manifest) {
  std::string below, record;
  AppendVarint(UINT64_MAX >> 1, &below);
  AppendVarint(kForgottenLogs, &record);
  AppendVarint(below.size(), &record);
  AppendRecord(record + below, &manifest);
  return manifest;
}

// The bytes of an edited manifest.
class BytesInMemory final : public rocksdb::FSSequentialFile {
 public:
  explicit BytesInMemory(std::string bytes) : bytes_(std::move(bytes)) {}
  rocksdb::IOStatus Read(size_t n, const rocksdb::IOOptions&, rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext*) override {
    const size_t size = std::min(n, bytes_.size() - at_);
    std::memcpy(scratch, bytes_.data() + at_, size);
    *result = rocksdb::Slice(scratch, size);
    at_ += size;
    return rocksdb::IOStatus::OK();
  }
  rocksdb::IOStatus Skip(uint64_t n) override {
    at_ += static_cast<size_t>(std::min<uint64_t>(n, bytes_.size() - at_));
    return rocksdb::IOStatus::OK();
  }

 private:
  const std::string bytes_;
  size_t at_ = 0;
};

class FilesWithoutTables final : public rocksdb::FileSystemWrapper {
 public:
  FilesWithoutTables(std::shared_ptr<rocksdb::FileSystem> files, std::vector<LostTable> tables)
      : rocksdb::FileSystemWrapper(std::move(files)), tables_(std::move(tables)) {}
  const char* Name() const override { return "trine.FilesWithoutTables"; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override {
    rocksdb::IOStatus opened = target()->NewSequentialFile(path, options, file, context);
    if (!opened.ok() || !IsManifestName(std::filesystem::path(path).filename().string())) return opened;
    std::string all, part(kBlockBytes, '\0');
    while (true) {
      rocksdb::Slice read;
      const rocksdb::IOStatus done =
          (*file)->Read(part.size(), options.io_options, &read, part.data(), context);
      if (!done.ok()) return done;
      if (read.empty()) break;
      all.append(read.data(), read.size());
    }
    *file = std::make_unique<BytesInMemory>(WithoutLogs(ManifestWithout(all, tables_)));
    return rocksdb::IOStatus::OK();
  }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override {
    std::error_code failed;
    const auto type = std::filesystem::status(path, failed).type();
    if (!failed && type != std::filesystem::file_type::regular)
      return rocksdb::IOStatus::PathNotFound("not a regular file: " + path);
    return target()->NewRandomAccessFile(path, options, file, context);
  }

 private:
  const std::vector<LostTable> tables_;
};

}  // namespace

std::string ManifestWithout(std::string_view manifest, const std::vector<LostTable>& tables) {
  if (tables.empty()) return std::string(manifest);
  std::string log(manifest.substr(0, EndOfRecords(manifest)));
  for (const LostTable& table : tables) {
    std::string record;
    AppendVarint(kColumnFamily, &record);
    AppendVarint(table.family_id, &record);
    AppendVarint(kDeletedFile, &record);
    AppendVarint(static_cast<uint64_t>(table.level), &record);
    AppendVarint(table.number, &record);
    AppendRecord(record, &log);
  }
  return log;
}

std::unique_ptr<rocksdb::Env> NewEnvWithoutTables(std::shared_ptr<rocksdb::FileSystem> files,
                                                  std::vector<LostTable> tables) {
  return rocksdb::NewCompositeEnv(std::make_shared<FilesWithoutTables>(std::move(files), std::move(tables)));
}

Result<std::string> WhyTableIsLost(const std::string& file, uint64_t bytes, rocksdb::Env* env) {
  std::error_code failed;
  const auto type = std::filesystem::status(file, failed).type();
  if (type == std::filesystem::file_type::not_found) return std::string("is missing");
  if (failed) return SystemError("cannot examine a file of the store", file, failed.value());
  if (type != std::filesystem::file_type::regular) return std::string("is not a regular file");
  const uint64_t size = std::filesystem::file_size(file, failed);
  if (failed) return SystemError("cannot read the size of a file of the store", file, failed.value());
  if (size != bytes) return "has " + std::to_string(size) + " bytes instead of " + std::to_string(bytes);
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  rocksdb::SstFileReader reader(options);
  const rocksdb::Status opened = reader.Open(file);
  if (opened.ok()) return std::string();
  if (opened.IsIOError()) return StoreError(opened, file);
  return "cannot be opened: " + opened.ToString();
}

}  // namespace trine::storage
