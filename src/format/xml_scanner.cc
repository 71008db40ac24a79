#include "format/xml_scanner.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "base/utf8.h"

namespace trine::format {
namespace {

constexpr size_t kMaxEntity = 12;  // bytes from the ampersand to the semicolon

// The length of the text without an entity that is cut off at its end.
size_t WithoutCutEntity(std::string_view text) {
  const size_t from = text.size() - std::min(text.size(), kMaxEntity);
  const size_t amp = text.rfind('&');
  const bool cut =
      amp != std::string_view::npos && amp >= from && text.find(';', amp) == std::string_view::npos;
  return cut ? amp : text.size();
}

}  // namespace

// Reads one piece of the source. Returns false at its end.
Result<bool> XmlScanner::Fill() {
  if (ended_) return false;
  TRINE_ASSIGN(const std::string_view more, source_->Next());
  buffer_.erase(0, at_);
  at_ = 0;
  buffer_ += more;
  ended_ = more.empty();
  return !ended_;
}

// The place of the next `end` in the buffer, of which more is read as long as it has less than
// kMaxPieceBytes; npos if there is none.
Result<size_t> XmlScanner::FindEnd(char end) {
  size_t searched = 0;
  for (;;) {
    const size_t found = buffer_.find(end, at_ + searched);
    if (found != std::string::npos) return found;
    searched = buffer_.size() - at_;
    if (searched >= kMaxPieceBytes) return std::string::npos;
    TRINE_ASSIGN(const bool more, Fill());
    if (!more) return std::string::npos;
  }
}

Result<bool> XmlScanner::Next(XmlPiece* piece) {
  for (;;) {
    if (at_ == buffer_.size()) {
      TRINE_ASSIGN(const bool more, Fill());
      if (!more) return false;
    }
    const bool tag = buffer_[at_] == '<';
    TRINE_ASSIGN(size_t end, FindEnd(tag ? '>' : '<'));
    const std::string_view rest = std::string_view(buffer_).substr(at_);
    if (tag && end == std::string::npos) {
      if (!ended_) return Error(ErrorCode::kLimit, "a tag of the XML has more than 1 MiB");
      at_ = buffer_.size();
      return false;
    }
    if (tag) {
      if (ReadTag(end, piece)) return true;
      continue;
    }
    size_t length = end == std::string::npos ? rest.size() : end - at_;
    if (end == std::string::npos && !ended_) length = WithoutCutEntity(rest);
    *piece = {XmlPiece::Kind::kText, {}, rest.substr(0, length)};
    at_ += length;
    return true;
  }
}

// Reads the tag from at_ to its `end`. Returns false if it is a comment or the like.
bool XmlScanner::ReadTag(size_t end, XmlPiece* piece) {
  std::string_view tag = std::string_view(buffer_).substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  if (tag.empty() || tag[0] == '?' || tag[0] == '!') return false;
  piece->kind = XmlPiece::Kind::kOpen;
  if (tag[0] == '/') {
    piece->kind = XmlPiece::Kind::kClose;
    tag.remove_prefix(1);
  } else if (tag.ends_with('/')) {
    piece->kind = XmlPiece::Kind::kEmpty;
    tag.remove_suffix(1);
  }
  const size_t space = std::min(tag.find_first_of(" \t\r\n"), tag.size());
  piece->name = tag.substr(0, space);
  if (const size_t colon = piece->name.find(':'); colon != std::string_view::npos)
    piece->name.remove_prefix(colon + 1);
  piece->inner = tag.substr(space);
  return true;
}

std::string XmlText(std::string_view raw) {
  std::string out;
  while (!raw.empty()) {
    const size_t amp = std::min(raw.find('&'), raw.size());
    out += raw.substr(0, amp);
    raw.remove_prefix(amp);
    const size_t end = raw.substr(0, kMaxEntity).find(';');
    if (raw.empty()) break;
    if (end == std::string_view::npos) {
      out += raw[0];
      raw.remove_prefix(1);
      continue;
    }
    const std::string_view entity = raw.substr(1, end - 1);
    if (entity == "amp") {
      out += '&';
    } else if (entity == "lt") {
      out += '<';
    } else if (entity == "gt") {
      out += '>';
    } else if (entity == "quot") {
      out += '"';
    } else if (entity == "apos") {
      out += '\'';
    } else if (entity.starts_with('#')) {
      const bool hex = entity.starts_with("#x");
      const std::string digits(entity.substr(hex ? 2 : 1));
      AppendUtf8(static_cast<char32_t>(std::strtoul(digits.c_str(), nullptr, hex ? 16 : 10)), &out);
    } else {
      out += raw.substr(0, end + 1);
    }
    raw.remove_prefix(end + 1);
  }
  return out;
}

std::string XmlAttribute(const XmlPiece& tag, std::string_view name) {
  std::string_view rest = tag.inner;
  for (;;) {
    const size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return "";
    std::string_view key = Trim(rest.substr(0, equals));
    if (const size_t colon = key.find(':'); colon != std::string_view::npos) key.remove_prefix(colon + 1);
    const size_t open = rest.find_first_of("\"'", equals);
    if (open == std::string_view::npos) return "";
    const size_t close = rest.find(rest[open], open + 1);
    if (close == std::string_view::npos) return "";
    if (key == name) return XmlText(rest.substr(open + 1, close - open - 1));
    rest.remove_prefix(close + 1);
  }
}

}  // namespace trine::format
