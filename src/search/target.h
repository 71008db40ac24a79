// Target: one collection to search, and the reader to search it with.
#pragma once

#include "catalogue/catalogue.h"
#include "index/reader.h"
#include "search/query/query.h"

namespace trine::search {

struct Target {
  catalogue::CollectionPtr collection;
  index::IndexReaderPtr reader;
  QueryPtr alias_filter;  // restricts every query on this target; nullptr: none
};

}  // namespace trine::search
