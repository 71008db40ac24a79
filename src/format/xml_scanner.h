// XmlScanner: reads the tags and texts of an XML stream, for the parts of an Excel workbook.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "format/csv.h"

namespace trine::format {

// One piece of XML: a tag, or text between two tags. The views are valid until the next call of Next.
struct XmlPiece {
  enum class Kind { kOpen, kClose, kEmpty, kText } kind = Kind::kText;
  std::string_view name;   // of a tag, without its namespace prefix
  std::string_view inner;  // the attributes of a tag, or the raw text
};

// Walks over XML without checking it. Comments, processing instructions and declarations are skipped. Holds
// one piece of its source, and the tag or text that is being read. Not thread-safe.
class XmlScanner {
 public:
  // Longer tags are an error. A longer text is returned in several pieces, none of which ends inside an
  // entity.
  static constexpr size_t kMaxPieceBytes = 1u << 20;

  explicit XmlScanner(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}
  // Returns false at the end of the stream. kLimit if a tag is too long; other errors come from the source.
  Result<bool> Next(XmlPiece* piece);

 private:
  Result<bool> Fill();
  Result<size_t> FindEnd(char end);
  bool ReadTag(size_t end, XmlPiece* piece);

  const std::unique_ptr<ByteSource> source_;
  std::string buffer_;  // what was read and not yet returned begins at at_
  size_t at_ = 0;
  bool ended_ = false;
};

// Decodes the entities of XML. An unknown one stays as it is.
std::string XmlText(std::string_view raw);
// The value of a tag's attribute, with or without a namespace prefix; empty if there is none.
std::string XmlAttribute(const XmlPiece& tag, std::string_view name);

}  // namespace trine::format
