// Column readers over a segment's bytes. Immutable, thread-safe. Open checks every size, so that no
// read leaves the segment; values that are broken inside (offsets that fall) read as nothing.
#pragma once

#include <memory>
#include <string_view>

#include "index/reader.h"
#include "index/segment_format.h"

namespace trine::index {

// nullptr when the sizes do not fit together. `segment` must outlive the column; `rows` is its row count.
std::unique_ptr<NumberColumn> OpenNumberColumn(std::string_view segment, const NumberLayout& layout,
                                               uint32_t rows);
std::unique_ptr<KeywordColumn> OpenKeywordColumn(std::string_view segment, const KeywordLayout& layout,
                                                 uint32_t rows);
std::unique_ptr<VectorColumn> OpenVectorColumn(std::string_view segment, const VectorLayout& layout,
                                               uint32_t rows);

}  // namespace trine::index
