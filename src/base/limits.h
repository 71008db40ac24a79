// Limits of requests, documents and responses that several floors share, each with its reason. A request
// that exceeds a limit gets an error and never causes a crash or unbounded work. A limit that concerns a
// single file is a named constant in that file; connection and queue limits are options of the HTTP server
// (net/server.h).
#pragma once

#include <cstddef>
#include <cstdint>

namespace trine::limits {

inline constexpr size_t kMaxBodyBytes = 100u << 20;          // OpenSearch http.max_content_length
inline constexpr size_t kMaxQueryBodyBytes = 20u << 20;      // enough for a search or mapping with long lists
inline constexpr size_t kMaxCallBodyBytes = 1u << 20;        // for calls whose members all have size limits
inline constexpr size_t kMaxModelBodyBytes = 25'000'000;     // Bedrock InvokeModel
inline constexpr size_t kMaxJsonValues = 2'000'000;          // in one JSON text; each takes about 65 bytes
inline constexpr size_t kMaxHeaderBytes = 64u << 10;         // many times the size of a session token
inline constexpr size_t kMaxJsonDepth = 64;                  // deeper nesting is an attack, not a query
inline constexpr size_t kMaxDocumentDepth = 20;              // OpenSearch index.mapping.depth.limit
inline constexpr size_t kMaxMappingFields = 1000;            // OpenSearch index.mapping.total_fields.limit
inline constexpr size_t kMaxClauses = 1024;                  // OpenSearch indices.query.bool.max_clause_count
inline constexpr size_t kMaxTermsInList = 65536;             // OpenSearch index.max_terms_count
inline constexpr size_t kMaxResultWindow = 10000;            // OpenSearch index.max_result_window
inline constexpr size_t kDefaultFusionWindow = 1000;         // hits of each hybrid clause that are fused
inline constexpr size_t kRerankWindow = 200;                 // hits of the fused list that are re-ranked
inline constexpr size_t kMaxHybridClauses = 5;               // OpenSearch hybrid query
inline constexpr size_t kMaxVectorDimension = 16000;         // OpenSearch knn_vector
inline constexpr size_t kMaxIdBytes = 512;                   // OpenSearch document ids
inline constexpr size_t kMaxTermBytes = 32766;               // Lucene IndexWriter.MAX_TERM_LENGTH
inline constexpr size_t kMaxCollections = 1000;              // each keeps files open and a mapping in memory
inline constexpr size_t kMaxDocumentTermBytes = 256u << 20;  // terms that analysis may produce per document
inline constexpr size_t kMaxAnswerBytes = 256u << 20;        // size of all records in one response
inline constexpr size_t kMaxShapedBytes = 32u << 20;         // largest response for filter_path and ?pretty
inline constexpr size_t kMaxScrollBytes = 32u << 20;         // size of all open scrolls' request bodies
inline constexpr size_t kMaxResults = 500;                   // recommendations in one response
inline constexpr size_t kUserHistoryForServing = 200;        // newest events that taste is derived from
inline constexpr size_t kUserHistoryForFilters = 100;        // Personalize, per user and type; strict only
inline constexpr int64_t kDefaultDeadlineMillis = 30'000;    // requests without a timeout of their own
inline constexpr size_t kMaxQuestionBytes = 4096;            // questions are short

}  // namespace trine::limits
