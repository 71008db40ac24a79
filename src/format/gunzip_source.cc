// A byte source that decompresses gzip.
#include "base/check.h"
#include "format/csv.h"
#include "format/gzip.h"

namespace trine::format {
namespace {

constexpr size_t kPieceBytes = 256u << 10;

class GunzipSource final : public ByteSource {
 public:
  explicit GunzipSource(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), out_(kPieceBytes, '\0') {}

  Result<std::string_view> Next() override {
    for (;;) {
      TRINE_ASSIGN(const size_t size, decoder_.Decode(&in_, out_.data(), out_.size()));
      if (size > 0) return std::string_view(out_.data(), size);
      TRINE_ASSIGN(in_, source_->Next());
      if (!in_.empty()) continue;
      if (decoder_.complete()) return std::string_view();
      return Error(ErrorCode::kCorrupt, "the gzip stream is corrupt: it ends inside a member");
    }
  }

 private:
  std::unique_ptr<ByteSource> source_;
  GzipDecoder decoder_;
  std::string_view in_;  // the part of the source's last piece that is not decoded yet
  std::string out_;
};

}  // namespace

std::unique_ptr<ByteSource> NewGunzipSource(std::unique_ptr<ByteSource> source) {
  TRINE_CHECK(source != nullptr);
  return std::make_unique<GunzipSource>(std::move(source));
}

}  // namespace trine::format
