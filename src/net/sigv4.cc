// Signing builds one canonical request. Verifying builds every canonical form that a correct client may have
// signed (see CanonicalPaths and CanonicalQueries) and accepts a signature of any of them. The forms of
// one request differ only in encoding, in the normalisation of the path and in the meaning of '+'.
#include "net/sigv4.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "format/text.h"

namespace trine::net {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
constexpr int64_t kAllowedSkewMillis = 5 * 60 * 1000;
constexpr size_t kMaxSignedHeaders = 128;

std::string Hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string Hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  TRINE_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                   reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest,
                   &size) != nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (;;) {
    const size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

// Formats a time as "20150830T123600Z".
std::string CompactTime(Millis time) {
  std::string out;
  for (char c : format::FormatTime(time).substr(0, 19)) {
    if (c != '-' && c != ':') out += c;
  }
  return out + "Z";
}

std::optional<Millis> ParseCompactTime(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  for (size_t i = 0; i < 15; ++i) {
    if (i != 8 && (text[i] < '0' || text[i] > '9')) return std::nullopt;
  }
  std::string iso(text.substr(0, 4));
  iso.append("-").append(text.substr(4, 2)).append("-").append(text.substr(6, 5)).append(":");
  iso.append(text.substr(11, 2)).append(":").append(text.substr(13, 3));
  return format::ParseTime(iso);
}

// Resolves "." and ".." and drops empty segments, as the signing process requires for services other than S3.
std::string RemoveDotSegments(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::string_view part : Split(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(part);
    }
  }
  std::string out;
  for (std::string_view part : kept) out.append("/").append(part);
  if (out.empty() || (path.ends_with('/') && !kept.empty())) out += '/';
  return out;
}

// Returns the canonical forms that a client may have signed for `path`, which is percent-encoded as sent.
std::vector<std::string> CanonicalPaths(std::string_view service, std::string_view path) {
  if (path.empty()) path = "/";
  if (service == "s3") return {std::string(path)};
  std::vector<std::string> forms = {format::PercentEncode(RemoveDotSegments(path), true)};
  std::string plain = format::PercentEncode(path, true);  // for clients that do not normalise the path
  if (plain != forms[0]) forms.push_back(std::move(plain));
  return forms;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string JoinSorted(Pairs pairs) {
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

Pairs SplitQuery(std::string_view query) {
  Pairs pairs;
  if (query.empty()) return pairs;
  for (std::string_view piece : Split(query, '&')) {
    const size_t equals = std::min(piece.find('='), piece.size());
    pairs.emplace_back(piece.substr(0, equals), piece.substr(std::min(equals + 1, piece.size())));
  }
  return pairs;
}

// Returns the canonical forms of the query that a client may have signed: the query as sent, and the query
// decoded and re-encoded, with each '+' decoded as a plus sign or as a space.
std::vector<std::string> CanonicalQueries(std::string_view query) {
  const Pairs sent = SplitQuery(query);
  std::vector<std::string> forms = {JoinSorted(sent)};
  for (const bool plus_is_space : {false, true}) {
    Pairs encoded;
    bool whole = true;
    for (const auto& [name, value] : sent) {
      const auto n = format::PercentDecode(name, plus_is_space);
      const auto v = format::PercentDecode(value, plus_is_space);
      if (!n || !v) {
        whole = false;
        break;
      }
      encoded.emplace_back(format::PercentEncode(*n), format::PercentEncode(*v));
    }
    if (!whole) continue;
    std::string form = JoinSorted(std::move(encoded));
    if (std::ranges::find(forms, form) == forms.end()) forms.push_back(std::move(form));
  }
  return forms;
}

// Removes outer blanks and reduces inner runs of blanks to one space (the specification's "Trimall").
std::string TrimAll(std::string_view value) {
  std::string out;
  for (char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// Returns "name:value\n" for every signed header; nullopt if the request lacks one.
std::optional<std::string> CanonicalHeaders(const Headers& headers, const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out.append(name).append(":");
    const std::string_view wanted = name == ":authority" ? "host" : std::string_view(name);
    bool found = false;
    for (const auto& [key, value] : headers.fields()) {
      if (!EqualsIgnoreCase(key, wanted)) continue;
      if (std::exchange(found, true)) out += ',';
      out += TrimAll(value);
    }
    if (!found) return std::nullopt;
    out += '\n';
  }
  return out;
}

std::string Join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

struct CanonicalRequest {
  std::string_view method, path, query, headers, signed_names, payload_hash;
};

std::string Signature(std::string_view secret_key, std::string_view time, std::string_view region,
                      std::string_view service, const CanonicalRequest& r) {
  std::string canonical;
  for (std::string_view line : {r.method, r.path, r.query, r.headers, r.signed_names}) {
    canonical.append(line).append("\n");
  }
  canonical.append(r.payload_hash);
  const std::string_view date = time.substr(0, 8);
  std::string text(kAlgorithm);
  text.append("\n").append(time).append("\n");
  text.append(date).append("/").append(region).append("/").append(service).append("/aws4_request\n");
  text.append(Sha256Hex(canonical));
  const std::string date_key = Hmac("AWS4" + std::string(secret_key), date);
  return Hex(Hmac(Hmac(Hmac(Hmac(date_key, region), service), "aws4_request"), text));
}

Error Incomplete(std::string message) { return Error(ErrorCode::kIncompleteSignature, std::move(message)); }

Error Mismatch(std::string message) { return Error(ErrorCode::kSignatureMismatch, std::move(message)); }

Error BrokenAuthorization(std::string message) {
  return Error(ErrorCode::kInvalid, std::move(message))
      .Expected(
          "AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=..., "
          "Signature=...");
}

bool IsDigest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Reads "key/date/region/service/aws4_request"; an access key may itself contain slashes.
bool ReadCredential(std::string_view credential, SignatureClaim* claim) {
  std::vector<std::string_view> parts = Split(credential, '/');
  if (parts.size() < 5 || parts.back() != "aws4_request") return false;
  const size_t n = parts.size();
  claim->service = parts[n - 2];
  claim->region = parts[n - 3];
  claim->date = parts[n - 4];
  const size_t scope = claim->service.size() + claim->region.size() + claim->date.size() + 4 + 12;
  claim->access_key = credential.substr(0, credential.size() - scope);
  return !claim->access_key.empty() && claim->date.size() == 8;
}

// Returns the signature's time. Fails unless the time has the scope's date and is close to `now`.
Result<std::string> SignedTime(const Request& request, const SignatureClaim& claim, Millis now) {
  const std::string time(request.headers.Get("x-amz-date"));
  const std::optional<Millis> at = ParseCompactTime(time);
  if (!at) return Incomplete("a signed request must have the header X-Amz-Date (20260131T235959Z)");
  if (time.substr(0, 8) != claim.date)
    return Mismatch("the date in the credential scope differs from X-Amz-Date");
  if (at->value < now.value - kAllowedSkewMillis || at->value > now.value + kAllowedSkewMillis) {
    return Error(ErrorCode::kClockSkew,
                 "the signature's time differs from the server's time by more than 5 minutes")
        .Expected(CompactTime(now))
        .Got(time);
  }
  return time;
}

// Returns the payload hash that the client signed. Fails if the client declared a hash that is not the
// body's hash.
Result<std::string> PayloadHash(const Request& request) {
  const std::string_view claimed = request.headers.Get("x-amz-content-sha256");
  if (claimed == kUnsignedPayload) return std::string(kUnsignedPayload);
  std::string actual = request.wire_body_hash.empty() ? Sha256Hex(request.body) : request.wire_body_hash;
  if (!claimed.empty() && claimed != actual)
    return Mismatch("X-Amz-Content-SHA256 is not the hash of the body");
  return actual;
}

bool IsFromThisMachine(std::string_view peer) {
  return peer.starts_with("127.") || peer.starts_with("[::1]") || peer.starts_with("::1") ||
         peer.starts_with("[::ffff:127.");
}

// Whether `name` has the form of a region: "us-east-1", "us-gov-west-1".
bool IsRegionName(std::string_view name) {
  const std::vector<std::string_view> parts = Split(name, '-');
  const auto letters = [](std::string_view part) {
    return !part.empty() && part.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
  };
  return parts.size() >= 3 && parts.size() <= 5 && parts[0].size() == 2 &&
         std::all_of(parts.begin(), parts.end() - 1, letters) && !parts.back().empty() &&
         parts.back().size() <= 2 && parts.back().find_first_not_of("0123456789") == std::string_view::npos;
}

// Checks that a signature was made for this service and region: otherwise one that was made for another
// service would be accepted here.
Status CheckScope(const SignatureClaim& claim, const ServedScope& scope) {
  if (scope.region.empty() ? !IsRegionName(claim.region) : claim.region != scope.region) {
    return Mismatch("Credential should be scoped to a valid region")
        .Expected(scope.region.empty() ? "a name such as us-east-1" : std::string(scope.region))
        .Got(claim.region);
  }
  if (std::ranges::find(scope.services, claim.service) == scope.services.end()) {
    std::string expected;
    for (const std::string_view service : scope.services)
      expected.append(expected.empty() ? "" : " or ").append(service);
    return Mismatch("Credential should be scoped to correct service").Expected(expected).Got(claim.service);
  }
  return Ok();
}

// Checks that the signature covers every header that decides what the request does.
Status CheckCoverage(const Request& request, const std::vector<std::string>& names) {
  const auto covers = [&](std::string_view name) { return std::ranges::find(names, name) != names.end(); };
  if (!covers("host") && !covers(":authority"))
    return Incomplete("the signature must cover the Host header").Where("SignedHeaders");
  for (const auto& [name, value] : request.headers.fields()) {
    const std::string lower = ToLowerAscii(name);
    if (!lower.starts_with("x-amz-") || covers(lower)) continue;
    // opensearch-py adds this header after signing. PayloadHash compares it with the body.
    if (lower == "x-amz-content-sha256" && value != kUnsignedPayload) continue;
    return Incomplete("the signature must cover every x-amz-* header").Where(lower);
  }
  if (request.headers.Get("x-amz-content-sha256") == kUnsignedPayload && !request.tls &&
      !IsFromThisMachine(request.peer)) {
    return Incomplete("UNSIGNED-PAYLOAD is accepted only over TLS or from this machine")
        .Where("x-amz-content-sha256");
  }
  return Ok();
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return Hex({reinterpret_cast<const char*>(digest), sizeof digest});
}

void Sign(const AwsKey& key, const SigningScope& scope, Millis now, std::string_view method,
          std::string_view host, std::string_view url_path, std::string_view query, std::string_view body,
          Headers* headers) {
  const std::string time = CompactTime(now);
  const std::string payload_hash = Sha256Hex(body);
  headers->Set("x-amz-date", time);
  if (scope.service == "s3") headers->Set("x-amz-content-sha256", payload_hash);
  if (!key.session_token.empty()) headers->Set("x-amz-security-token", key.session_token);

  Headers signed_headers;
  signed_headers.Add("host", std::string(host));
  std::vector<std::string> names = {"host"};
  for (const auto& [name, value] : headers->fields()) {
    const std::string lower = ToLowerAscii(name);
    // Sign only fields that no lower layer or proxy changes; others (User-Agent, Accept) stay unsigned.
    if (lower != "content-type" && lower != "content-md5" && !lower.starts_with("x-amz-")) continue;
    signed_headers.Add(lower, value);
    if (std::ranges::find(names, lower) == names.end()) names.push_back(lower);
  }
  std::ranges::sort(names);
  const std::string canonical_headers = CanonicalHeaders(signed_headers, names).value_or("");
  const std::string path = CanonicalPaths(scope.service, url_path)[0];
  const std::string canonical_query = JoinSorted(SplitQuery(query));
  const std::string signed_names = Join(names);
  const std::string signature =
      Signature(key.secret_key, time, scope.region, scope.service,
                {method, path, canonical_query, canonical_headers, signed_names, payload_hash});
  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(key.access_key).append("/").append(time.substr(0, 8));
  authorization.append("/").append(scope.region).append("/").append(scope.service).append("/aws4_request");
  authorization.append(", SignedHeaders=").append(signed_names).append(", Signature=").append(signature);
  headers->Set("authorization", std::move(authorization));
}

Result<std::optional<SignatureClaim>> ParseSignature(const Request& request) {
  std::string_view value = request.headers.Get("authorization");
  if (!EqualsIgnoreCase(value.substr(0, kAlgorithm.size()), kAlgorithm))
    return std::optional<SignatureClaim>();
  value.remove_prefix(kAlgorithm.size());
  if (!value.starts_with(' ')) return BrokenAuthorization("the Authorization header is malformed");
  SignatureClaim claim;
  for (std::string_view piece : Split(value, ',')) {
    const std::string field = TrimAll(piece);
    const size_t equals = field.find('=');
    if (equals == std::string::npos) return BrokenAuthorization("the Authorization header is malformed");
    const std::string name = field.substr(0, equals);
    const std::string_view text = std::string_view(field).substr(equals + 1);
    if (name == "Credential") {
      if (!ReadCredential(text, &claim))
        return BrokenAuthorization("the credential scope of the signature is malformed");
    } else if (name == "SignedHeaders") {
      for (std::string_view header : Split(text, ';')) claim.signed_headers.push_back(ToLowerAscii(header));
    } else if (name == "Signature") {
      claim.signature = text;
    }
  }
  if (claim.access_key.empty() || claim.signed_headers.empty() || !IsDigest(claim.signature) ||
      claim.signed_headers.size() > kMaxSignedHeaders) {
    return BrokenAuthorization("the Authorization header is incomplete or malformed");
  }
  return std::optional<SignatureClaim>(std::move(claim));
}

Status VerifySignature(const Request& request, const SignatureClaim& claim, std::string_view secret_key,
                       const ServedScope& scope, Millis now) {
  const auto& names = claim.signed_headers;
  TRINE_TRY(CheckScope(claim, scope));
  TRINE_TRY(CheckCoverage(request, names));
  TRINE_ASSIGN(const std::string time, SignedTime(request, claim, now));
  TRINE_ASSIGN(const std::string payload_hash, PayloadHash(request));
  const std::optional<std::string> headers = CanonicalHeaders(request.headers, names);
  if (!headers) return Incomplete("the signature covers a header that the request does not have");
  const std::string signed_names = Join(names);
  for (const std::string& path : CanonicalPaths(claim.service, request.path)) {
    for (const std::string& query : CanonicalQueries(request.query)) {
      const std::string expected =
          Signature(secret_key, time, claim.region, claim.service,
                    {request.method, path, query, *headers, signed_names, payload_hash});
      if (expected.size() == claim.signature.size() &&
          CRYPTO_memcmp(expected.data(), claim.signature.data(), expected.size()) == 0) {
        return Ok();
      }
    }
  }
  return Mismatch("the signature does not match the request and the secret key");
}

}  // namespace trine::net
