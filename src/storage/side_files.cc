#include "storage/side_files.h"

#include <rocksdb/convenience.h>
#include <rocksdb/options.h>
#include <rocksdb/utilities/options_util.h>

#include <map>
#include <string_view>
#include <vector>

namespace trine::storage {
namespace {

// A UUID in its text form; RocksDB may end the file with a new line.
bool IsIdentity(std::string_view text) {
  constexpr size_t kUuidSize = 36;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() != kUuidSize) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::string_view("0123456789abcdefABCDEF").find(text[i]) == text.npos)
      return false;
  }
  return true;
}

// Whether the text ends where RocksDB ends such a file. Sections of one kind, such as "CFOptions", have one
// line for each option, so a file that was cut has a shorter last one.
bool IsWholeOptionsFile(std::string_view text) {
  if (!text.ends_with('\n')) return false;
  std::map<std::string_view, size_t> lines_of;
  std::string_view kind;
  size_t lines = 0;
  const auto end_section = [&] {
    return kind.empty() || lines_of.try_emplace(kind, lines).first->second == lines;
  };
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() + 1);
    if (line.starts_with('[')) {
      if (!end_section()) return false;
      kind = line.substr(1, line.find_first_of(" /]") - 1);
      lines = 0;
    } else if (line.find('=') != line.npos) {
      ++lines;
    }
  }
  return end_section() && lines_of["CFOptions"] > 0 && kind == "TableOptions";
}

}  // namespace

Status CheckSideFile(Directory& folder, const std::string& name) {
  TRINE_ASSIGN(const auto bytes, folder.Open(name));
  if (name == kIdentityFile) {
    if (IsIdentity(bytes->bytes())) return Ok();
    return Error(ErrorCode::kCorrupt, "the identity of the store is damaged").Expected("a UUID");
  }
  const auto damaged = [](const std::string& why) {
    return Error(ErrorCode::kCorrupt, "the options of the store are damaged: " + why);
  };
  if (!IsWholeOptionsFile(bytes->bytes())) return damaged("lines are missing");
  const rocksdb::ConfigOptions config;
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  const rocksdb::Status read =
      rocksdb::LoadOptionsFromFile(config, folder.path() + "/" + name, &options, &families);
  return read.ok() ? Ok() : Status(damaged(read.ToString()));
}

}  // namespace trine::storage
