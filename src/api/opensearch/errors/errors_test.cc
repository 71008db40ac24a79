#include "api/opensearch/errors/errors.h"

#include <gtest/gtest.h>

#include "base/memory_budget.h"
#include "storage/format_version.h"

namespace trine::api::opensearch {
namespace {

TEST(Errors, ReportsAMissingIndexInFull) {
  const Error error = Error(ErrorCode::kCollectionNotFound, "no such index [x]").Where("x");
  const WireError wire = ToWire(error);
  EXPECT_EQ(wire.status, 404);
  EXPECT_EQ(
      format::ToString(ErrorMember(wire)),
      R"({"type":"index_not_found_exception","reason":"no such index [x]","index":"x","resource.id":"x",)"
      R"("resource.type":"index_or_alias","index_uuid":"_na_"})");
  ErrorContext about;
  about.resource_type = "index_expression";
  EXPECT_EQ(ToWire(error, about).details.Find("resource.type")->string(), "index_expression");
}

TEST(Errors, MapsEveryKindToAStatus) {
  const std::pair<ErrorCode, int> cases[] = {
      {ErrorCode::kInvalid, 400},  {ErrorCode::kUnsupported, 400},  {ErrorCode::kLimit, 400},
      {ErrorCode::kNotFound, 404}, {ErrorCode::kExists, 400},       {ErrorCode::kConflict, 409},
      {ErrorCode::kBusy, 429},     {ErrorCode::kForbidden, 403},    {ErrorCode::kUnauthenticated, 401},
      {ErrorCode::kTimeout, 503},  {ErrorCode::kCorrupt, 500},      {ErrorCode::kIo, 500},
      {ErrorCode::kInternal, 500}, {ErrorCode::kInUse, 409},        {ErrorCode::kUnavailable, 503},
      {ErrorCode::kNoSpace, 429},  {ErrorCode::kFormatVersion, 500}};
  for (const auto& [kind, status] : cases) EXPECT_EQ(ToWire(Error(kind, "m")).status, status) << Name(kind);
}

TEST(Errors, NamesTheIndexThatLittleFreeSpaceBlocks) {
  const Error error = Error(ErrorCode::kUnavailable, "too little space").Detail("blocked", "free_space");
  const char* block =
      "] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
      "read-only-allow-delete block];";
  ErrorContext about;
  about.index = "books";
  for (const WireError& wire : {ToWire(error, about), ToWire(Error(error).Where("books"))}) {
    EXPECT_EQ(wire.status, 429);
    EXPECT_EQ(wire.type, "cluster_block_exception");
    EXPECT_EQ(wire.reason, std::string("index [books") + block);
    EXPECT_TRUE(wire.details.object().empty());
  }
  const WireError create = ToWire(error);
  EXPECT_EQ(create.status, 403);
  EXPECT_EQ(create.type, "index_create_block_exception");
  EXPECT_EQ(create.reason, "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];");
}

TEST(Errors, NamesTheBlockForADefinitionThatIsTooLargeWhileLittleSpaceIsFree) {
  const WireError wire = ToWire(Error(ErrorCode::kUnavailable, "too little space")
                                    .Detail("blocked", "free_space")
                                    .Detail("definition", "pipeline"));
  EXPECT_EQ(wire.status, 429);
  EXPECT_EQ(wire.type, "cluster_block_exception");
  EXPECT_TRUE(wire.reason.starts_with("blocked by: [TOO_MANY_REQUESTS/12/")) << wire.reason;
}

TEST(Errors, WritesThatTheStoreRefusesMayBeTriedAgain) {
  ErrorContext about;
  about.index = "books";
  const auto refused = [](ErrorCode code) {
    return Error(code, "the store does not accept writes: it failed")
        .Where("/data")
        .Detail("blocked", "store");
  };
  const WireError broken = ToWire(refused(ErrorCode::kIo), about);
  EXPECT_EQ(broken.status, 503);
  EXPECT_EQ(broken.type, "unavailable_shards_exception");
  EXPECT_EQ(broken.reason,
            "[books][0] primary shard is not active: the store does not accept writes: it failed");
  EXPECT_EQ(broken.caused_by.Find("type")->string(), "i_o_exception");
  const WireError definition = ToWire(refused(ErrorCode::kCorrupt));
  EXPECT_EQ(definition.status, 503);
  EXPECT_EQ(definition.type, "status_exception");
  const WireError full = ToWire(refused(ErrorCode::kNoSpace), about);
  EXPECT_EQ(full.status, 429);
  EXPECT_EQ(full.type, "cluster_block_exception");
  EXPECT_TRUE(full.reason.starts_with("index [books] blocked by: [TOO_MANY_REQUESTS/12/")) << full.reason;
  EXPECT_EQ(full.caused_by.Find("reason")->string(), "the store does not accept writes: it failed");
  EXPECT_EQ(ToWire(Error(ErrorCode::kIo, "a read failed"), about).status, 500);
}

TEST(Errors, ReportsUnsupportedFormatVersions) {
  const WireError newer = ToWire(storage::UnsupportedFormatVersion("a record", 2, 1));
  EXPECT_EQ(newer.status, 500);
  EXPECT_EQ(newer.type, "illegal_state_exception");
  EXPECT_NE(newer.reason.find("cannot read a record of format version 2"), std::string::npos) << newer.reason;
  EXPECT_EQ(ToWire(Error(ErrorCode::kCorrupt, "m")).type, "corrupt_index_exception");
}

TEST(Errors, ReportsTheCollectionLimitInShards) {
  const WireError wire = ToWire(Error(ErrorCode::kCollectionLimit, "m").Expected("at most 1000").Got("1000"));
  EXPECT_EQ(wire.status, 400);
  EXPECT_EQ(wire.type, "validation_exception");
  EXPECT_EQ(wire.reason,
            "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has "
            "[2000]/[2000] maximum shards open;");
}

TEST(Errors, OmitsTheCauseFromTheRootCause) {
  const Error error = Error(ErrorCode::kUnknownQuery, "unknown query [foo]").Got("foo");
  const format::Json body = ErrorBody(ToWire(error));
  EXPECT_EQ(body.FindPath("error.caused_by.type")->string(), "named_object_not_found_exception");
  EXPECT_EQ(body.Find("error")->Find("root_cause")->array()[0].Find("caused_by"), nullptr);
  EXPECT_EQ(body.Find("status")->integer(), 400);
}

TEST(Errors, WrapsTheCauseOfAShardFailure) {
  catalogue::Collection collection;
  collection.name = "i";
  collection.uuid = "u";
  const Error error = Error(ErrorCode::kUnmappedSortField, "cannot sort by field \"f\"").Where("f");
  const format::Json body = ShardFailureBody(ToWire(error), &collection, "n");
  EXPECT_EQ(
      format::ToString(body),
      R"({"error":{"root_cause":[{"type":"query_shard_exception","reason":"No mapping found for [f] in order to sort on",)"
      R"("index":"i","index_uuid":"u"}],"type":"search_phase_execution_exception","reason":"all shards failed",)"
      R"("phase":"query","grouped":true,"failed_shards":[{"shard":0,"index":"i","node":"n","reason":)"
      R"({"type":"query_shard_exception","reason":"No mapping found for [f] in order to sort on","index":"i",)"
      R"("index_uuid":"u"}}]},"status":400})");
}

TEST(Errors, OmitsTheRootCauseOfAPhaseFailure) {
  const format::Json body = PhaseFailureBody(ToWire(IllegalArgument("x")));
  EXPECT_TRUE(body.FindPath("error.root_cause")->array().empty());
  EXPECT_EQ(body.FindPath("error.caused_by.reason")->string(), "x");
}

TEST(Errors, KeepsStatusOfRequestsRejectedByHttpServer) {
  const net::Response busy = ErrorResponse(Error(ErrorCode::kBusy, "queue full"), 429);
  EXPECT_EQ(busy.status, 429);
  EXPECT_NE(busy.body.find("rejected_execution_exception"), std::string::npos);
  const net::Response who = ErrorResponse(Error(ErrorCode::kUnauthenticated, "who"), 0);
  EXPECT_EQ(who.status, 401);
  EXPECT_EQ(who.headers.Get("www-authenticate").substr(0, 5), "Basic");
  EXPECT_EQ(ErrorResponse(Error(ErrorCode::kInvalid, "slow"), 408).status, 408);
}

TEST(Errors, WorkThatDoesNotFitIntoMemoryIsACircuitBreakingException) {
  MemoryBudget budget(MemoryBounds::Each(64u << 20));
  const Status refused = budget.Reserve(MemoryUse::kRequests, 83'886'090);
  ASSERT_FALSE(refused.ok());
  const net::Response response = ErrorResponse(refused.error(), 429);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(
      response.body,
      R"({"error":{"root_cause":[{"type":"circuit_breaking_exception","reason":"[requests] Data too large, data for )"
      R"([<http_request>] would be [83886090/80mb], which is larger than the limit of [67108864/64mb]",)"
      R"("bytes_wanted":83886090,"bytes_limit":67108864,"durability":"PERMANENT"}],)"
      R"("type":"circuit_breaking_exception","reason":"[requests] Data too large, data for )"
      R"([<http_request>] would be [83886090/80mb], which is larger than the limit of [67108864/64mb]",)"
      R"("bytes_wanted":83886090,"bytes_limit":67108864,"durability":"PERMANENT"},"status":429})");
  const format::Json other = *format::ParseJson(ErrorResponse(OutOfMemory(), 0).body);
  EXPECT_EQ(other.Find("status")->integer(), 429);
  EXPECT_EQ(other.FindPath("error.durability")->string(), "TRANSIENT");
}

TEST(Errors, SanitizesInvalidUtf8InMessages) {
  const net::Response response = ErrorResponse(Error(ErrorCode::kInvalid, "got \xff\xfe\"\n"), 0);
  EXPECT_TRUE(format::ParseJson(response.body).ok()) << response.body;
}

TEST(Errors, Answers500OnlyForServerFailures) {
  for (int number = 1; number <= 16; ++number) {
    const auto code = static_cast<ErrorCode>(number);
    EXPECT_EQ(ErrorResponse(Error(code, "m")).status == 500, IsServerFailure(KindOf(code))) << Name(code);
  }
}

}  // namespace
}  // namespace trine::api::opensearch
