// Byte sources that decompress gzip and convert character encodings to UTF-8.
#include <unicode/ucnv.h>

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "base/utf8.h"
#include "format/csv.h"
#include "format/gzip.h"
#include "format/text.h"

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

struct ConverterCloser {
  void operator()(UConverter* c) const { ucnv_close(c); }
};
using Converter = std::unique_ptr<UConverter, ConverterCloser>;

Result<Converter> OpenConverter(const char* name) {
  UErrorCode failed = U_ZERO_ERROR;
  Converter converter(ucnv_open(name, &failed));
  if (U_FAILURE(failed)) {
    return Error(ErrorCode::kUnsupported, "ICU has no converter for the encoding").Got(name);
  }
  return converter;
}

// Converts text from one encoding to UTF-8 piece by piece. Bytes that cannot be decoded become U+FFFD.
class Transcoder {
 public:
  static Result<std::unique_ptr<Transcoder>> Open(const char* charset) {
    TRINE_ASSIGN(Converter from, OpenConverter(charset));
    TRINE_ASSIGN(Converter to, OpenConverter("UTF-8"));
    return std::unique_ptr<Transcoder>(new Transcoder(std::move(from), std::move(to)));
  }

  void Convert(std::string_view in, bool flush, std::string* out) {
    const char* source = in.data();
    const char* const end = in.data() + in.size();
    char buffer[16384];
    for (;;) {
      UErrorCode failed = U_ZERO_ERROR;
      char* target = buffer;
      ucnv_convertEx(to_.get(), from_.get(), &target, buffer + sizeof buffer, &source, end, pivot_,
                     &pivot_source_, &pivot_target_, pivot_ + std::size(pivot_),
                     static_cast<UBool>(first_ ? 1 : 0), static_cast<UBool>(flush ? 1 : 0), &failed);
      first_ = false;
      out->append(buffer, static_cast<size_t>(target - buffer));
      if (failed != U_BUFFER_OVERFLOW_ERROR) return;
    }
  }

 private:
  Transcoder(Converter from, Converter to) : from_(std::move(from)), to_(std::move(to)) {}
  Converter from_, to_;
  UChar pivot_[4096];
  UChar* pivot_source_ = pivot_;
  UChar* pivot_target_ = pivot_;
  bool first_ = true;
};

class TranscodedSource final : public ByteSource {
 public:
  TranscodedSource(std::unique_ptr<ByteSource> source, std::unique_ptr<Transcoder> coder)
      : source_(std::move(source)), coder_(std::move(coder)) {}
  Result<std::string_view> Next() override {
    out_.clear();
    while (out_.empty() && !ended_) {
      TRINE_ASSIGN(const std::string_view piece, source_->Next());
      ended_ = piece.empty();
      coder_->Convert(piece, ended_, &out_);
      if (first_ && !out_.empty()) {
        first_ = false;
        if (out_.starts_with("\xef\xbb\xbf")) out_.erase(0, 3);
      }
    }
    return std::string_view(out_);
  }

 private:
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<Transcoder> coder_;
  std::string out_;
  bool first_ = true;
  bool ended_ = false;
};

// Copies UTF-8 and replaces invalid sequences. An incomplete sequence at the end of a piece is kept until the
// next piece arrives.
class Utf8Sanitizer {
 public:
  void Convert(std::string_view in, bool flush, std::string* out) {
    std::string joined;
    if (!tail_.empty()) {
      joined = std::move(tail_) + std::string(in);
      tail_.clear();
      in = joined;
    }
    const size_t cut = flush ? 0 : IncompleteUtf8Suffix(in);
    TRINE_DCHECK_LE(cut, in.size());
    AppendSanitizedUtf8(in.substr(0, in.size() - cut), out);
    tail_ = in.substr(in.size() - cut);
  }

 private:
  std::string tail_;
};

// Reads UTF-8 with or without a byte order mark. With `detect`, a UTF-16 byte order mark selects UTF-16;
// otherwise ASCII is passed through until the first non-ASCII character decides between UTF-8 and CP949.
class Utf8Source final : public ByteSource {
 public:
  Utf8Source(std::unique_ptr<ByteSource> source, bool detect) : source_(std::move(source)), detect_(detect) {}

  Result<std::string_view> Next() override {
    out_.clear();
    while (out_.empty() && !ended_) {
      TRINE_ASSIGN(std::string_view piece, source_->Next());
      ended_ = piece.empty();
      held_ += piece;
      // Wait for three bytes, the length of the longest byte order mark.
      if (first_ && held_.size() < 3 && !ended_) continue;
      if (first_) TRINE_TRY(ReadByteOrderMark());
      first_ = false;
      if (detect_) TRINE_TRY(Detect());
      Drain();
    }
    return std::string_view(out_);
  }

 private:
  Status ReadByteOrderMark() {
    if (held_.starts_with("\xef\xbb\xbf")) {
      held_.erase(0, 3);
      detect_ = false;
    } else if (detect_ && (held_.starts_with("\xff\xfe") || held_.starts_with("\xfe\xff"))) {
      detect_ = false;
      TRINE_ASSIGN(coder_, Transcoder::Open("UTF-16"));
    }
    return Ok();
  }

  // Chooses CP949 once `held_` contains invalid UTF-8, and UTF-8 once it contains valid non-ASCII characters.
  Status Detect() {
    const size_t valid = ValidUtf8Prefix(held_);
    const bool ascii = std::all_of(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(valid),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const size_t tail = ended_ ? 0 : IncompleteUtf8Suffix(held_);
    if (valid + tail != held_.size()) {
      detect_ = false;
      TRINE_ASSIGN(coder_, Transcoder::Open("windows-949"));
    } else if (!ascii) {
      detect_ = false;
    }
    return Ok();
  }

  void Drain() {
    if (coder_ != nullptr) {
      coder_->Convert(held_, ended_, &out_);
      held_.clear();
      return;
    }
    // While undecided, an incomplete sequence at the end must stay in `held_` for the next call of Detect.
    const size_t wait = detect_ && !ended_ ? IncompleteUtf8Suffix(held_) : 0;
    sanitizer_.Convert(std::string_view(held_).substr(0, held_.size() - wait), ended_, &out_);
    held_.erase(0, held_.size() - wait);
  }

  std::unique_ptr<ByteSource> source_;
  bool detect_;
  bool first_ = true;
  bool ended_ = false;
  std::string held_;
  std::string out_;
  Utf8Sanitizer sanitizer_;
  std::unique_ptr<Transcoder> coder_;
};

}  // namespace

std::unique_ptr<ByteSource> NewGunzipSource(std::unique_ptr<ByteSource> source) {
  TRINE_CHECK(source != nullptr);
  return std::make_unique<GunzipSource>(std::move(source));
}

Result<std::unique_ptr<ByteSource>> NewUtf8Source(std::unique_ptr<ByteSource> source,
                                                  std::string_view encoding) {
  TRINE_CHECK(source != nullptr);
  const std::string name = ToLowerAscii(encoding);
  if (name == "auto" || name == "utf-8" || name == "utf8") {
    return std::unique_ptr<ByteSource>(std::make_unique<Utf8Source>(std::move(source), name == "auto"));
  }
  const char* charset = nullptr;
  if (name == "cp949" || name == "euc-kr" || name == "ms949" || name == "uhc") charset = "windows-949";
  if (name == "utf-16" || name == "utf16") charset = "UTF-16";
  if (name == "utf-16le") charset = "UTF-16LE";
  if (name == "utf-16be") charset = "UTF-16BE";
  if (charset == nullptr) {
    return Error(ErrorCode::kInvalid, "unknown text encoding")
        .Expected("auto, utf-8, cp949, euc-kr or utf-16")
        .Got(std::string(encoding.substr(0, 40)));
  }
  TRINE_ASSIGN(auto coder, Transcoder::Open(charset));
  return std::unique_ptr<ByteSource>(std::make_unique<TranscodedSource>(std::move(source), std::move(coder)));
}

}  // namespace trine::format
