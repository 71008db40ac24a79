#include "recommend/model/section_file.h"

namespace trine::recommend {
namespace {

constexpr std::string_view kMagic = "TRINESEC";
constexpr uint32_t kVersion = 1;
constexpr size_t kAlignment = 16;      // so that arrays of any element type can be read in place
constexpr size_t kMaxSections = 1024;  // a checkpoint has up to 558 sections

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t kind;
  uint32_t sections;
  uint32_t crc;  // CRC-32C of the header, with this member set to 0, and the table
};
static_assert(sizeof(Header) == 24);

struct TableEntry {
  uint32_t id;
  uint32_t crc;
  uint64_t offset;
  uint64_t length;
};
static_assert(sizeof(TableEntry) == 24);

size_t Aligned(size_t at) { return (at + kAlignment - 1) / kAlignment * kAlignment; }

uint32_t HeaderCrc(Header header, std::string_view table) {
  header.crc = 0;
  const uint32_t crc = storage::Crc32c({reinterpret_cast<const char*>(&header), sizeof header});
  return storage::Crc32c(table, crc);
}

}  // namespace

std::string SectionWriter::Finish() const {
  TRINE_CHECK_LE(sections_.size(), kMaxSections);
  Header header{};
  std::memcpy(header.magic, kMagic.data(), sizeof header.magic);
  header.version = kVersion;
  header.kind = kind_;
  header.sections = static_cast<uint32_t>(sections_.size());
  std::string table;
  size_t at = Aligned(sizeof(Header) + sections_.size() * sizeof(TableEntry));
  for (const Section& section : sections_) {
    const TableEntry entry{section.id, storage::Crc32c(section.bytes), at, section.bytes.size()};
    table.append(reinterpret_cast<const char*>(&entry), sizeof entry);
    at = Aligned(at + section.bytes.size());
  }
  header.crc = HeaderCrc(header, table);
  std::string out;
  out.reserve(at);
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(table);
  for (const Section& section : sections_) {
    out.resize(Aligned(out.size()), '\0');
    out.append(section.bytes);
  }
  TRINE_CHECK_LE(out.size(), at);
  return out;
}

Error SectionFile::Broken(const std::string& what) {
  return Error(ErrorCode::kCorrupt, "corrupt file: " + what);
}

Result<SectionFile> SectionFile::Open(std::string_view bytes, uint32_t kind) {
  Header header;
  if (bytes.size() < sizeof header) return Broken("shorter than a header");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (std::string_view(header.magic, sizeof header.magic) != kMagic) return Broken("unexpected magic number");
  if (header.version != kVersion) {
    return Error(ErrorCode::kFormatVersion, "unknown format version of the file")
        .Expected(std::to_string(kVersion))
        .Got(std::to_string(header.version));
  }
  if (header.kind != kind) return Broken("unexpected file kind");
  const size_t table_bytes = header.sections * sizeof(TableEntry);
  if (header.sections > kMaxSections || bytes.size() - sizeof header < table_bytes) {
    return Broken("the section table is truncated");
  }
  const std::string_view table = bytes.substr(sizeof header, table_bytes);
  if (HeaderCrc(header, table) != header.crc) return Broken("checksum mismatch in the header");
  SectionFile file;
  size_t end = sizeof header + table_bytes;  // the end of the part that was read
  for (uint32_t i = 0; i < header.sections; ++i) {
    TableEntry entry;
    std::memcpy(&entry, table.data() + i * sizeof entry, sizeof entry);
    if (entry.offset > bytes.size() || entry.length > bytes.size() - entry.offset) {
      return Broken("section " + std::to_string(entry.id) + " is truncated");
    }
    const std::string_view section = bytes.substr(entry.offset, entry.length);
    if (storage::Crc32c(section) != entry.crc) {
      return Broken("checksum mismatch in section " + std::to_string(entry.id));
    }
    if (entry.offset != Aligned(end) ||
        bytes.substr(end, entry.offset - end).find_first_not_of('\0') != std::string_view::npos) {
      return Broken("bytes outside the sections before section " + std::to_string(entry.id));
    }
    end = entry.offset + entry.length;
    file.entries_.push_back({entry.id, section});
  }
  if (end != bytes.size()) return Broken("bytes after the last section");
  return file;
}

Result<SectionFile> SectionFile::Open(std::shared_ptr<const storage::FileBytes> file, uint32_t kind) {
  TRINE_ASSIGN(SectionFile opened, Open(file->bytes(), kind));
  opened.file_ = std::move(file);
  return opened;
}

Result<std::string_view> SectionFile::Find(uint32_t id) const {
  for (const Entry& entry : entries_) {
    if (entry.id == id) return entry.bytes;
  }
  return Broken("section " + std::to_string(id) + " is missing");
}

void AddStrings(uint32_t offsets_id, uint32_t bytes_id, const std::vector<std::string_view>& strings,
                SectionWriter* writer) {
  std::vector<uint64_t> offsets = {0};
  std::string bytes;
  offsets.reserve(strings.size() + 1);
  for (const std::string_view s : strings) {
    bytes.append(s);
    offsets.push_back(bytes.size());
  }
  TRINE_CHECK_EQ(offsets.size(), strings.size() + 1);
  writer->AddArray(offsets_id, offsets);
  writer->Add(bytes_id, std::move(bytes));
}

Result<StringSections> StringSections::Read(const SectionFile& file, uint32_t offsets_id, uint32_t bytes_id) {
  StringSections strings;
  TRINE_ASSIGN(strings.offsets_, file.Array<uint64_t>(offsets_id));
  TRINE_ASSIGN(strings.bytes_, file.Find(bytes_id));
  if (strings.offsets_.empty() || strings.offsets_.front() != 0) {
    return SectionFile::Broken("the offsets of a string list do not begin with 0");
  }
  for (size_t i = 1; i < strings.offsets_.size(); ++i) {
    if (strings.offsets_[i] < strings.offsets_[i - 1] || strings.offsets_[i] > strings.bytes_.size()) {
      return SectionFile::Broken(
          "the offsets of a string list are not ascending, or point past its last byte");
    }
  }
  return strings;
}

}  // namespace trine::recommend
