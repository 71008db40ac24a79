// AWS Signature Version 4: signing requests and verifying them. All functions are thread-safe.
// Source: AWS General Reference, "Signature Version 4 signing process".
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "net/http.h"

namespace trine::net {

struct AwsKey {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // may be empty
};

struct SigningScope {
  std::string region;
  std::string service;  // "s3", "personalize", "bedrock", "es"
};

// Adds x-amz-date, x-amz-content-sha256 (for the service s3), x-amz-security-token and authorization to
// `headers`. Requires a percent-encoded `url_path` (services other than S3 encode it again) and a `query`
// whose parameters are encoded.
void Sign(const AwsKey& key, const SigningScope& scope, Millis now, std::string_view method,
          std::string_view host, std::string_view url_path, std::string_view query, std::string_view body,
          Headers* headers);

// The contents of a SigV4 Authorization header.
struct SignatureClaim {
  std::string access_key, date, region, service, signature;
  std::vector<std::string> signed_headers;
};
// Returns nullopt if the request has no SigV4 Authorization header; kInvalid if the header is malformed. The
// name of the scheme is read without regard to case, as RFC 9110 requires.
Result<std::optional<SignatureClaim>> ParseSignature(const Request& request);

// The request that a signature must cover.
struct ServedScope {
  std::string_view region;                     // empty: any name in the form of a region
  std::span<const std::string_view> services;  // one of these
};

// Checks a claim against a secret key. Fails with kSignatureMismatch, kClockSkew (more than 5 minutes) or
// kIncompleteSignature. The signature must cover the Host header, every x-amz-* header except an
// X-Amz-Content-SHA256 that is the hash of the body, and thereby X-Amz-Target. A claim for another region or
// service than `scope` is kSignatureMismatch. UNSIGNED-PAYLOAD, which leaves the body unprotected, is
// kIncompleteSignature unless the connection has TLS or comes from this machine. Accepts the canonical query
// as sent or decoded and re-encoded, and `:authority` in place of host, as in HTTP/2. Compares in constant
// time.
Status VerifySignature(const Request& request, const SignatureClaim& claim, std::string_view secret_key,
                       const ServedScope& scope, Millis now);

std::string Sha256Hex(std::string_view bytes);

}  // namespace trine::net
