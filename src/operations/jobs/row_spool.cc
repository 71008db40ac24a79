#include "operations/jobs/row_spool.h"

#include <utility>

#include "format/text.h"

namespace trine::operations {
namespace {

using format::Json;

constexpr size_t kBufferBytes = 1u << 20;

}  // namespace

RowSpool::RowSpool(std::string folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name) + ".rows") {}

RowSpool::~RowSpool() {
  file_.reset();
  if (directory_ != nullptr) static_cast<void>(directory_->Remove(name_).ok());
}

// Each item is one line: a JSON array.
Status RowSpool::Add(const SpooledItem& item) {
  if (file_ == nullptr) {
    TRINE_ASSIGN(directory_, storage::OpenDirectory(folder_));
    TRINE_ASSIGN(file_, directory_->Create(name_));
  }
  Json line(Json::Array{});
  line.Push(item.object);
  line.Push(item.line);
  line.Push(item.id);
  line.Push(item.attributes);
  line.Push(item.raw);
  buffer_ += format::ToString(line) + "\n";
  return buffer_.size() < kBufferBytes ? Ok() : file_->Append(std::exchange(buffer_, {}));
}

Status RowSpool::Read(const std::function<Status(SpooledItem)>& visit) {
  if (file_ == nullptr) return Ok();
  TRINE_TRY(file_->Append(std::exchange(buffer_, {})));
  TRINE_TRY(file_->Close());
  TRINE_ASSIGN(const std::shared_ptr<const storage::FileBytes> file, directory_->Open(name_));
  std::string_view rest = file->bytes();
  while (const std::optional<std::string_view> line = format::NextLine(&rest)) {
    Result<Json> values = format::ParseJson(*line);
    if (!values.ok() || !values->is_array() || values->array().size() != 5) {
      return Error(ErrorCode::kCorrupt, "a temporary file of an import is damaged")
          .Where(folder_ + "/" + name_);
    }
    Json::Array& array = values->array();
    SpooledItem item;
    item.object = array[0].string();
    item.line = static_cast<uint64_t>(array[1].integer());
    item.id = array[2].string();
    item.attributes = std::move(array[3]);
    item.raw = array[4].string();
    TRINE_TRY(visit(std::move(item)));
  }
  return Ok();
}

}  // namespace trine::operations
