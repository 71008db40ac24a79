// Limits: every bound of the program in one place, each with its reason. A limit that is reached
// is a tested error, never a crash or a slow death.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trine::limits {

inline constexpr size_t kMaxBodyBytes = 100u << 20;          // the original's http.max_content_length
inline constexpr size_t kMaxQueryBodyBytes = 20u << 20;      // a search or a mapping, however long its lists
inline constexpr size_t kMaxCallBodyBytes = 1u << 20;        // calls whose every member is bounded
inline constexpr size_t kMaxModelBodyBytes = 25'000'000;     // InvokeModel, the original's
inline constexpr size_t kMaxJsonValues = 2'000'000;          // of one text; some 65 bytes of memory each
inline constexpr size_t kMaxHeaderBytes = 64u << 10;         // a SigV4 session token fits many times
inline constexpr size_t kMaxJsonDepth = 64;                  // deeper is an attack, not a query
inline constexpr size_t kMaxDocumentDepth = 20;              // index.mapping.depth.limit of the original
inline constexpr size_t kMaxMappingFields = 1000;            // index.mapping.total_fields.limit
inline constexpr size_t kMaxClauses = 1024;                  // indices.query.bool.max_clause_count
inline constexpr size_t kMaxTermsInList = 65536;             // index.max_terms_count
inline constexpr size_t kMaxResultWindow = 10000;            // index.max_result_window
inline constexpr size_t kDefaultFusionWindow = 1000;         // candidates a hybrid clause hands to fusion
inline constexpr size_t kRerankWindow = 200;                 // hits of the fused list a re-ranker sees
inline constexpr size_t kMaxHybridClauses = 5;               // the original's own
inline constexpr size_t kMaxVectorDimension = 16000;         // knn_vector's own
inline constexpr size_t kMaxIdBytes = 512;                   // document ids, the original's
inline constexpr size_t kMaxTermBytes = 32766;               // Lucene's longest term
inline constexpr size_t kMaxCollections = 1000;              // each has files and a mapping in memory
inline constexpr size_t kMaxDocumentTermBytes = 256u << 20;  // bytes that analysis may make of a document
inline constexpr size_t kMaxAnswerBytes = 256u << 20;        // records that one answer may hold
inline constexpr size_t kMaxShapedBytes = 32u << 20;         // an answer that is read again to be filtered
inline constexpr size_t kMaxScrollBytes = 32u << 20;         // bodies of open scrolls; parsed, ten times that
inline constexpr size_t kMaxResults = 500;                   // recommendations in one answer
inline constexpr size_t kMaxEventsPerCall = 10;              // PutEvents
inline constexpr size_t kUserHistoryForServing = 200;        // newest events a serving call reads
inline constexpr size_t kUserHistoryForFilters = 100;        // per user and event type, as documented
inline constexpr int64_t kDefaultDeadlineMillis = 30'000;    // a request without its own
inline constexpr size_t kMaxQuestionBytes = 4096;            // a question, not a document

}  // namespace trine::limits
