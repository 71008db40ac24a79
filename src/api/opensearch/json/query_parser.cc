#include "api/opensearch/json/query_parser.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "api/opensearch/errors/errors.h"
#include "api/opensearch/request/body_reader.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/text.h"
#include "format/text.h"
#include "format/time_zone.h"

namespace trine::api::opensearch {
namespace {

using format::Json;
using search::QueryPtr;

// The most levels of nested queries. The JSON reader also limits nesting, but its error would not name the
// query.
constexpr int kMaxNesting = 30;

// Queries of OpenSearch that are not implemented.
constexpr std::array kUnsupportedQueries = {"match_phrase_prefix",
                                            "match_bool_prefix",
                                            "combined_fields",
                                            "query_string",
                                            "simple_query_string",
                                            "intervals",
                                            "terms_set",
                                            "wildcard",
                                            "regexp",
                                            "fuzzy",
                                            "boosting",
                                            "nested",
                                            "has_child",
                                            "has_parent",
                                            "parent_id",
                                            "geo_distance",
                                            "geo_bounding_box",
                                            "geo_polygon",
                                            "geo_shape",
                                            "neural",
                                            "neural_sparse",
                                            "script",
                                            "script_score",
                                            "more_like_this",
                                            "distance_feature",
                                            "rank_feature",
                                            "percolate",
                                            "wrapper",
                                            "template",
                                            "span_term",
                                            "span_near",
                                            "span_or",
                                            "span_not",
                                            "span_first",
                                            "span_multi",
                                            "span_containing",
                                            "span_within",
                                            "field_masking_span",
                                            "common",
                                            "type",
                                            "agentic"};

constexpr std::array<std::string_view, 10> kModifiers = {"none", "log",  "log1p",  "log2p", "ln",
                                                         "ln1p", "ln2p", "square", "sqrt",  "reciprocal"};

class Parser {
 public:
  Result<QueryPtr> Parse(const Json& query, const std::string& where, int depth);

 private:
  using Member = Result<QueryPtr> (Parser::*)(const Json&, const std::string&, int);
  static const std::map<std::string_view, Member>& Members();

  Result<QueryPtr> ParseMatchAll(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseMatchNone(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseMatch(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseMatchPhrase(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseMultiMatch(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseTerm(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseTerms(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseRange(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParsePrefix(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseExists(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseIds(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseBool(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseConstantScore(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseDisMax(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseFunctionScore(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseKnn(const Json& body, const std::string& where, int depth);
  Result<QueryPtr> ParseHybrid(const Json& body, const std::string& where, int depth);

  Result<std::vector<QueryPtr>> ParseClauses(BodyReader* r, std::string_view key, int depth);
  Result<std::vector<QueryPtr>> ParseBoolClauses(BodyReader* r, std::string_view key, int depth);
  Result<search::FunctionScore::Function> ParseFunction(const Json& body, const std::string& where,
                                                        int depth);
};

// Reads boost and _name, which every query has. Rejects a negative boost, like OpenSearch.
template <typename T>
Result<QueryPtr> FinishQuery(BodyReader* r, T node) {
  const double boost = r->Number("boost", 1);
  std::string name = r->Text("_name");
  if (boost < 0)
    r->Fail(Error(ErrorCode::kQueryBoost, "negative [boost] are not allowed in [" + r->what() +
                                              "], use a value between 0 and 1 to deboost")
                .Where(r->At("boost")));
  TRINE_TRY(r->Done());
  auto query = std::make_shared<search::Query>();
  query->node = std::move(node);
  query->boost = static_cast<float>(boost);
  query->name = std::move(name);
  return QueryPtr(std::move(query));
}

// The single field of a leaf query: {"field": {...}} or {"field": scalar}. More members are an error.
struct FieldBody {
  std::string field;
  const Json* body = nullptr;
};
Result<FieldBody> ReadFieldBody(const Json& body, const char* what, const std::string& where) {
  if (!body.is_object())
    return ParsingError(std::string("[") + what + "] query malformed, no start_object after query name",
                        where);
  if (body.object().empty()) return IllegalArgument("field name is null or empty").Where(where);
  if (body.object().size() > 1) {
    return ParsingError(std::string("[") + what + "] query doesn't support multiple fields, found [" +
                            body.object()[0].first + "] and [" + body.object()[1].first + "]",
                        where);
  }
  TRINE_DCHECK_EQ(body.object().size(), 1u);
  return FieldBody{body.object()[0].first, &body.object()[0].second};
}

// An empty condition is an invalid one, unlike an absent one, which the query has as an empty text. A blank
// cannot be parsed either.
std::string MinimumOf(BodyReader* r) {
  std::string text = r->Text("minimum_should_match");
  if (text.empty() && r->Has("minimum_should_match")) text = " ";
  return text;
}

Result<search::Operator> OperatorOf(BodyReader* r) {
  const std::string text = r->Text("operator", "or");
  const std::string lower = ToLowerAscii(text);
  if (lower == "or") return search::Operator::kOr;
  if (lower == "and") return search::Operator::kAnd;
  return IllegalArgument("operator needs to be either OR or AND, but not [" + text + "]")
      .Where(r->At("operator"));
}

// An option that is not implemented, with its default: the value with which it changes nothing.
struct UnbuiltOption {
  const char* name;
  std::string_view otherwise = "";
};

// Rejects options that would change the matches but are not implemented. Many clients send every option with
// its default, so that is accepted.
Status RefuseOptions(BodyReader* r, std::initializer_list<UnbuiltOption> options, const char* query) {
  for (const auto& [name, otherwise] : options) {
    const Json* value = r->Raw(name);
    if (value == nullptr || value->is_null()) continue;
    if (!otherwise.empty() && ToLowerAscii(ScalarText(*value)) == otherwise) continue;
    return Error(ErrorCode::kUnsupported,
                 std::string("[") + query + "] option [" + name + "] is not supported yet")
        .Where(r->At(name));
  }
  return Ok();
}

const std::map<std::string_view, Parser::Member>& Parser::Members() {
  static const std::map<std::string_view, Member> kMembers = {{"match_all", &Parser::ParseMatchAll},
                                                              {"match_none", &Parser::ParseMatchNone},
                                                              {"match", &Parser::ParseMatch},
                                                              {"match_phrase", &Parser::ParseMatchPhrase},
                                                              {"multi_match", &Parser::ParseMultiMatch},
                                                              {"term", &Parser::ParseTerm},
                                                              {"terms", &Parser::ParseTerms},
                                                              {"range", &Parser::ParseRange},
                                                              {"prefix", &Parser::ParsePrefix},
                                                              {"exists", &Parser::ParseExists},
                                                              {"ids", &Parser::ParseIds},
                                                              {"bool", &Parser::ParseBool},
                                                              {"constant_score", &Parser::ParseConstantScore},
                                                              {"dis_max", &Parser::ParseDisMax},
                                                              {"function_score", &Parser::ParseFunctionScore},
                                                              {"knn", &Parser::ParseKnn},
                                                              {"hybrid", &Parser::ParseHybrid}};
  return kMembers;
}

Result<QueryPtr> Parser::Parse(const Json& query, const std::string& where, int depth) {
  TRINE_DCHECK_GE(depth, 0);
  if (depth > kMaxNesting)
    return Error(ErrorCode::kLimit, "the query is nested deeper than " + std::to_string(kMaxNesting))
        .Where(where);
  if (!query.is_object()) return ParsingError("[_na] query malformed, must start with start_object", where);
  if (query.object().empty())
    return Error(ErrorCode::kInvalid, "query malformed, empty clause found").Where(where);
  if (query.object().size() > 1)
    return ParsingError(
        "[" + query.object()[0].first + "] malformed query, expected [END_OBJECT] but found [FIELD_NAME]",
        where);
  const auto& [name, body] = query.object()[0];
  const auto found = Members().find(name);
  if (found != Members().end()) return (this->*found->second)(body, where + "." + name, depth);
  for (const char* known : kUnsupportedQueries) {
    if (name == known) {
      return Error(ErrorCode::kUnsupported, "query [" + name + "] is not supported yet").Where(where);
    }
  }
  return Error(ErrorCode::kUnknownQuery, "unknown query [" + name + "]").Where(where).Got(name);
}

Result<QueryPtr> Parser::ParseMatchAll(const Json& body, const std::string& where, int) {
  BodyReader r(body, "match_all", where);
  return FinishQuery(&r, search::MatchAll{});
}

Result<QueryPtr> Parser::ParseMatchNone(const Json& body, const std::string& where, int) {
  BodyReader r(body, "match_none", where);
  return FinishQuery(&r, search::MatchNone{"match_none"});
}

Result<QueryPtr> Parser::ParseMatch(const Json& body, const std::string& where, int) {
  TRINE_ASSIGN(const FieldBody leaf, ReadFieldBody(body, "match", where));
  search::Match match;
  match.field = leaf.field;
  if (!leaf.body->is_object()) {
    if (leaf.body->is_array() || leaf.body->is_null())
      return ParsingError(
          "[match] unknown token [" + std::string(leaf.body->type_name()) + "] after [" + leaf.field + "]",
          where);
    match.text = ScalarText(*leaf.body);
    return search::MakeQuery(std::move(match));
  }
  BodyReader r(*leaf.body, "match", where + "." + leaf.field);
  if (!r.Has("query")) return ParsingError("No text specified for text query", r.where());
  match.text = r.Text("query");
  TRINE_ASSIGN(match.op, OperatorOf(&r));
  match.minimum_should_match = MinimumOf(&r);
  match.analyzer = r.Text("analyzer");
  match.lenient = r.Flag("lenient", false);
  const std::string zero = r.Text("zero_terms_query", "none");
  if (zero != "none" && zero != "all" && zero != "NONE" && zero != "ALL")
    r.Fail(ParsingError("Unsupported zero_terms_query value [" + zero + "]", r.At("zero_terms_query")));
  match.zero_terms_all = zero == "all" || zero == "ALL";
  // These options have no effect without fuzziness, which is rejected below.
  for (const char* idle : {"prefix_length", "max_expansions", "fuzzy_transpositions", "fuzzy_rewrite",
                           "auto_generate_synonyms_phrase_query"})
    r.Ignore(idle);
  TRINE_TRY(RefuseOptions(&r, {{"fuzziness", "0"}, {"cutoff_frequency"}}, "match"));
  return FinishQuery(&r, std::move(match));
}

Result<QueryPtr> Parser::ParseMatchPhrase(const Json& body, const std::string& where, int) {
  TRINE_ASSIGN(const FieldBody leaf, ReadFieldBody(body, "match_phrase", where));
  search::MatchPhrase phrase;
  phrase.field = leaf.field;
  if (!leaf.body->is_object()) {
    if (leaf.body->is_array() || leaf.body->is_null())
      return ParsingError("[match_phrase] unknown token [" + std::string(leaf.body->type_name()) +
                              "] after [" + leaf.field + "]",
                          where);
    phrase.text = ScalarText(*leaf.body);
    return search::MakeQuery(std::move(phrase));
  }
  BodyReader r(*leaf.body, "match_phrase", where + "." + leaf.field);
  if (!r.Has("query")) return ParsingError("No text specified for text query", r.where());
  phrase.text = r.Text("query");
  phrase.slop = static_cast<uint32_t>(r.Int("slop", 0, 0, 1'000'000));
  phrase.analyzer = r.Text("analyzer");
  const std::string zero = r.Text("zero_terms_query", "none");
  if (zero != "none" && zero != "NONE")
    return Error(ErrorCode::kUnsupported, "[match_phrase] option [zero_terms_query] is not supported yet")
        .Where(r.where());
  return FinishQuery(&r, std::move(phrase));
}

Result<QueryPtr> Parser::ParseMultiMatch(const Json& body, const std::string& where, int) {
  BodyReader r(body, "multi_match", where);
  search::MultiMatch multi;
  if (!r.Has("query")) return ParsingError("No text specified for multi_match query", where);
  multi.text = r.Text("query");
  for (const Json* field : r.List("fields")) {
    if (!field->is_string())
      return ParsingError(
          "[multi_match] unknown token [" + std::string(field->type_name()) + "] after [fields]",
          r.At("fields"));
    const size_t caret = field->string().rfind('^');
    const auto boost = caret == std::string::npos
                           ? std::optional<double>(1)
                           : format::ParseDouble(std::string_view(field->string()).substr(caret + 1));
    if (!boost || *boost < 0)
      return ParsingError("Failed to parse boost of field [" + field->string() + "]", r.At("fields"));
    multi.fields.emplace_back(field->string().substr(0, caret), static_cast<float>(*boost));
  }
  const std::string type = r.Text("type", "best_fields");
  if (type == "cross_fields" || type == "phrase" || type == "phrase_prefix" || type == "bool_prefix")
    return Error(ErrorCode::kUnsupported, "[multi_match] type [" + type + "] is not supported yet")
        .Where(r.At("type"));
  if (type != "best_fields" && type != "most_fields")
    return ParsingError("failed to parse [multi_match] query type [" + type + "]. unknown type.",
                        r.At("type"))
        .Detail("exception", "parse_exception");
  if (type == "most_fields") multi.type = search::MultiMatch::Type::kMostFields;
  TRINE_ASSIGN(multi.op, OperatorOf(&r));
  multi.minimum_should_match = MinimumOf(&r);
  multi.analyzer = r.Text("analyzer");
  multi.tie_breaker = static_cast<float>(r.Number("tie_breaker", type == "most_fields" ? 1 : 0));
  multi.lenient = r.Flag("lenient", false);
  for (const char* idle : {"prefix_length", "max_expansions", "fuzzy_transpositions", "fuzzy_rewrite",
                           "auto_generate_synonyms_phrase_query"})
    r.Ignore(idle);
  TRINE_TRY(RefuseOptions(
      &r, {{"fuzziness", "0"}, {"cutoff_frequency"}, {"slop", "0"}, {"zero_terms_query", "none"}},
      "multi_match"));
  return FinishQuery(&r, std::move(multi));
}

Result<QueryPtr> Parser::ParseTerm(const Json& body, const std::string& where, int) {
  TRINE_ASSIGN(const FieldBody leaf, ReadFieldBody(body, "term", where));
  search::Term term;
  term.field = leaf.field;
  if (leaf.body->is_array()) return ParsingError("[term] query does not support array of values", where);
  if (leaf.body->is_null()) return IllegalArgument("field name is null or empty").Where(where);
  if (!leaf.body->is_object()) {
    term.value = *leaf.body;
    return search::MakeQuery(std::move(term));
  }
  BodyReader r(*leaf.body, "term", where + "." + leaf.field);
  const Json* value = r.Raw("value");
  term.case_insensitive = r.Flag("case_insensitive", false);
  if (value == nullptr) {  // a member that is unknown explains why
    r.Ignore("boost");
    r.Ignore("_name");
    TRINE_TRY(r.Done());
  }
  if (value == nullptr || value->is_null() || value->is_array() || value->is_object())
    return IllegalArgument("value cannot be null").Where(r.where());
  term.value = *value;
  return FinishQuery(&r, std::move(term));
}

Result<QueryPtr> Parser::ParseTerms(const Json& body, const std::string& where, int) {
  BodyReader r(body, "terms", where);
  TRINE_TRY(RefuseOptions(&r, {{"value_type", "default"}}, "terms"));
  search::Terms terms;
  if (!body.is_object()) return FinishQuery(&r, std::move(terms));
  for (const auto& [key, value] : body.object()) {
    if (key == "boost" || key == "_name") continue;
    if (!terms.field.empty()) return ParsingError("[terms] query does not support multiple fields", where);
    if (value.is_object())
      return Error(ErrorCode::kUnsupported, "[terms] lookup is not supported yet").Where(where + "." + key);
    if (!value.is_array()) return ParsingError("[terms] query does not support [" + key + "]", where);
    if (value.array().size() > limits::kMaxTermsInList)
      return Error(ErrorCode::kLimit,
                   "The number of terms [" + std::to_string(value.array().size()) +
                       "] used in the Terms Query request has exceeded the allowed maximum of [65536]")
          .Where(where);
    terms.field = key;
    for (const Json& one : value.array()) {
      if (one.is_null() || one.is_array() || one.is_object())
        return ParsingError("No value specified for terms query", where + "." + key);
      terms.values.push_back(one);
    }
    r.Ignore(key);
  }
  if (terms.field.empty())
    return ParsingError(
        "[terms] query requires a field name, followed by array of terms or a document lookup specification",
        where);
  return FinishQuery(&r, std::move(terms));
}

// As in OpenSearch, an invalid zone is an error whatever the type of the field, and a valid one has no effect
// on fields that are not dates. The words are those of java.time.ZoneId.
std::string ReadTimeZone(BodyReader* r) {
  const Json* given = r->Raw("time_zone");
  if (given == nullptr) return {};
  if (given->is_null() || given->is_object() || given->is_array()) {
    r->Fail(IllegalArgument("Can't get text on a " + TokenName(*given)));
    return {};
  }
  std::string zone = ScalarText(*given);
  if (format::TimeZone::Find(zone)) return zone;
  const bool offset = zone.size() <= 1 || zone.front() == '+' || zone.front() == '-';
  const bool region = !offset && zone.find_first_not_of(
                                     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789/._~+-") == std::string::npos;
  r->Fail(IllegalArgument(
      region   ? "java.time.zone.ZoneRulesException: Unknown time-zone ID: " + zone
      : offset ? "java.time.DateTimeException: Invalid ID for ZoneOffset, invalid format: " + zone
               : "java.time.DateTimeException: Invalid ID for region-based ZoneId, invalid "
                 "format: " +
                     zone));
  return {};
}

Result<QueryPtr> Parser::ParseRange(const Json& body, const std::string& where, int) {
  TRINE_ASSIGN(const FieldBody leaf, ReadFieldBody(body, "range", where));
  BodyReader r(*leaf.body, "range", where + "." + leaf.field);
  search::Range range;
  range.field = leaf.field;
  const auto bound = [&r](const char* key) {
    const Json* value = r.Raw(key);
    if (value == nullptr) return Json();
    if (value->is_array() || value->is_object()) r.Fail(r.Wrong(key, "a value", *value));
    return *value;
  };
  range.gt = bound("gt");
  range.gte = bound("gte");
  range.lt = bound("lt");
  range.lte = bound("lte");
  // "from" and "to" are an older form of the same bounds.
  if (const Json from = bound("from"); !from.is_null())
    (r.Flag("include_lower", true) ? range.gte : range.gt) = from;
  if (const Json to = bound("to"); !to.is_null()) (r.Flag("include_upper", true) ? range.lte : range.lt) = to;
  r.Ignore("include_lower");
  r.Ignore("include_upper");
  range.format = r.Text("format");
  range.time_zone = ReadTimeZone(&r);
  // There are no fields of ranges, and for a single value these three mean the same.
  const std::string relation = ToLowerAscii(r.Text("relation", "intersects"));
  if (relation != "intersects" && relation != "within" && relation != "contains")
    return Error(ErrorCode::kUnsupported, "[range] relation [" + relation + "] is not supported yet")
        .Where(r.where());
  return FinishQuery(&r, std::move(range));
}

Result<QueryPtr> Parser::ParsePrefix(const Json& body, const std::string& where, int) {
  TRINE_ASSIGN(const FieldBody leaf, ReadFieldBody(body, "prefix", where));
  search::Prefix prefix;
  prefix.field = leaf.field;
  if (!leaf.body->is_object()) {
    if (leaf.body->is_array() || leaf.body->is_null())
      return IllegalArgument("value cannot be null").Where(where);
    prefix.value = ScalarText(*leaf.body);
    return search::MakeQuery(std::move(prefix));
  }
  BodyReader r(*leaf.body, "prefix", where + "." + leaf.field);
  if (!r.Has("value")) return IllegalArgument("value cannot be null").Where(r.where());
  prefix.value = r.Text("value");
  prefix.case_insensitive = r.Flag("case_insensitive", false);
  const Json* given = r.Raw("rewrite");
  const bool by_default = given == nullptr || given->is_null();
  if (const std::string rewrite = by_default ? "constant_score" : r.Text("rewrite");
      !rewrite.starts_with("constant_score"))
    return Error(ErrorCode::kUnsupported, "[prefix] option [rewrite: " + rewrite + "] is not supported yet")
        .Where(r.where());
  return FinishQuery(&r, std::move(prefix));
}

Result<QueryPtr> Parser::ParseExists(const Json& body, const std::string& where, int) {
  BodyReader r(body, "exists", where);
  search::Exists exists{r.Text("field")};
  if (exists.field.empty()) r.Fail(ParsingError("[exists] must be provided with a [field]", where));
  return FinishQuery(&r, std::move(exists));
}

Result<QueryPtr> Parser::ParseIds(const Json& body, const std::string& where, int) {
  BodyReader r(body, "ids", where);
  search::Ids ids;
  for (const Json* value : r.List("values")) {
    if (value->is_null() || value->is_array() || value->is_object())
      return ParsingError("[ids] failed to parse field [values]", r.At("values"));
    ids.values.push_back(ScalarText(*value));
  }
  return FinishQuery(&r, std::move(ids));
}

Result<std::vector<QueryPtr>> Parser::ParseClauses(BodyReader* r, std::string_view key, int depth) {
  std::vector<QueryPtr> clauses;
  size_t i = 0;
  for (const Json* clause : r->List(key)) {
    TRINE_ASSIGN(QueryPtr query, Parse(*clause, r->At(key) + "[" + std::to_string(i++) + "]", depth + 1));
    clauses.push_back(std::move(query));
  }
  return clauses;
}

Result<std::vector<QueryPtr>> Parser::ParseBoolClauses(BodyReader* r, std::string_view key, int depth) {
  const Json* given = r->Raw(key);
  if (given != nullptr && given->is_null()) return std::vector<QueryPtr>();
  const std::string field = "[bool] " + std::string(key);
  if (given != nullptr && !given->is_array() && !given->is_object())
    return Error(ErrorCode::kRequestSyntax, field + " doesn't support values of type: " + TokenName(*given))
        .Where(r->At(key));
  Result<std::vector<QueryPtr>> clauses = ParseClauses(r, key, depth);
  // OpenSearch reports the error of a clause as the cause of one of the bool query. A query that is not
  // implemented here is not a mistake of the client.
  if (clauses.ok() || clauses.error().code == ErrorCode::kUnsupported ||
      clauses.error().code == ErrorCode::kLimit)
    return clauses;
  return Error(ErrorCode::kRequestSyntax, "[bool] failed to parse field [" + std::string(key) + "]")
      .Where(clauses.error().where)
      .Cause(clauses.error());
}

Result<QueryPtr> Parser::ParseBool(const Json& body, const std::string& where, int depth) {
  BodyReader r(body, "bool", where);
  search::Bool node;
  TRINE_ASSIGN(node.must, ParseBoolClauses(&r, "must", depth));
  TRINE_ASSIGN(node.filter, ParseBoolClauses(&r, "filter", depth));
  TRINE_ASSIGN(node.should, ParseBoolClauses(&r, "should", depth));
  TRINE_ASSIGN(node.must_not, ParseBoolClauses(&r, r.Has("mustNot") ? "mustNot" : "must_not", depth));
  const Json* at_least = r.Raw("minimum_should_match");
  if (at_least != nullptr && !at_least->is_null()) node.minimum_should_match = MinimumOf(&r);
  for (const auto& [key, value] : body.is_object() ? body.object() : Json::Object()) {
    constexpr std::string_view kKnown[] = {"must",
                                           "filter",
                                           "should",
                                           "must_not",
                                           "mustNot",
                                           "boost",
                                           "_name",
                                           "minimum_should_match",
                                           "adjust_pure_negative"};
    if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
      return Error(ErrorCode::kRequestSyntax, "[bool] unknown field [" + key + "]").Where(r.At(key));
  }
  if (!r.Flag("adjust_pure_negative", true))
    return Error(ErrorCode::kUnsupported, "[bool] option [adjust_pure_negative: false] is not supported yet")
        .Where(r.where());
  return FinishQuery(&r, std::move(node));
}

Result<QueryPtr> Parser::ParseConstantScore(const Json& body, const std::string& where, int depth) {
  BodyReader r(body, "constant_score", where);
  const Json* filter = r.Raw("filter");
  if (filter == nullptr) return ParsingError("[constant_score] requires a 'filter' element", where);
  if (filter->is_array()) return ParsingError("unexpected token [START_ARRAY]", r.At("filter"));
  search::ConstantScore node;
  TRINE_ASSIGN(node.filter, Parse(*filter, r.At("filter"), depth + 1));
  return FinishQuery(&r, std::move(node));
}

Result<QueryPtr> Parser::ParseDisMax(const Json& body, const std::string& where, int depth) {
  BodyReader r(body, "dis_max", where);
  search::DisMax node;
  TRINE_ASSIGN(node.queries, ParseClauses(&r, "queries", depth));
  if (node.queries.empty())
    return ParsingError("[dis_max] requires 'queries' field with at least one clause", where);
  node.tie_breaker = static_cast<float>(r.Number("tie_breaker", 0));
  return FinishQuery(&r, std::move(node));
}

std::optional<search::FunctionScore::Mode> ModeOf(const std::string& text) {
  using Mode = search::FunctionScore::Mode;
  static const std::map<std::string_view, Mode> kModes = {
      {"multiply", Mode::kMultiply}, {"sum", Mode::kSum}, {"avg", Mode::kAvg},        {"first", Mode::kFirst},
      {"max", Mode::kMax},           {"min", Mode::kMin}, {"replace", Mode::kReplace}};
  const auto it = kModes.find(text);
  return it == kModes.end() ? std::nullopt : std::optional<Mode>(it->second);
}

Status RefuseUnbuiltFunctions(BodyReader* r) {
  return RefuseOptions(r, {{"script_score"}, {"random_score"}, {"gauss"}, {"exp"}, {"linear"}},
                       "function_score");
}

Result<search::FunctionScore::Function> Parser::ParseFunction(const Json& body, const std::string& where,
                                                              int depth) {
  BodyReader r(body, "function_score", where);
  search::FunctionScore::Function function;
  TRINE_TRY(RefuseUnbuiltFunctions(&r));
  if (const Json* filter = r.Raw("filter"); filter != nullptr) {
    TRINE_ASSIGN(function.filter, Parse(*filter, r.At("filter"), depth + 1));
  }
  if (r.Has("weight")) function.weight = static_cast<float>(r.Number("weight", 1));
  if (const Json* factor = r.Raw("field_value_factor"); factor != nullptr) {
    BodyReader f(*factor, "field_value_factor", r.At("field_value_factor"));
    search::FunctionScore::Function::FieldValueFactor value;
    value.field = f.Text("field");
    if (value.field.empty())
      f.Fail(ParsingError("[field_value_factor] required field 'field' missing", f.where()));
    value.factor = f.Number("factor", 1);
    value.modifier = f.Text("modifier", "none");
    if (std::find(kModifiers.begin(), kModifiers.end(), value.modifier) == kModifiers.end())
      f.Fail(Error(ErrorCode::kInvalid,
                   "[field_value_factor] does not support modifier [" + value.modifier + "]")
                 .Where(f.At("modifier")));
    if (f.Has("missing")) value.missing = f.Number("missing", 0);
    TRINE_TRY(f.Done());
    function.field_value_factor = std::move(value);
  }
  TRINE_TRY(r.Done());
  if (!function.weight && !function.field_value_factor)
    return ParsingError("an entry in functions list is missing a function.", where);
  return function;
}

Result<QueryPtr> Parser::ParseFunctionScore(const Json& body, const std::string& where, int depth) {
  BodyReader r(body, "function_score", where);
  search::FunctionScore node;
  TRINE_TRY(RefuseUnbuiltFunctions(&r));
  if (const Json* query = r.Raw("query"); query != nullptr) {
    TRINE_ASSIGN(node.query, Parse(*query, r.At("query"), depth + 1));
  }
  const bool inline_one = r.Has("weight") || r.Has("field_value_factor");
  if (inline_one && r.Has("functions"))
    return ParsingError(
        "failed to parse [function_score] query. already found function, now encountering [functions].",
        where);
  if (inline_one) {
    Json one(Json::Object{});
    for (const char* key : {"weight", "field_value_factor"}) {
      if (const Json* value = r.Raw(key); value != nullptr) one.Set(key, *value);
    }
    TRINE_ASSIGN(auto function, ParseFunction(one, where, depth));
    node.functions.push_back(std::move(function));
  }
  size_t i = 0;
  for (const Json* one : r.List("functions")) {
    TRINE_ASSIGN(auto function,
                 ParseFunction(*one, r.At("functions") + "[" + std::to_string(i++) + "]", depth));
    node.functions.push_back(std::move(function));
  }
  const std::string score_mode = r.Text("score_mode", "multiply"),
                    boost_mode = r.Text("boost_mode", "multiply");
  const auto score = ModeOf(score_mode), boost = ModeOf(boost_mode);
  if (!score || *score == search::FunctionScore::Mode::kReplace)
    return ParsingError("illegal score_mode [" + score_mode + "]", r.At("score_mode"));
  if (!boost || *boost == search::FunctionScore::Mode::kFirst)
    return ParsingError("illegal boost_mode [" + boost_mode + "]", r.At("boost_mode"));
  node.score_mode = *score;
  node.boost_mode = *boost;
  if (r.Has("max_boost")) node.max_boost = static_cast<float>(r.Number("max_boost", 0));
  if (r.Has("min_score")) node.min_score = static_cast<float>(r.Number("min_score", 0));
  return FinishQuery(&r, std::move(node));
}

Result<QueryPtr> Parser::ParseKnn(const Json& body, const std::string& where, int depth) {
  TRINE_ASSIGN(const FieldBody leaf, ReadFieldBody(body, "knn", where));
  BodyReader r(*leaf.body, "knn", where + "." + leaf.field);
  search::Knn knn;
  knn.field = leaf.field;
  for (const Json* number : r.List("vector")) {
    if (!number->is_number() || !std::isfinite(number->number()))
      return ParsingError("[knn] failed to parse field [vector]", r.At("vector"));
    if (knn.vector.size() >= limits::kMaxVectorDimension)
      return Error(ErrorCode::kLimit, "[knn] the vector has more than 16000 dimensions")
          .Where(r.At("vector"));
    knn.vector.push_back(static_cast<float>(number->number()));
  }
  if (knn.vector.empty()) return ParsingError("[knn] requires query vector", r.where());
  knn.k = static_cast<size_t>(r.Int("k", 0, 1, 10'000));
  if (r.Has("min_score")) knn.min_score = static_cast<float>(r.Number("min_score", 0));
  if (r.Has("max_distance")) knn.max_distance = static_cast<float>(r.Number("max_distance", 0));
  const int bounds = (r.Has("k") ? 1 : 0) + (knn.min_score ? 1 : 0) + (knn.max_distance ? 1 : 0);
  if (bounds != 1)
    return ParsingError("[knn] requires exactly one of k, distance or score to be set", r.where());
  if (const Json* filter = r.Raw("filter"); filter != nullptr) {
    TRINE_ASSIGN(knn.filter, Parse(*filter, r.At("filter"), depth + 1));
  }
  // The search is exact, so the parameters of an approximate search have no effect.
  for (const char* idle : {"method_parameters", "rescore", "expand_nested_docs"}) r.Ignore(idle);
  return FinishQuery(&r, std::move(knn));
}

Result<QueryPtr> Parser::ParseHybrid(const Json& body, const std::string& where, int depth) {
  BodyReader r(body, "hybrid", where);
  if (r.Has("boost") && r.Number("boost", 1) != 1)
    return ParsingError("[hybrid] query does not support [boost]", where);
  search::Hybrid hybrid;
  const Json* queries = r.Raw("queries");
  if (queries == nullptr)
    return ParsingError("[hybrid] requires 'queries' field with at least one clause", where);
  if (queries->is_array() && queries->array().empty())
    return ParsingError("[_na] query malformed, must start with start_object", where);
  if (queries->is_array() && queries->array().size() > limits::kMaxHybridClauses)
    return ParsingError("Number of sub-queries exceeds maximum supported by [hybrid] query", where);
  TRINE_ASSIGN(hybrid.queries, ParseClauses(&r, "queries", depth));
  for (const QueryPtr& query : hybrid.queries) {
    if (std::holds_alternative<search::Hybrid>(query->node))
      return Error(ErrorCode::kNestedHybrid, "hybrid query cannot be nested in another hybrid query")
          .Where(where);
  }
  if (const Json* filter = r.Raw("filter"); filter != nullptr) {
    if (filter->is_array()) return ParsingError("Field is not supported by [hybrid] query", r.At("filter"));
    TRINE_ASSIGN(hybrid.filter, Parse(*filter, r.At("filter"), depth + 1));
  }
  if (const Json* depth_value = r.Raw("pagination_depth"); depth_value != nullptr) {
    if (depth_value->is_int() && depth_value->integer() == 0)
      return Error(ErrorCode::kPaginationDepth, "pagination_depth must not be zero").Where(where);
    if (depth_value->is_number() && depth_value->number() < 0)
      return Error(ErrorCode::kPaginationDepth, "pagination_depth should be greater than 0").Where(where);
    hybrid.pagination_depth = static_cast<size_t>(r.Int("pagination_depth", 0, 1, 1'000'000));
  }
  return FinishQuery(&r, std::move(hybrid));
}

}  // namespace

Result<QueryPtr> ParseQuery(const Json& query, std::string_view where) {
  return Parser().Parse(query, std::string(where), 0);
}

}  // namespace trine::api::opensearch
