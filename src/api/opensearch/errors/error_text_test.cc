#include "api/opensearch/errors/error_text.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "catalogue/name_pattern.h"
#include "operations/write/conflict.h"

namespace trine::api::opensearch {
namespace {

std::string Text(const Error& error) { return ErrorText(error).value_or("none"); }

TEST(ErrorText, NamesTheIndexOrAlias) {
  EXPECT_EQ(Text(Error(ErrorCode::kCollectionNotFound, "m").Where("x")), "no such index [x]");
  EXPECT_EQ(Text(Error(ErrorCode::kAliasRequired, "m").Where("x")),
            "no such index [x] and [require_alias] request flag is [true] and [x] is not an alias");
  EXPECT_EQ(Text(Error(ErrorCode::kCollectionExists, "m").Where("x").Detail("uuid", "u")),
            "index [x/u] already exists");
  EXPECT_EQ(Text(Error(ErrorCode::kManyWriteCollections, "m").Where("a").Got("x,y")),
            "alias [a] has more than one write index [x,y]");
}

TEST(ErrorText, DescribesInvalidNames) {
  const auto text = [](std::string_view name) {
    return Text(catalogue::CheckCollectionName(name, false).error());
  };
  EXPECT_EQ(text("Abc"), "Invalid index name [Abc], must be lowercase");
  EXPECT_EQ(text("_a"), "Invalid index name [_a], must not start with '_', '-', or '+'");
  EXPECT_EQ(
      text("a*"),
      "Invalid index name [a*], must not contain the following characters [ , \", *, \\, <, |, ,, >, /, ?]");
  EXPECT_EQ(text("a#"), "Invalid index name [a#], must not contain '#'");
  const std::string longest(256, 'a');
  EXPECT_EQ(text(longest), "Invalid index name [" + longest + "], index name is too long, (256 > 255)");
  EXPECT_EQ(Text(catalogue::CheckAliasName("").error()), "Invalid alias name [], must not be empty");
}

TEST(ErrorText, VersionConflictsNameBothVersions) {
  operations::WriteOp op;
  op.if_seq_no = 0;
  op.if_primary_term = 1;
  catalogue::RecordVersion now;
  now.seq_no = SeqNo{1};
  now.version = 10;
  now.primary_term = 1;
  EXPECT_EQ(Text(CheckVersion(op, "a", now).error()),
            "[a]: version conflict, required seqNo [0], primary term [1]. current document has seqNo [1] and "
            "primary term [1]");
  EXPECT_EQ(Text(CheckVersion(op, "a", std::nullopt).error()),
            "[a]: version conflict, required seqNo [0], primary term [1]. but no document was found");
  operations::WriteOp create;
  create.kind = operations::WriteOp::Kind::kCreate;
  EXPECT_EQ(Text(CheckVersion(create, "a", now).error()),
            "[a]: version conflict, document already exists (current version [10])");
  operations::WriteOp external;
  external.version_type = operations::WriteOp::VersionType::kExternal;
  external.version = 3;
  EXPECT_EQ(Text(CheckVersion(external, "a", now).error()),
            "[a]: version conflict, current version [10] is higher or equal to the one provided [3]");
  external.version_type = operations::WriteOp::VersionType::kExternalGte;
  EXPECT_EQ(Text(CheckVersion(external, "a", now).error()),
            "[a]: version conflict, current version [10] is higher than the one provided [3]");
}

TEST(ErrorText, DescribesInvalidFieldValues) {
  const auto value = [](ErrorCode code, const char* expected, const char* got) {
    return FieldValueText(Error(code, "m").Expected(expected).Got(got).Where("f"));
  };
  EXPECT_EQ(value(ErrorCode::kNumberRange, "integer", "3e9"), "Value [3e9] is out of range for an integer");
  EXPECT_EQ(value(ErrorCode::kNumberRange, "byte", "300"), "Value [300] is out of range for a byte");
  EXPECT_EQ(value(ErrorCode::kNumberSyntax, "number", "abc"), "For input string: \"abc\"");
  EXPECT_EQ(value(ErrorCode::kNumberNotFinite, "float", "1e+39"),
            "[float] supports only finite values, but got [1e+39]");
  EXPECT_EQ(value(ErrorCode::kValueType, "number", "true"),
            "Current token (VALUE_TRUE) not numeric, can not use numeric value accessors");
  EXPECT_EQ(value(ErrorCode::kValueType, "number", "object"), "Current token is an object, not numeric");
  EXPECT_EQ(value(ErrorCode::kValueType, "text", "array"), "Can't get text on a START_ARRAY");
  EXPECT_EQ(value(ErrorCode::kBooleanSyntax, "boolean", "yes"),
            "Failed to parse value [yes] as only [true] or [false] are allowed.");
  EXPECT_EQ(value(ErrorCode::kDateSyntax, "epoch_millis", "x"),
            "failed to parse date field [x] of [f] with format [epoch_millis]");
  EXPECT_EQ(value(ErrorCode::kVectorDimension, "2", "1"), "Vector dimension mismatch. Expected: 2, Given: 1");
  EXPECT_EQ(value(ErrorCode::kVectorElement, "number", "NaN"), "KNN vector values cannot be NaN");
}

TEST(ErrorText, DescribesFieldErrors) {
  EXPECT_EQ(
      Text(Error(ErrorCode::kFieldParse, "m").Where("p").Expected("long").Got("abc").Detail("id", "1")),
      "failed to parse field [p] of type [long] in document with id '1'. Preview of field's value: 'abc'");
  EXPECT_EQ(Text(Error(ErrorCode::kStrictMapping, "m").Detail("name", "a").Detail("parent", "")),
            "mapping set to strict, dynamic introduction of [a] within [_doc] is not allowed");
  EXPECT_EQ(Text(Error(ErrorCode::kObjectField, "m").Where("raw").Got("raw")),
            "object mapping for [raw] tried to parse field [raw] as object, but found a concrete value");
  EXPECT_EQ(
      Text(Error(ErrorCode::kObjectField, "m").Where("a").Got("a.b").Detail("type", "long")),
      "Could not dynamically add mapping for field [a.b]. Existing mapping for [a] must be of type object "
      "but found [long].");
  EXPECT_EQ(
      Text(Error(ErrorCode::kMappingConflict, "m").Where("f").Detail("from", "text").Detail("to", "long")),
      "mapper [f] cannot be changed from type [text] to [long]");
}

TEST(ErrorText, KeepsTheMessageOfOtherErrors) {
  EXPECT_EQ(ErrorText(Error(ErrorCode::kInvalid, "m")), std::nullopt);
  EXPECT_EQ(ErrorText(Error(ErrorCode::kDocumentId, "m")), std::nullopt);
}

}  // namespace
}  // namespace trine::api::opensearch
