#include "api/personalize/filter_parser.h"

#include <algorithm>
#include <optional>

#include "api/personalize/call.h"
#include "base/text.h"
#include "base/utf8.h"
#include "format/text.h"

namespace trine::api::personalize {
namespace {

using format::Json;
using recommend::Condition;
using recommend::Filter;
using recommend::FilterClause;
using Op = Condition::Op;
using Subject = Condition::Subject;

bool IsWordChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

struct Token {
  enum class Type { kEnd, kWord, kText, kNumber, kParameter, kSymbol } type = Type::kEnd;
  std::string text;
  size_t at = 0;  // byte offset in the expression
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  Result<Token> Next() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    TRINE_DCHECK_LE(at_, text_.size());
    Token token;
    token.at = at_;
    if (at_ == text_.size()) return token;
    const char c = text_[at_];
    if (c == '"' || c == '\'') return Quoted(std::move(token), c);
    if (c == '$') {
      ++at_;
      token.type = Token::Type::kParameter;
      token.text = Word();
      return token;
    }
    const bool sign =
        (c == '-' || c == '+') && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9';
    if (sign || (c >= '0' && c <= '9')) return Number(std::move(token));
    if (IsWordChar(c)) {
      token.type = Token::Type::kWord;
      token.text = Word();
      return token;
    }
    token.type = Token::Type::kSymbol;
    const std::string_view two = text_.substr(at_, 2);
    token.text =
        two == "!=" || two == "<=" || two == ">=" || two == "<>" || two == "==" ? two : two.substr(0, 1);
    at_ += token.text.size();
    return token;
  }

 private:
  std::string Word() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsWordChar(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  Result<Token> Number(Token token) {
    const size_t begin = at_++;
    while (at_ < text_.size() && (IsWordChar(text_[at_]) || text_[at_] == '.')) ++at_;
    token.type = Token::Type::kNumber;
    token.text = text_.substr(begin, at_ - begin);
    return token;
  }
  Result<Token> Quoted(Token token, char quote) {
    token.type = Token::Type::kText;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return token;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && (text_[at_ + 1] == quote || text_[at_ + 1] == '\\'))
        ++at_;
      token.text += text_[at_];
    }
    return Error(ErrorCode::kFilterSyntax,
                 "The filter expression is not valid: a quoted value is not terminated")
        .Where("byte " + std::to_string(token.at + 1));
  }
  std::string_view text_;
  size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Filter> Parse() {
    TRINE_TRY(Advance());
    Filter filter;
    for (;;) {
      TRINE_ASSIGN(FilterClause clause, Clause());
      filter.clauses.push_back(std::move(clause));
      TRINE_DCHECK(!filter.clauses.back().any_of.empty());
      if (token_.type == Token::Type::kEnd) return filter;
      if (!IsSymbol("|")) return Unexpected("AND, OR, IF, '|' or the end");
      TRINE_TRY(Advance());
    }
  }

 private:
  Status Advance() {
    TRINE_ASSIGN(token_, lexer_.Next());
    return Ok();
  }
  bool IsWord(std::string_view word) const {
    return token_.type == Token::Type::kWord && EqualsIgnoreCase(token_.text, word);
  }
  bool IsSymbol(std::string_view symbol) const {
    return token_.type == Token::Type::kSymbol && token_.text == symbol;
  }
  Error Unexpected(std::string expected) const {
    std::string got = token_.type == Token::Type::kEnd ? "the end" : "'" + token_.text.substr(0, 60) + "'";
    got.resize(ValidUtf8Prefix(got));
    return Error(ErrorCode::kFilterSyntax, "The filter expression is not valid")
        .Expected(std::move(expected))
        .Got(std::move(got))
        .Where("byte " + std::to_string(token_.at + 1));
  }
  Error SyntaxError(std::string message) const {
    return Error(ErrorCode::kFilterSyntax, "The filter expression is not valid: " + std::move(message))
        .Where("byte " + std::to_string(token_.at + 1));
  }
  Status Expect(std::string_view word) {
    if (!IsWord(word)) return Unexpected(std::string(word));
    return Advance();
  }

  Result<FilterClause> Clause() {
    FilterClause clause;
    if (IsWord("EXCLUDE")) {
      clause.include = false;
    } else if (!IsWord("INCLUDE")) {
      return Unexpected("INCLUDE or EXCLUDE");
    }
    TRINE_TRY(Advance());
    if (IsWord("ActionID") || IsWord("UserID")) {
      return Error(ErrorCode::kUnsupported, "Filters of " + token_.text + " are not supported yet");
    }
    TRINE_TRY(Expect("ItemID"));
    TRINE_TRY(Expect("WHERE"));
    do {
      if (!clause.any_of.empty()) TRINE_TRY(Advance());
      TRINE_ASSIGN(std::vector<Condition> all, Conditions());
      clause.any_of.push_back(std::move(all));
    } while (IsWord("OR"));
    if (!IsWord("IF")) return clause;
    TRINE_TRY(Advance());
    const Token start = token_;
    TRINE_ASSIGN(clause.only_if, Conditions());
    if (std::ranges::any_of(clause.only_if, [](const Condition& c) { return c.subject != Subject::kUser; })) {
      token_ = start;
      return SyntaxError("IF accepts only conditions on CurrentUser");
    }
    return clause;
  }

  Result<std::vector<Condition>> Conditions() {
    std::vector<Condition> all;
    do {
      if (!all.empty()) TRINE_TRY(Advance());
      TRINE_ASSIGN(Condition one, Comparison());
      all.push_back(std::move(one));
    } while (IsWord("AND"));
    TRINE_DCHECK(!all.empty());
    return all;
  }

  // Reads a field such as "Items.GENRE", either as the left side of a comparison or as a value.
  Status Field(Subject* subject, std::string* attribute) {
    if (IsWord("Items") || IsWord("Item")) {
      *subject = Subject::kItem;
    } else if (IsWord("Interactions")) {
      *subject = Subject::kInteraction;
    } else if (IsWord("CurrentUser")) {
      *subject = Subject::kUser;
    } else if (IsWord("CurrentItem")) {
      *subject = Subject::kCurrentItem;
    } else {
      return Unexpected("Items, Interactions, CurrentUser or CurrentItem");
    }
    TRINE_TRY(Advance());
    if (!IsSymbol(".")) return Unexpected("'.' and a field");
    TRINE_TRY(Advance());
    if (token_.type != Token::Type::kWord) return Unexpected("the name of a field");
    *attribute = ToUpperAscii(token_.text);
    return Advance();
  }

  Result<Condition> Comparison() {
    Condition condition;
    if (IsSymbol("(")) return SyntaxError("conditions cannot be grouped with parentheses");
    TRINE_TRY(Field(&condition.subject, &condition.attribute));
    const Token at = token_;
    TRINE_TRY(Operator(&condition.op));
    const bool list = condition.op == Op::kIn || condition.op == Op::kNotIn;
    const bool ordered = !list && condition.op != Op::kEq && condition.op != Op::kNe;
    if (condition.subject == Subject::kInteraction && ordered) {
      token_ = at;
      return SyntaxError("a field of Interactions can only be compared with IN, NOT IN, = or !=");
    }
    if (!list) {
      TRINE_TRY(Value(&condition));
      return condition;
    }
    if (!IsSymbol("(")) return Unexpected("'('");
    do {
      TRINE_TRY(Advance());
      if (!condition.other_attribute.empty())
        return SyntaxError("a field must be the only value of its list");
      TRINE_TRY(Value(&condition));
    } while (IsSymbol(","));
    TRINE_DCHECK(!condition.values.empty() || !condition.parameters.empty() ||
                 !condition.other_attribute.empty());
    if (!IsSymbol(")")) return Unexpected("',' or ')'");
    TRINE_TRY(Advance());
    return condition;
  }

  Status Operator(Op* op) {
    static constexpr std::pair<std::string_view, Op> kSymbols[] = {
        {"=", Op::kEq}, {"==", Op::kEq}, {"!=", Op::kNe}, {"<>", Op::kNe},
        {"<", Op::kLt}, {"<=", Op::kLe}, {">", Op::kGt},  {">=", Op::kGe}};
    const bool negated = IsWord("NOT");
    if (negated) TRINE_TRY(Advance());
    if (IsWord("IN")) {
      *op = negated ? Op::kNotIn : Op::kIn;
      return Advance();
    }
    if (negated) return Unexpected("IN");
    for (const auto& [symbol, meaning] : kSymbols) {
      if (!IsSymbol(symbol)) continue;
      *op = meaning;
      return Advance();
    }
    return Unexpected("IN, NOT IN, =, !=, <, <=, > or >=");
  }

  Status Value(Condition* condition) {
    switch (token_.type) {
      case Token::Type::kText:
        condition->values.emplace_back(Json(token_.text));
        return Advance();
      case Token::Type::kNumber:
        return Number(condition);
      case Token::Type::kParameter:
        if (token_.text.empty()) return Unexpected("the name of a parameter");
        condition->parameters.push_back(token_.text);
        return Advance();
      case Token::Type::kWord:
        if (IsWord("true") || IsWord("false")) {
          condition->values.emplace_back(IsWord("true"));
          return Advance();
        }
        if (!IsWord("CurrentUser") && !IsWord("CurrentItem"))
          return Unexpected("a value: quoted text, a number or a $PARAMETER");
        if (!condition->values.empty() || !condition->parameters.empty())
          return SyntaxError("a field must be the only value of its list");
        return Field(&condition->other_subject, &condition->other_attribute);
      default:
        return Unexpected("a value: quoted text, a number or a $PARAMETER");
    }
  }

  Status Number(Condition* condition) {
    const auto whole = format::ParseInt(token_.text);
    const auto number = format::ParseDouble(token_.text);
    if (!whole && !number) return Unexpected("a number");
    if (whole) {
      condition->values.emplace_back(*whole);
    } else {
      condition->values.emplace_back(*number);
    }
    return Advance();
  }

  Lexer lexer_;
  Token token_;
};

}  // namespace

Result<Filter> ParseFilter(std::string_view expression) {
  if (!IsValidUtf8(expression))
    return Error(ErrorCode::kFilterSyntax, "The filter expression is not UTF-8 text");
  return Parser(expression).Parse();
}

Result<std::vector<std::string>> ParseFilterValue(std::string_view text) {
  std::vector<std::string> values;
  const auto wrong = [&](std::string message) {
    return Error(ErrorCode::kFilterValue, "The filter value is not valid: " + std::move(message))
        .Expected("values separated by commas, strings in double quotes")
        .Got(std::string(text.substr(0, ValidUtf8Prefix(text.substr(0, 100)))));
  };
  size_t at = 0;
  const auto skip = [&] {
    while (at < text.size() && IsSpace(text[at])) ++at;
  };
  for (;;) {
    skip();
    std::string value;
    if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
      const char quote = text[at++];
      while (at < text.size() && text[at] != quote) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at++];
      }
      if (at == text.size()) return wrong("a quoted value is not terminated");
      ++at;
      skip();
    } else {
      const size_t end = std::min(text.find(',', at), text.size());
      value = text.substr(at, end - at);
      while (!value.empty() && IsSpace(value.back())) value.pop_back();
      if (value.empty()) return wrong("a value is empty");
      at = end;
    }
    TRINE_DCHECK_LE(at, text.size());
    values.push_back(std::move(value));
    if (at == text.size()) return values;
    if (text[at] != ',') return wrong("unexpected text after a quoted value");
    ++at;
  }
}

}  // namespace trine::api::personalize
