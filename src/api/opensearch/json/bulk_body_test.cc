#include "api/opensearch/json/bulk_body.h"

#include <gtest/gtest.h>

namespace trine::api::opensearch {
namespace {

using Kind = operations::WriteOp::Kind;

std::string Refusal(const std::string& body, const BulkDefaults& defaults = {}) {
  const auto items = ParseBulk(body, defaults);
  return items.ok() ? "accepted" : items.error().message;
}

TEST(BulkBody, ReadsActionsAndTheirDocuments) {
  BulkDefaults defaults;
  defaults.index = "i";
  const auto items = ParseBulk(
      "{\"index\":{\"_id\":1,\"routing\":\"r\"}}\r\n{\"n\": 1}\r\n\n"
      "{\"create\":{\"_index\":\"j\",\"_id\":null}}\n{\"n\":2}\n"
      "{\"update\":{\"_id\":\"3\",\"retry_on_conflict\":3}}\n{\"doc\":{\"n\":3},\"doc_as_upsert\":true}\n"
      "{\"delete\":{\"_id\":4,\"if_seq_no\":7,\"if_primary_term\":1}}\n",
      defaults);
  ASSERT_TRUE(items.ok()) << items.error().ToString();
  ASSERT_EQ(items->size(), 4u);
  const auto& index = (*items)[0].op;
  EXPECT_EQ(index.kind, Kind::kIndex);
  EXPECT_EQ(index.id, "1");
  EXPECT_EQ(index.collection, "i");
  EXPECT_EQ(index.source, "{\"n\": 1}");
  EXPECT_EQ(index.routing, "r");
  EXPECT_EQ((*items)[1].op.collection, "j");
  EXPECT_TRUE((*items)[1].op.id.empty());
  EXPECT_EQ((*items)[2].op.retry_on_conflict, 3);
  EXPECT_TRUE((*items)[2].op.doc_as_upsert);
  EXPECT_EQ((*items)[3].op.if_seq_no, 7u);
}

TEST(BulkBody, NamesTheMalformedLine) {
  EXPECT_EQ(
      Refusal("{\"index\":{\"_index\":\"i\"}}\n{}\n{\"odd\":{}}\n{}\n"),
      "Malformed action/metadata line [3], expected one of [create, delete, index, update] but found [odd]");
  EXPECT_EQ(Refusal("{\"index\":{\"_index\":\"i\",\"odd\":1}}\n{}\n"),
            "Action/metadata line [1] contains an unknown parameter [odd]");
  EXPECT_EQ(Refusal("[]\n"),
            "Malformed action/metadata line [1], expected START_OBJECT but found [START_ARRAY]");
  EXPECT_EQ(Refusal("{}\n"),
            "Malformed action/metadata line [1], expected FIELD_NAME but found [END_OBJECT]");
}

TEST(BulkBody, RequiresTrailingNewline) {
  EXPECT_EQ(Refusal("{\"delete\":{\"_index\":\"i\",\"_id\":\"1\"}}"),
            "The bulk request must be terminated by a newline [\\n]");
  EXPECT_EQ(Refusal("{\"delete\":{\"_index\":\"i\",\"_id\":\"1\"}}\n"), "accepted");
}

TEST(BulkBody, RejectsMissingIndexAndId) {
  EXPECT_EQ(Refusal("{\"index\":{}}\n{}\n"), "Validation Failed: 1: index is missing;");
  EXPECT_EQ(Refusal("{\"delete\":{\"_index\":\"i\"}}\n"), "Validation Failed: 1: id is missing;");
  EXPECT_EQ(Refusal(""), "request body is required");
  EXPECT_EQ(Refusal("\n\n"), "request body is required");
  EXPECT_NE(Refusal("{\"index\":{\"_index\":\"i\"}}\n"), "accepted");
}

TEST(BulkBody, ReadsEveryOptionOfAnUpdate) {
  EXPECT_EQ(Refusal("{\"update\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"script\":{}}\n"),
            "[script] in an update is not supported yet");
  EXPECT_NE(Refusal("{\"update\":{\"_index\":\"i\",\"_id\":\"1\"}}\n{\"doc\":1}\n"), "accepted");
  EXPECT_NE(Refusal("{\"update\":{\"_index\":\"i\",\"_id\":\"1\"}}\nnot json\n"), "accepted");
}

TEST(BulkBody, RejectsOnlyItemsWithUnknownIngestPipeline) {
  BulkDefaults defaults;
  defaults.pipeline = "p";
  const auto items = ParseBulk(
      "{\"index\":{\"_index\":\"i\"}}\n{}\n{\"index\":{\"_index\":\"i\",\"pipeline\":\"_none\"}}\n{}\n",
      defaults);
  ASSERT_TRUE(items.ok());
  EXPECT_TRUE((*items)[0].refused.has_value());
  EXPECT_FALSE((*items)[1].refused.has_value());
}

}  // namespace
}  // namespace trine::api::opensearch
