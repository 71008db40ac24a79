#include "operations/write/conflict.h"

#include <string>

#include "base/limits.h"

namespace trine::operations {
namespace {

Error Conflict(std::string_view id, const std::string& why, ErrorCode code = ErrorCode::kVersionConflict) {
  return Error(code, "[" + std::string(id) + "]: version conflict, " + why).Where(std::string(id));
}

}  // namespace

Status CheckVersion(const WriteOp& op, std::string_view id,
                    const std::optional<catalogue::RecordVersion>& now) {
  const bool live = now && !now->deleted;
  if (op.if_seq_no || op.if_primary_term) {
    const uint64_t seq_no = op.if_seq_no.value_or(0), term = op.if_primary_term.value_or(0);
    const std::string required =
        "required seqNo [" + std::to_string(seq_no) + "], primary term [" + std::to_string(term) + "]. ";
    if (!live) return Conflict(id, required + "but no document was found");
    if (now->seq_no.value != seq_no || now->primary_term != term) {
      return Conflict(id, required + "current document has seqNo [" + std::to_string(now->seq_no.value) +
                              "] and primary term [" + std::to_string(now->primary_term) + "]");
    }
  }
  if (op.kind == WriteOp::Kind::kCreate && live) {
    return Conflict(id, "document already exists (current version [" + std::to_string(now->version) + "])",
                    ErrorCode::kDocumentExists);
  }
  if (op.version_type != WriteOp::VersionType::kInternal && now) {
    const uint64_t given = op.version.value_or(0);
    const bool gte = op.version_type == WriteOp::VersionType::kExternalGte;
    if (gte ? now->version > given : now->version >= given) {
      return Conflict(id, "current version [" + std::to_string(now->version) + "] is " +
                              (gte ? "higher than" : "higher or equal to") + " the one provided [" +
                              std::to_string(given) + "]");
    }
  }
  return Ok();
}

std::optional<uint64_t> VersionToStore(const WriteOp& op) {
  if (op.version_type == WriteOp::VersionType::kInternal) return std::nullopt;
  return op.version.value_or(0);
}

Status CheckId(std::string_view id) {
  if (id.empty()) {
    return Error(ErrorCode::kDocumentId, "an id must not be empty");
  }
  if (id.size() > limits::kMaxIdBytes) {
    return Error(ErrorCode::kDocumentId,
                 "id [" + std::string(id.substr(0, 64)) + "...] is too long, must be no longer than " +
                     std::to_string(limits::kMaxIdBytes) + " bytes but was: " + std::to_string(id.size()));
  }
  return Ok();
}

Error MissingDocument(std::string_view id) {
  return Error(ErrorCode::kDocumentMissing, "[" + std::string(id) + "]: document missing")
      .Where(std::string(id));
}

}  // namespace trine::operations
