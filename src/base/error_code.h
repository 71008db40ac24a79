// The closed list of errors, as fine-grained as callers and APIs need. A code belongs to one kind. Each API
// in src/api maps every code to its status and type in one switch without a default, so a new code does not
// compile until every API handles it.
#pragma once

#include <string_view>

namespace trine {

// The category of an error, for callers that do not need the exact case.
// The numbers are those of the generic codes below; never reuse a number.
enum class ErrorKind : int {
  kInvalid = 1,          // the request is wrong: type, range, grammar, unknown option name
  kNotFound = 2,         // the named object does not exist
  kExists = 3,           // the name is already taken
  kConflict = 4,         // optimistic concurrency control lost a race
  kInUse = 5,            // the object's current state does not allow the operation
  kLimit = 6,            // a bound was reached (size, count, nesting, clauses)
  kBusy = 7,             // a queue is full; try again
  kUnauthenticated = 8,  // missing or invalid credentials
  kForbidden = 9,        // the credentials or the configuration do not allow the request
  kTimeout = 10,         // the deadline passed or the work was stopped
  kUnavailable = 11,     // an external service or a component is not available
  kCorrupt = 12,         // stored data is damaged
  kIo = 13,              // the operating system failed an operation
  kUnsupported = 14,     // the requested feature is not implemented
  kInternal = 15,        // a bug in this program
  kFormatVersion = 16,   // stored data is intact, but this program does not support its format version
};

// A specific code exists only where an API, a caller or a test distinguishes the case; everything else has
// the generic code of its kind. Logs show numbers and names; never reuse a number.
enum class ErrorCode : int {
  // One generic code for each ErrorKind. Its name and number are those of the kind.
  kInvalid = 1,
  kNotFound = 2,
  kExists = 3,
  kConflict = 4,
  kInUse = 5,
  kLimit = 6,
  kBusy = 7,
  kUnauthenticated = 8,
  kForbidden = 9,
  kTimeout = 10,
  kUnavailable = 11,
  kCorrupt = 12,
  kIo = 13,
  kUnsupported = 14,
  kInternal = 15,
  kFormatVersion = 16,

  // Text formats.
  kJsonSyntax = 100,  // the text is not JSON
  kJsonDepth = 101,   // nested too deeply
  kJsonBytes = 102,   // too long
  kJsonValues = 103,  // too many values

  // The HTTP server and credentials.
  kMalformedRequest = 110,     // not HTTP, or HTTP that this server rejects
  kBodyTooLarge = 111,         // the body is too large, before or after decompression
  kHeaderTooLarge = 112,       // the start line and header fields are too long
  kContentEncoding = 113,      // a Content-Encoding other than gzip
  kQueueFull = 114,            // the queue of a request class is full
  kMissingCredentials = 120,   // no credentials were sent
  kUnknownCredentials = 121,   // unknown token or user, or a wrong password
  kIncompleteSignature = 122,  // a part of the signature is missing
  kSignatureMismatch = 123,    // the signature does not match the request and the secret
  kClockSkew = 124,            // signed too long ago or too far in the future
  kUnknownAccessKey = 125,     // the access key of a signature is unknown

  // Storage and jobs.
  kNoSpace = 130,        // the disk is full
  kStopped = 140,        // stopped on request, not by a deadline
  kTooLittleData = 141,  // too little data for training or evaluation

  // Collections and their mappings.
  kCollectionNotFound = 150,    // `where` is the name of the collection
  kAliasRequired = 151,         // the write requires an alias, and `where` is not one
  kCollectionExists = 152,      // `where` is the name of the collection
  kCollectionName = 153,        // not a valid collection name; `where` is the name
  kCollectionLimit = 154,       // too many collections; `got` is their number
  kAliasName = 155,             // not a valid alias name
  kAliasNameTaken = 156,        // the new alias has the name of a collection
  kCollectionNameTaken = 157,   // the new collection has the name of an alias
  kManyWriteCollections = 158,  // an alias with more than one write index
  kNoWriteCollection = 159,     // an alias for several collections that has no write index
  kMappingConflict = 160,       // the field has another type or other parameters
  kMappingDepth = 161,          // objects nested too deeply
  kStrictMapping = 162,         // a strict mapping does not allow new fields
  kFieldParse = 163,            // `expected` is the field's type, `got` is the value, `cause` is the reason
  kFieldName = 164,             // a field path contains an empty part
  kObjectField = 165,           // a plain value for a field that is mapped as an object
  kNotAnObject = 166,           // the document is not a JSON object
  kDateFormat = 167,            // not a valid date format
  kMappingFieldLimit = 168,     // too many fields in one mapping
  kNormalizerNotFound = 169,    // `got` is the name of the normalizer

  // Documents.
  kVersionConflict = 170,  // the document's version is not the required one; `where` is its id
  kDocumentExists = 171,   // create with an id that already exists; `where` is the id
  kDocumentMissing = 172,  // `where` is the id of the document
  kDocumentId = 173,       // the document id is empty or too long
  kAnswerTooLarge = 174,   // the records in one response are too large in total
  kTermTooLong = 175,      // a term of an indexed field is too long

  // Histories and imports.
  kSchemaSyntax = 180,   // the Avro schema or one of its columns is invalid
  kCellValue = 181,      // the value does not fit its column
  kBadRow = 182,         // the row is rejected; reading continues
  kMissingColumn = 183,  // the header lacks a column
  kRejectLimit = 184,    // too many rejected rows

  // Document field values: the causes of kFieldParse.
  kNumberSyntax = 190,     // `got` is not a number
  kNumberRange = 191,      // `got` is out of range for the type `expected`
  kNumberNotFinite = 192,  // `got` is infinite or NaN as a value of the type `expected`
  kBooleanSyntax = 193,    // `got` is neither true nor false
  kValueType = 194,        // the value has a JSON type that the field does not accept
  kVectorElement = 195,    // an element of a vector is not a finite number

  // Searches.
  kInvalidQuery = 200,       // the query is invalid in a way that has no code of its own
  kFieldType = 201,          // the field's type does not support this query
  kDateSyntax = 202,         // not a date or date math
  kQueryBoost = 203,         // the boost is negative or not finite
  kTooManyClauses = 204,     // the query has, or expands to, too many clauses
  kTooManyTerms = 205,       // one list of terms is too long
  kResultWindow = 206,       // from + size is too large
  kSearchAfter = 207,        // search_after does not fit the sort, or is combined with "from"
  kZeroVector = 208,         // a zero vector has no direction
  kVectorDimension = 209,    // the vector's dimension differs from the field's
  kHybridQuery = 210,        // a misplaced or malformed hybrid query
  kUnmappedSortField = 211,  // the sort field has no mapping; `where` is the field
  kUnsortableField = 212,    // the field's type has no sort order; `where` is the field
  kFusion = 213,             // invalid fusion parameters
  kFusionPage = 214,         // the page lies beyond the fused results

  // Search pipelines, personal ranking and questions.
  kUnknownPipeline = 220,   // a search uses a pipeline that is not defined
  kPipelineNotFound = 221,  // `where` is the name of the pipeline
  kMissingUserId = 222,     // the pipeline ranks for a user, but the search has no user id
  kMissingItemIds = 223,    // no hit has an item id, or a batch line has no items
  kCampaignNotFound = 224,  // `where` is the name of the campaign
  kNotActive = 225,         // the resource is being created or deleted, or its creation failed
  kStageSkipped = 226,      // an optional stage cannot run, for example without a user id

  // Recommendations.
  kMissingUser = 230,     // the recipe needs a user or a session
  kMissingItem = 231,     // the recipe needs an item
  kRecipeKind = 232,      // the recipe does not support this call
  kHyperparameter = 233,  // a hyperparameter is unknown or out of its range
  kFilterValue = 234,     // a filter parameter is missing, unknown or malformed

  // The command line.
  kUsage = 250,  // an option that is not allowed, alone or in combination with the others

  // Errors that src/api itself finds in a request. Nothing outside src/api uses these codes.
  kIllegalArgument = 300,    // an argument is unknown or out of its range
  kRequestValidation = 301,  // an argument is missing, or two arguments exclude each other
  kRequestSyntax = 302,      // a member of a body is malformed
  kDefinitionSyntax = 303,   // a required body is missing, or the object that it defines is invalid
  kMappingSyntax = 304,      // a malformed mapping
  kUnknownSection = 305,     // an unknown top-level member of a search
  kUnknownSortColumn = 306,  // an unknown column to sort a _cat table by
  kAnalysisState = 307,      // analysis of a text produces too many tokens
  kProcessorProperty = 308,  // an invalid property of a pipeline processor
  kQuerySyntax = 310,        // a malformed query body; `where` is the path
  kUnknownQuery = 311,       // `got` is the name of the query type
  kNestedHybrid = 312,       // a hybrid query inside a hybrid query
  kPaginationDepth = 313,    // pagination_depth is missing where needed, or out of range
  kShapeValidation = 320,    // members of an operation's input violate its shape
  kSerialization = 321,      // a member has the wrong JSON type
  kUnknownOperation = 322,   // the operation is unknown or not implemented
  kNextToken = 323,          // nextToken does not belong to the list that is requested
  kTooManyTags = 324,        // too many tags on one resource
  kFilterSyntax = 325,       // a malformed filter expression
};

ErrorKind KindOf(ErrorCode code);
// Returns true if this program, its disk or its stored data is at fault, not the request. Every API answers
// these kinds, and no others, with status 500.
bool IsServerFailure(ErrorKind kind);

// The stable lower-case name ("invalid", "not_found" ...), for logs and the native API.
std::string_view Name(ErrorKind kind);
// The stable lower-case name ("collection_not_found" ...), for logs and tests.
std::string_view Name(ErrorCode code);

}  // namespace trine
