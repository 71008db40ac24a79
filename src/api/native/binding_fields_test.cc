#include "api/native/binding_fields.h"

#include <gtest/gtest.h>

namespace trine::api::native {
namespace {

using catalogue::Dynamic;
using catalogue::Field;
using catalogue::FieldType;

Field Named(const std::string& name, FieldType type = FieldType::kKeyword) {
  Field field;
  field.name = name;
  field.type = type;
  return field;
}

catalogue::Mapping ShopMapping() {
  catalogue::Mapping mapping;
  mapping.properties = {Named("product_id"), Named("category_l1")};
  Field specs = Named("specs", FieldType::kObject);
  specs.properties = {Named("colour")};
  mapping.properties.push_back(specs);
  Field loose = Named("loose", FieldType::kObject);
  loose.dynamic = Dynamic::kFalse;
  mapping.properties.push_back(loose);
  Field off = Named("off", FieldType::kObject);
  off.enabled = false;
  mapping.properties.push_back(off);
  return mapping;
}

TEST(CheckBindingFields, AcceptsFieldsOfTheMapping) {
  const catalogue::Mapping mapping = ShopMapping();
  const std::vector<std::pair<std::string, std::string>> fields = {
      {"CATEGORY_L1", "category_l1"}, {"COLOUR", "specs.colour"}, {"A", "loose.a"}, {"B", "off.b"}};
  const Status checked = CheckBindingFields(mapping, {"shop", GroupId{1}, "product_id", fields});
  EXPECT_TRUE(checked.ok()) << checked.error().ToString();
  EXPECT_TRUE(CheckBindingFields(mapping, {"shop", GroupId{1}, "", {}}).ok());
}

TEST(CheckBindingFields, RejectsOthersAndNamesTheNearest) {
  catalogue::Mapping mapping = ShopMapping();
  const auto message = [&](const std::string& id, const std::string& path) {
    const Status checked = CheckBindingFields(mapping, {"shop", GroupId{1}, id, {{"X", path}}});
    return checked.ok() ? "" : checked.error().message + " at " + checked.error().where;
  };
  EXPECT_EQ(message("prodct_id", "category_l1"),
            "the field prodct_id does not exist; did you mean 'product_id'? at item_id_field");
  EXPECT_EQ(message("", "category_l2"),
            "the field category_l2 does not exist; did you mean 'category_l1'? at fields.X");
  EXPECT_EQ(message("", "zzz"), "the field zzz does not exist at fields.X");
  EXPECT_EQ(message("", "specs"), "the field specs is an object at fields.X");
  EXPECT_EQ(message("specs.size", "category_l1"), "the field specs.size does not exist at item_id_field");
  mapping.dynamic = Dynamic::kFalse;
  EXPECT_EQ(message("sku", "category_l1"), "") << "the source may have fields that are not mapped";
  mapping = {};
  EXPECT_EQ(message("sku", "anything"), "") << "the index has no documents yet";
}

}  // namespace
}  // namespace trine::api::native
