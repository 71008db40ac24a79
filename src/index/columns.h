// Column readers over a segment's bytes. Immutable and thread-safe. Opening checks every size, so that no
// read leaves the segment. Sections with damaged contents (offsets that decrease, ordinals that are too
// large) read as absent or empty values.
#pragma once

#include <memory>
#include <string_view>

#include "index/reader.h"
#include "index/segment_format.h"

namespace trine::index {

// Each function returns nullptr if the sizes in the layout contradict each other, and requires extents inside
// `segment` (DecodeLayout checks that). `segment` must outlive the column; `rows` is its row count.
std::unique_ptr<NumberColumn> OpenNumberColumn(std::string_view segment, const NumberLayout& layout,
                                               uint32_t rows);
std::unique_ptr<KeywordColumn> OpenKeywordColumn(std::string_view segment, const KeywordLayout& layout,
                                                 uint32_t rows);
std::unique_ptr<VectorColumn> OpenVectorColumn(std::string_view segment, const VectorLayout& layout,
                                               uint32_t rows);

}  // namespace trine::index
