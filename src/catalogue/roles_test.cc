#include "catalogue/roles.h"

#include <gtest/gtest.h>

#include "catalogue/declared_roles.h"
#include "format/quantity_text.h"

namespace trine::catalogue {
namespace {

using format::Json;

std::string RoleText(std::string_view name) {
  const auto named = RoleOfName(name);
  if (!named) return "none";
  std::string text(Name(named->role));
  if (named->inverse) text += " inverse";
  if (!named->unit.empty()) text += " " + named->unit;
  if (!named->currency.empty()) text += " " + named->currency;
  if (named->general) text += " general";
  return text;
}

TEST(RoleOfName, KnowsTheHeadersOfShops) {
  struct Case {
    const char* name;
    const char* role;
  };
  constexpr Case kCases[] = {// Cafe24
                             {"상품명", "title"},
                             {"상품명(관리용)", "none"},
                             {"영문 상품명", "title"},
                             {"판매가", "price"},
                             {"판매가 대체문구", "none"},
                             {"상품분류", "category"},
                             {"상품분류 번호", "none"},
                             {"상품 상세설명", "text"},
                             {"상품 요약설명", "text"},
                             {"진열상태", "visible"},
                             {"판매상태", "visible"},
                             {"상품 전체중량(kg)", "weight kg"},
                             {"이미지등록(상세)", "image"},
                             {"브랜드", "brand"},
                             {"상품색상", "colour"},
                             {"품절여부", "stock inverse"},
                             {"출시일자", "created"},
                             // Godomall
                             {"goodsNm", "title"},
                             {"goods_nm", "title"},
                             {"goodsPrice", "price"},
                             {"soldOutFl", "stock inverse"},
                             {"soldout_fl", "stock inverse"},
                             {"totalStock", "stock"},
                             {"brandNm", "brand"},
                             {"regDt", "created"},
                             // Smartstore
                             {"재고수량", "stock"},
                             {"대표이미지", "image"},
                             {"제조사", "brand"},
                             {"상세설명", "text"},
                             {"카테고리", "category"},
                             // Shopify
                             {"Title", "title"},
                             {"Body (HTML)", "text"},
                             {"Vendor", "brand"},
                             {"Product Category", "category"},
                             {"Variant Price", "price"},
                             {"Variant Compare At Price", "none"},
                             {"Variant Grams", "weight grams"},
                             {"Weight value (grams)", "weight grams"},
                             {"Image Src", "image"},
                             {"Handle", "url"},
                             {"Published", "visible"},
                             {"Variant Inventory Qty", "stock"},
                             {"Option1 Name", "none"},
                             {"Published on online store", "visible"},
                             {"Inventory quantity", "stock"},
                             {"Product image URL", "image"},
                             // WooCommerce
                             {"Name", "title"},
                             {"Short description", "text"},
                             {"Regular price", "price"},
                             {"Sale price", "price"},
                             {"In stock?", "stock"},
                             {"Weight (kg)", "weight kg"},
                             {"Categories", "category"},
                             {"Images", "image"},
                             {"Visibility in catalog", "visible"},
                             {"Date sale price starts", "none"},
                             {"Low stock amount", "none"},
                             // Magento
                             {"special_price", "price"},
                             {"is_in_stock", "stock"},
                             {"out_of_stock_qty", "none"},
                             {"product_online", "visible"},
                             {"url_key", "url"},
                             {"base_image", "image"},
                             {"created_at", "created"},
                             {"manufacturer", "brand"},
                             // Personalize, and names in common use
                             {"CATEGORY_L1", "category"},
                             {"PRODUCT_DESCRIPTION", "text"},
                             {"CREATION_TIMESTAMP", "created"},
                             {"title_en", "title"},
                             {"weight_g", "weight g"},
                             {"price_usd", "price USD"},
                             {"가격(원)", "price KRW"},
                             {"상품가격", "price"},
                             {"상품이미지", "image"},
                             {"categoryL2", "category"},
                             {"colour_en", "colour"},
                             {"brand.name", "brand"},
                             {"seller.name", "none"},
                             {"product.name", "title"},
                             {"price.amount", "price"},
                             {"상품", "title general"},
                             {"product", "title general"},
                             {"product_id", "none"},
                             {"상품코드", "none"},
                             {"item_url", "url"},
                             {"username", "none"},
                             {"brand_name", "brand"},
                             {"nickname", "none"},
                             {"", "none"}};
  for (const Case& c : kCases) EXPECT_EQ(RoleText(c.name), c.role) << c.name;
}

TEST(RoleNamed, KnowsEveryRole) {
  for (const Role role : kAllRoles) EXPECT_EQ(RoleNamed(Name(role)), role);
  EXPECT_EQ(RoleNamed("Color"), Role::kColour);
  EXPECT_EQ(RoleNamed("prize"), std::nullopt);
}

Field Leaf(const char* name, FieldType type) {
  Field field;
  field.name = name;
  field.type = type;
  if (type == FieldType::kText) {
    Field keyword;
    keyword.name = "keyword";
    keyword.type = FieldType::kKeyword;
    field.fields.push_back(keyword);
  }
  return field;
}

Mapping Texts(const std::vector<const char*>& names) {
  Mapping mapping;
  for (const char* name : names) mapping.properties.push_back(Leaf(name, FieldType::kText));
  return mapping;
}

CatalogueStatistics Sample(const std::vector<const char*>& records) {
  CatalogueStatistics statistics;
  for (const char* record : records) statistics.Add(format::ParseJson(record).value());
  return statistics;
}

std::string Show(const Roles& roles) {
  std::string out;
  for (const AssignedRole& a : roles.assigned)
    out += (out.empty() ? "" : ", ") + std::string(Name(a.role)) + "=" + a.field + "(" +
           std::string(Name(a.source)) + ")";
  return out;
}

std::vector<std::string> Facets(const Roles& roles) {
  std::vector<std::string> paths;
  for (const FacetField& facet : roles.facets) paths.push_back(facet.path);
  return paths;
}

TEST(ResolveRoles, UsesNamesTypesAndData) {
  const auto statistics = Sample(
      {R"({"상품명":"무선 이어폰 A","판매가":"12,900원","상품 상세설명":"귀가 편합니다.","색":"블랙"})",
       R"({"상품명":"무선 이어폰 B","판매가":"159,000원 / 품절","상품 상세설명":"오래 갑니다.","색":"화이트"})",
       R"({"상품명":"생수 2L","판매가":"900원","상품 상세설명":"물입니다.","색":"블랙"})"});
  const Roles roles =
      ResolveRoles(Texts({"상품명", "소비자가", "판매가", "상품 상세설명", "색"}), nullptr, {}, &statistics);
  EXPECT_EQ(Show(roles), "title=상품명(name), price=판매가(name), text=상품 상세설명(name), colour=색(name)");
  EXPECT_EQ(Facets(roles), (std::vector<std::string>{"소비자가", "색"}));
  EXPECT_EQ(roles.currency_code, "KRW");
}

TEST(ResolveRoles, InfersRolesFromValuesAlone) {
  const auto statistics = Sample(
      {R"({"a":"Folding camping chair","b":"$49.99","c":"https://x.test/1.jpg","d":"950g","e":"home > chairs","f":"A sentence that describes the chair in some detail for its readers.","g":"M"})",
       R"({"a":"Trekking pole carbon","b":"$120","c":"https://x.test/2.jpg","d":"1.2kg","e":"home > poles","f":"Another sentence about the pole, which is long enough to be prose.","g":"XL"})",
       R"({"a":"Enamel mug","b":"$9.50","c":"https://x.test/3.png","d":"120 g","e":"home > mugs","f":"Short.","g":"S"})"});
  const Roles roles = ResolveRoles(Texts({"a", "b", "c", "d", "e", "f", "g"}), nullptr, {}, &statistics);
  EXPECT_EQ(Show(roles),
            "price=b(data), image=c(data), weight=d(data), category=e(data), text=f(data), size=g(data), "
            "title=a(data)");
  EXPECT_EQ(roles.currency_code, "USD");
  EXPECT_TRUE(roles.weight_has_unit);
  EXPECT_EQ(Facets(roles), (std::vector<std::string>{"e", "g"}))
      << "prose, prices and pictures are not facets";
}

TEST(ResolveRoles, IdsAreNoFacets) {
  CatalogueStatistics statistics;
  for (int n = 0; n < 40; ++n) {
    const std::string number = std::to_string(n);
    statistics.Add(format::ParseJson(R"({"name":"Chair for camps )" + number + R"(","product_id":"P)" +
                                     number + R"(","상품번호":")" + number + R"(","serial":"SN-)" + number +
                                     R"(","country_code":")" + (n % 2 == 0 ? "KR1" : "US1") +
                                     R"(","item_code":"C)" + number + R"(","own":"x)" +
                                     std::to_string(n % 3) + R"("})")
                       .value());
  }
  Binding binding;
  binding.item_id_field = "own";
  const Roles roles =
      ResolveRoles(Texts({"name", "product_id", "상품번호", "serial", "country_code", "item_code", "own"}),
                   &binding, {}, &statistics);
  EXPECT_EQ(Facets(roles), std::vector<std::string>{"country_code"});
  EXPECT_NE(std::find(roles.texts.begin(), roles.texts.end(), "product_id"), roles.texts.end())
      << "searches still find products by their ids";
}

TEST(ResolveRoles, ValuesCanContradictANameAndProseIsNoFacet) {
  const auto statistics = Sample(
      {R"({"name":"Chair","price":"on request","brand":"This brand has been making chairs since 1950, by hand."})",
       R"({"name":"Lamp","price":"ask us","brand":"A family of makers from the north of the country."})",
       R"({"name":"Mug","price":"call","brand":"Unknown but loved by everybody who has seen it once."})"});
  const Roles roles = ResolveRoles(Texts({"name", "price", "brand"}), nullptr, {}, &statistics);
  EXPECT_EQ(roles.price, "");
  EXPECT_EQ(Show(roles), "title=name(name), text=brand(data)");
  EXPECT_EQ(Facets(roles), (std::vector<std::string>{"price"}));
}

TEST(ResolveRoles, DeclarationsPrecedeNamesAndData) {
  Mapping mapping = Texts({"이름표", "title", "메이커", "값"});
  mapping.meta =
      format::ParseJson(R"({"roles":{"title":"이름표","brand":["메이커"],"price":"title"},"currency":"usd"})")
          .value();
  RoleDeclarations bound{{{Role::kPrice, "값"}}, ""};
  const Roles roles = ResolveRoles(mapping, nullptr, bound, nullptr);
  EXPECT_EQ(Show(roles), "price=값(declared), title=이름표(declared), brand=메이커(declared)");
  EXPECT_EQ(roles.currency_code, "USD");
  bound.currency = "KRW";
  EXPECT_EQ(ResolveRoles(mapping, nullptr, bound, nullptr).currency_code, "KRW");
  bound.roles = {{Role::kPrice, "없는 필드"}};
  ASSERT_EQ(ResolveRoles(mapping, nullptr, bound, nullptr).missing.size(), 1u);
  Binding binding;
  binding.fields = {{"PRICE", "값"}, {"UNRELATED", "메이커"}};
  mapping.meta = Json();
  EXPECT_EQ(Show(ResolveRoles(mapping, &binding, {}, nullptr)), "price=값(declared), title=title(name)");
}

TEST(ResolveRoles, GeneralNamesAreTitlesOnlyIfNoOtherFieldIs) {
  EXPECT_EQ(Show(ResolveRoles(Texts({"상품", "가격"}), nullptr, {}, nullptr)),
            "title=상품(name), price=가격(name)");
  EXPECT_EQ(Show(ResolveRoles(Texts({"product", "name"}), nullptr, {}, nullptr)), "title=name(name)");
}

TEST(ResolveRoles, TheStateOfTheStockPrecedesItsNumber) {
  Mapping mapping = Texts({"Name"});
  mapping.properties.push_back(Leaf("Stock", FieldType::kLong));
  mapping.properties.push_back(Leaf("In stock?", FieldType::kLong));
  EXPECT_EQ(ResolveRoles(mapping, nullptr, {}, nullptr).stock, "In stock?");
}

TEST(StockOf, ReadsNumbersWordsAndTheOpposite) {
  EXPECT_EQ(StockOf(Json("3"), false), true);
  EXPECT_EQ(StockOf(Json("0"), false), false);
  EXPECT_EQ(StockOf(Json("backorder"), false), true);
  EXPECT_EQ(StockOf(Json("n"), true), true);
  EXPECT_EQ(StockOf(Json("y"), true), false);
  EXPECT_EQ(StockOf(Json("품절"), true), false);
  EXPECT_EQ(StockOf(Json("?"), false), std::nullopt);
}

TEST(ResolveRoles, TakesTheCurrencyFromNamesFieldsAndSigns) {
  EXPECT_EQ(ResolveRoles(Texts({"price_krw"}), nullptr, {}, nullptr).currency_code, "KRW");
  EXPECT_EQ(ResolveRoles(Texts({"price"}), nullptr, {}, nullptr).currency_code, "");
  const auto coded = Sample({R"({"price":149,"currency":"USD"})", R"({"price":49.99,"currency":"USD"})",
                             R"({"price":5,"currency":"EUR"})"});
  Mapping mapping = Texts({"currency"});
  mapping.properties.push_back(Leaf("price", FieldType::kFloat));
  const Roles roles = ResolveRoles(mapping, nullptr, {}, &coded);
  EXPECT_EQ(roles.currency_code, "USD");
  EXPECT_EQ(roles.currency, "currency");
  const auto euro = PriceOf(roles, format::ParseJson(R"({"price":5,"currency":"EUR"})").value());
  ASSERT_TRUE(euro);
  EXPECT_EQ(euro->currency, "EUR") << "a record's own currency is not the catalogue's";
}

TEST(Roles, SplitsDelimitedTags) {
  const auto statistics = Sample({R"({"tags":"여름, 린넨, 셔츠","maker":"Smith, John","hash":"#캠핑 #의자"})",
                                  R"({"tags":"여름, 셔츠","maker":"Doe, Jane","hash":"#캠핑"})",
                                  R"({"tags":"린넨","maker":"Poe, Ed","hash":"#의자"})"});
  const Roles roles = ResolveRoles(Texts({"tags", "maker", "hash"}), nullptr, {}, &statistics);
  const Json source =
      format::ParseJson(R"({"tags":"여름, 린넨","maker":"Smith, John","hash":"#캠핑 #의자"})").value();
  EXPECT_EQ(FacetTexts(roles, source, "tags"), (std::vector<std::string>{"여름", "린넨"}));
  EXPECT_EQ(FacetTexts(roles, source, "maker"), (std::vector<std::string>{"Smith, John"}))
      << "a name is one value";
  EXPECT_EQ(FacetTexts(roles, source, "hash"), (std::vector<std::string>{"캠핑", "의자"}));
}

TEST(Roles, ReadsPricesWeightsStockAndVisibility) {
  Roles roles;
  roles.price = "price";
  roles.weight = "weight";
  roles.stock = "stock";
  roles.visibles = {"visible"};
  const auto record = [](const char* text) { return format::ParseJson(text).value(); };
  EXPECT_EQ(PriceOf(roles, record(R"({"price":"12,900원 / 품절"})"))->amount, 12900);
  EXPECT_EQ(PriceOf(roles, record(R"({"price":"$49.99"})"))->currency, "USD");
  EXPECT_FALSE(PriceOf(roles, record(R"({"price":"12,900원~15,000원"})"))) << "a range has no single price";
  EXPECT_FALSE(PriceOf(roles, record(R"({"price":"품절"})")));
  EXPECT_FALSE(PriceOf(roles, record(R"({"price":true})")));
  EXPECT_EQ(GramsOf(roles, record(R"({"weight":"1.2 kg"})")), 1200);
  EXPECT_EQ(GramsOf(roles, record(R"({"weight":1.2})")), std::nullopt) << "the unit is unknown";
  roles.grams_per_weight = 1000;
  EXPECT_EQ(GramsOf(roles, record(R"({"weight":1.2})")), 1200);
  EXPECT_EQ(InStock(roles, record(R"({"stock":0})")), false);
  EXPECT_EQ(InStock(roles, record(R"({"stock":"품절"})")), false);
  EXPECT_EQ(InStock(roles, record(R"({"stock":"In stock"})")), true);
  EXPECT_EQ(InStock(roles, record(R"({"stock":"maybe"})")), std::nullopt);
  EXPECT_EQ(InStock(roles, record("{}")), std::nullopt);
  roles.stock_inverse = true;
  EXPECT_EQ(InStock(roles, record(R"({"stock":"Y"})")), false);
  EXPECT_EQ(InStock(roles, record(R"({"stock":"품절"})")), false);
  EXPECT_FALSE(IsVisible(roles, record(R"({"visible":"진열안함"})")));
  EXPECT_FALSE(IsVisible(roles, record(R"({"visible":false})")));
  EXPECT_FALSE(IsVisible(roles, record(R"({"visible":"draft"})")));
  EXPECT_TRUE(IsVisible(roles, record(R"({"visible":"품절"})")));
  EXPECT_TRUE(IsVisible(roles, record("{}")));
}

TEST(RoleDeclarations, RejectsUnknownNamesAndSaysTheNearest) {
  const auto read = [](const char* text) {
    return ReadRoleDeclarations(format::ParseJson(text).value(), "_meta");
  };
  EXPECT_TRUE(read(R"({"owner":"me"})")->roles.empty());
  EXPECT_TRUE(read(R"({"roles":["admin"]})").ok()) << "other people's metadata";
  const auto unknown = read(R"({"roles":{"prise":"x"}})");
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().message.find("'price'"), std::string::npos) << unknown.error().message;
  EXPECT_FALSE(read(R"({"roles":{"price":5}})").ok());
  EXPECT_FALSE(read(R"({"roles":{"price":""}})").ok());
  EXPECT_FALSE(read(R"({"currency":"gold"})").ok());
  const Status field =
      CheckRoleFields({{{Role::kPrice, "판메가"}}, ""}, Texts({"상품명", "판매가"}), "binding");
  ASSERT_FALSE(field.ok());
  EXPECT_NE(field.error().message.find("'판매가'"), std::string::npos) << field.error().message;
  EXPECT_TRUE(CheckRoleFields({{{Role::kPrice, "판매가"}}, ""}, Mapping{}, "binding").ok())
      << "no field is known yet";
}

TEST(DeclaredRoles, StoresOneRowPerCollection) {
  const auto kv = storage::NewMemoryKeyValue();
  const DeclaredRoles store(*kv);
  const auto declare = [&kv](const RoleDeclarations& roles) {
    storage::WriteBatch batch;
    AddDeclaredRoles("shop", roles, &batch);
    return kv->Write(batch, storage::Durability::kSync);
  };
  EXPECT_EQ(store.Of("shop").value(), RoleDeclarations{});
  const RoleDeclarations declared{{{Role::kTitle, "상품명"}, {Role::kPrice, "판매가"}}, "KRW"};
  ASSERT_TRUE(declare(declared).ok());
  EXPECT_EQ(store.Of("shop").value(), declared);
  EXPECT_EQ(store.Of("shop2").value(), RoleDeclarations{});
  const std::string key = DeclaredRolesKey("shop");
  const std::string text = **kv->Get(storage::Family::kResources, key);
  EXPECT_EQ(text, R"({"version":1,"roles":[[1,"상품명"],[3,"판매가"]],"currency":"KRW"})");
  const auto put = [&](const std::string& value) {
    storage::WriteBatch batch;
    batch.Put(storage::Family::kResources, key, value);
    ASSERT_TRUE(kv->Write(batch, storage::Durability::kSync).ok());
  };
  for (const char* damage :
       {"{", "[]", R"({"version":1})", R"({"version":1,"roles":[[99,"x"]],"currency":""})",
        R"({"version":1,"roles":[[0,"x"]],"currency":""})", R"({"version":1,"roles":[[1]],"currency":""})",
        R"({"version":1,"roles":[[1,2]],"currency":""})", R"({"version":"1","roles":[],"currency":""})"}) {
    put(damage);
    EXPECT_EQ(store.Of("shop").error().kind(), ErrorKind::kCorrupt) << damage;
  }
  put(R"({"version":2})");
  EXPECT_EQ(store.Of("shop").error().kind(), ErrorKind::kFormatVersion);
  ASSERT_TRUE(declare({}).ok());
  EXPECT_FALSE(kv->Get(storage::Family::kResources, key)->has_value());
}

}  // namespace
}  // namespace trine::catalogue
