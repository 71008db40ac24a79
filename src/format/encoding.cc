#include "format/encoding.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/encoding_guess.h"

namespace trine::format {
namespace {

constexpr size_t kWindowBytes = 1u << 20;  // from which the encoding is detected
constexpr size_t kLongestMark = 4;         // bytes of the longest byte order mark
// Below this number, broken sequences are only counted: in a small file they may be a large share.
constexpr uint64_t kToleratedBroken = 1000;

struct Encoding {
  std::string_view name;
  const char* charset;  // ICU's name; nullptr: UTF-8, which is not converted
  std::array<std::string_view, 5> aliases;
};
constexpr std::array kEncodings = {
    Encoding{"utf-8", nullptr, {"utf8"}},
    Encoding{"cp949", "windows-949", {"euc-kr", "ms949", "uhc", "windows-949", "euckr"}},
    Encoding{"shift_jis", "windows-31j", {"shift-jis", "sjis", "cp932", "ms932", "windows-31j"}},
    Encoding{"euc-jp", "EUC-JP", {"eucjp"}},
    Encoding{"gb18030", "gb18030", {"gbk", "gb2312", "cp936"}},
    Encoding{"big5", "Big5", {"cp950"}},
    Encoding{"windows-1252", "windows-1252", {"cp1252"}},
    Encoding{"iso-8859-1", "ISO-8859-1", {"latin-1", "latin1"}},
    Encoding{"iso-2022-jp", "ISO-2022-JP", {}},
    Encoding{"iso-2022-kr", "ISO-2022-KR", {}},
    Encoding{"utf-16", "UTF-16", {"utf16"}},
    Encoding{"utf-16le", "UTF-16LE", {"utf16le"}},
    Encoding{"utf-16be", "UTF-16BE", {"utf16be"}},
    Encoding{"utf-32", "UTF-32", {"utf32"}},
};

const Encoding* FindEncoding(std::string_view name) {
  const std::string lower = ToLowerAscii(name);
  for (const Encoding& encoding : kEncodings) {
    if (encoding.name == lower) return &encoding;
    if (std::find(encoding.aliases.begin(), encoding.aliases.end(), lower) != encoding.aliases.end())
      return lower.empty() ? nullptr : &encoding;
  }
  return nullptr;
}

// The bytes that could not be decoded so far.
struct Damage {
  uint64_t broken = 0, first = 0;
  void Count(uint64_t position) {
    if (broken++ == 0) first = position;
  }
};

// Converts pieces of a text. `base` is the position of the piece in the source. `flush` is set for the last
// piece, which may be empty.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual void Convert(std::string_view in, uint64_t base, bool flush, std::string* out, Damage* damage) = 0;
};

// Copies UTF-8 and replaces invalid sequences. An incomplete sequence at the end of a piece is kept until the
// next piece arrives.
class Utf8Decoder final : public Decoder {
 public:
  void Convert(std::string_view in, uint64_t base, bool flush, std::string* out, Damage* damage) override {
    std::string joined;
    base -= tail_.size();
    if (!tail_.empty()) {
      joined = std::exchange(tail_, {}) + std::string(in);
      in = joined;
    }
    const size_t cut = flush ? 0 : IncompleteUtf8Suffix(in);
    TRINE_DCHECK_LE(cut, in.size());
    tail_ = in.substr(in.size() - cut);
    in.remove_suffix(cut);
    if (IsValidUtf8(in)) {
      *out += in;
      return;
    }
    while (!in.empty()) {
      const size_t valid = ValidUtf8Prefix(in);
      *out += in.substr(0, valid);
      base += valid;
      in.remove_prefix(valid);
      if (in.empty()) return;
      // The rest of one line is repaired at a time, so that the valid text after it is copied whole.
      const size_t line = std::min(in.find('\n'), in.size());
      const size_t before = out->size();
      AppendSanitizedUtf8(in.substr(0, line), out);
      const uint64_t written = Replacements(std::string_view(*out).substr(before));
      const uint64_t original = Replacements(in.substr(0, line));
      for (uint64_t i = original; i < written; ++i) damage->Count(base);
      base += line;
      in.remove_prefix(line);
    }
  }

 private:
  static uint64_t Replacements(std::string_view text) {
    uint64_t count = 0;
    for (size_t at = text.find("\uFFFD"); at != std::string_view::npos; at = text.find("\uFFFD", at + 3))
      ++count;
    return count;
  }
  std::string tail_;
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

// Converts with ICU.
class IcuDecoder final : public Decoder {
 public:
  static Result<std::unique_ptr<Decoder>> Open(const char* charset) {
    TRINE_ASSIGN(Converter from, OpenConverter(charset));
    TRINE_ASSIGN(Converter to, OpenConverter("UTF-8"));
    return std::unique_ptr<Decoder>(new IcuDecoder(std::move(from), std::move(to)));
  }

  void Convert(std::string_view in, uint64_t base, bool flush, std::string* out, Damage* damage) override {
    damage_ = damage;
    base_ = base;
    begin_ = in.data();
    const char* source = in.data();
    const char* const end = in.data() + in.size();
    std::array<char, 16384> buffer;  // NOLINT: filled by ICU
    for (;;) {
      UErrorCode failed = U_ZERO_ERROR;
      char* target = buffer.data();
      ucnv_convertEx(to_.get(), from_.get(), &target, buffer.data() + buffer.size(), &source, end,
                     pivot_.data(), &pivot_source_, &pivot_target_, pivot_.data() + pivot_.size(),
                     static_cast<UBool>(first_ ? 1 : 0), static_cast<UBool>(flush ? 1 : 0), &failed);
      first_ = false;
      const size_t before = out->size();
      out->append(buffer.data(), static_cast<size_t>(target - buffer.data()));
      ReplacePrivateUse(before, in, out);
      if (failed != U_BUFFER_OVERFLOW_ERROR) return;
    }
  }

 private:
  IcuDecoder(Converter from, Converter to) : from_(std::move(from)), to_(std::move(to)) {
    UErrorCode failed = U_ZERO_ERROR;
    ucnv_setToUCallBack(from_.get(), &Replace, this, nullptr, nullptr, &failed);
    TRINE_CHECK(U_SUCCESS(failed));
  }
  // ICU maps the undefined single bytes of CP949 and Shift_JIS to U+F8F0 to U+F8F7 instead of reporting them.
  void ReplacePrivateUse(size_t from, std::string_view in, std::string* out) {
    constexpr std::string_view kPrefix = "\xef\xa3";
    for (size_t at = out->find(kPrefix, from); at != std::string::npos; at = out->find(kPrefix, at + 3)) {
      const auto last = static_cast<unsigned char>((*out)[at + 2]);
      if (last < 0xb0 || last > 0xb7) continue;
      damage_->Count(base_ + std::min(in.find('\xff'), in.size()));
      out->replace(at, 3, "\uFFFD");
    }
  }
  // ICU's own substitution would write U+001A for a single byte, and could not be counted.
  static void Replace(const void* context, UConverterToUnicodeArgs* args, const char*, int32_t length,
                      UConverterCallbackReason reason, UErrorCode* failed) {
    if (reason > UCNV_IRREGULAR) return;
    constexpr UChar kReplacement = 0xfffd;
    *failed = U_ZERO_ERROR;
    const auto* self = static_cast<const IcuDecoder*>(context);
    self->damage_->Count(
        static_cast<uint64_t>(static_cast<int64_t>(self->base_) + (args->source - self->begin_) - length));
    ucnv_cbToUWriteUChars(args, &kReplacement, 1, 0, failed);
  }

  const Converter from_, to_;
  std::array<UChar, 4096> pivot_;  // NOLINT: filled by ICU
  UChar* pivot_source_ = pivot_.data();
  UChar* pivot_target_ = pivot_.data();
  bool first_ = true;
  // Set during Convert, for Replace.
  Damage* damage_ = nullptr;
  uint64_t base_ = 0;
  const char* begin_ = nullptr;
};

Result<std::unique_ptr<Decoder>> OpenDecoder(const Encoding& encoding) {
  if (encoding.charset == nullptr) return std::unique_ptr<Decoder>(std::make_unique<Utf8Decoder>());
  return IcuDecoder::Open(encoding.charset);
}

}  // namespace

struct Utf8Source::Impl {
  explicit Impl(std::unique_ptr<ByteSource> s) : source(std::move(s)) {}

  std::unique_ptr<ByteSource> source;
  bool detect = false;
  bool marked = false;   // the place of a byte order mark was examined
  bool started = false;  // the start of the text was examined for UTF-16
  bool ended = false;
  bool any_output = false;
  std::string name = "utf-8";
  std::unique_ptr<Decoder> decoder;  // nullptr: not detected yet
  std::string held;                  // bytes that are not decoded yet
  uint64_t base = 0;                 // the position of `held` in the source
  std::string out;
  uint64_t foreign = 0;  // characters outside ASCII in the output, approximately
  Damage damage;

  Status Use(std::string_view encoding) {
    const Encoding* found = FindEncoding(encoding);
    TRINE_CHECK(found != nullptr);
    name = found->name;
    TRINE_ASSIGN(decoder, OpenDecoder(*found));
    return Ok();
  }
  void Drop(size_t bytes) {
    held.erase(0, bytes);
    base += bytes;
  }
  Status ReadByteOrderMark();
  Status Detect();
  Status Decode();
};

// A mark outranks "auto", and a UTF-8 mark outranks every other name: no text in another encoding begins with
// it. The marks of UTF-16 are left to the converter, which needs them.
Status Utf8Source::Impl::ReadByteOrderMark() {
  using namespace std::string_view_literals;
  marked = true;
  if (held.starts_with("\xef\xbb\xbf"sv)) {
    Drop(3);
    return Use("utf-8");
  }
  if (!detect) return Ok();
  if (held.starts_with("\xff\xfe\0\0"sv) || held.starts_with("\0\0\xfe\xff"sv)) return Use("utf-32");
  if (held.starts_with("\xff\xfe"sv) || held.starts_with("\xfe\xff"sv)) return Use("utf-16");
  return Ok();
}

Status Utf8Source::Impl::Detect() {
  // Zero bytes occur in UTF-16, and the escape character in ISO-2022.
  const auto is_foreign = [](char c) { return c == 0 || c == 0x1b || static_cast<unsigned char>(c) >= 0x80; };
  // UTF-16 shows within its first characters; nothing of it may pass through as ASCII.
  const std::string_view start = std::string_view(held).substr(0, started ? 0 : kLongestMark);
  const bool wide = std::any_of(start.begin(), start.end(), is_foreign);
  const auto found = std::find_if(held.begin(), held.end(), is_foreign);
  if (!wide) {
    started = true;
    const auto ascii = static_cast<size_t>(found - held.begin());
    // The last ASCII character stays: a letter after it is judged by it.
    const size_t kept = ascii > 0 && !(ended && ascii == held.size()) ? 1 : 0;
    out.append(held, 0, ascii - kept);
    Drop(ascii - kept);
    if (held.size() == kept) return Ok();
  }
  if (held.size() < kWindowBytes && !ended) return Ok();
  TRINE_ASSIGN(const std::string guess, GuessEncoding(held, base, ended));
  return Use(guess);
}

Status Utf8Source::Impl::Decode() {
  decoder->Convert(held, base, ended, &out, &damage);
  Drop(held.size());
  if (damage.broken == 0 && name == "utf-8") return Ok();
  foreign += static_cast<uint64_t>(
      std::count_if(out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xc0; }));
  if (damage.broken <= kToleratedBroken || damage.broken * 5 <= foreign) return Ok();
  return Error(ErrorCode::kInvalid, "the text is not " + name + ": " + std::to_string(damage.broken) +
                                        " sequences of bytes cannot be decoded, the first at position " +
                                        std::to_string(damage.first))
      .Expected("one encoding for the whole file")
      .Where("byte " + std::to_string(damage.first));
}

Utf8Source::Utf8Source(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Utf8Source::~Utf8Source() = default;

Result<std::unique_ptr<Utf8Source>> Utf8Source::Open(std::unique_ptr<ByteSource> source,
                                                     std::string_view encoding) {
  TRINE_CHECK(source != nullptr);
  auto impl = std::make_unique<Impl>(std::move(source));
  impl->detect = ToLowerAscii(encoding) == "auto";
  if (!impl->detect) {
    const Encoding* found = FindEncoding(encoding);
    if (found == nullptr) {
      std::string known = "auto";
      for (const Encoding& each : kEncodings) known += ", " + std::string(each.name);
      return Error(ErrorCode::kInvalid, "unknown text encoding")
          .Expected(known)
          .Got(std::string(CutUtf8(encoding, 40)));
    }
    TRINE_TRY(impl->Use(found->name));
  }
  return std::unique_ptr<Utf8Source>(new Utf8Source(std::move(impl)));
}

Result<std::string_view> Utf8Source::Next() {
  Impl& s = *impl_;
  s.out.clear();
  while (s.out.empty() && !s.ended) {
    TRINE_ASSIGN(const std::string_view piece, s.source->Next());
    s.ended = piece.empty();
    s.held += piece;
    if (!s.marked && s.held.size() < kLongestMark && !s.ended) continue;
    if (!s.marked) TRINE_TRY(s.ReadByteOrderMark());
    if (s.decoder == nullptr) TRINE_TRY(s.Detect());
    if (s.decoder != nullptr) TRINE_TRY(s.Decode());
    if (s.out.empty() || std::exchange(s.any_output, true)) continue;
    if (s.out.starts_with("\xef\xbb\xbf")) s.out.erase(0, 3);  // some converters keep the mark
  }
  return std::string_view(s.out);
}

const std::string& Utf8Source::encoding() const { return impl_->name; }
uint64_t Utf8Source::broken() const { return impl_->damage.broken; }
uint64_t Utf8Source::first_broken() const { return impl_->damage.first; }

}  // namespace trine::format
