// Credentials: who may ask, from one file; and the check of one request against it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http.h"
#include "net/sigv4.h"

namespace trine::server {

using net::Access;

// Immutable after loading; thread-safe.
class Credentials {
 public:
  // Reads {"keys": [...], "users": [...], "tokens": [...]}. kInvalid when the file is readable by
  // others than its owner, another user's, broken, empty, or names something twice; the message says what
  // to do.
  static Result<std::unique_ptr<Credentials>> Load(const std::string& path);
  static Result<std::unique_ptr<Credentials>> Parse(std::string_view json, const std::string& where);
  // One bearer token, an administrator's.
  static std::unique_ptr<Credentials> WithAdminToken(std::string token);

  // Fills request->caller. kMissingCredentials, kUnknownCredentials, the errors of
  // VerifySignature, or kForbidden for an origin that may not use the key.
  Status Authenticate(net::Request* request, Millis now) const;
  // The same from the head alone, before its body came: of a signature only the key is looked up. What
  // passes still has to authenticate.
  Status AuthenticateHead(net::Request* head) const;
  // Whether a browser page of this origin may ask at all.
  bool AllowsOrigin(std::string_view origin) const;

 private:
  struct Entry {
    std::string name, secret;
    net::Caller::Role role = net::Caller::Role::kAdmin;
    std::vector<std::string> origins, indexes, fields;
  };
  struct Signer {
    net::SignatureClaim claim;
    const Entry* key;
  };
  Result<Signer> FindSigner(const net::Request& request) const;
  Status CheckBasic(net::Request* request, std::string_view encoded) const;
  Status CheckToken(net::Request* request, std::string_view token) const;
  Status Admit(net::Request* request, const Entry& entry) const;
  static const Entry* FindEntry(const std::vector<Entry>& entries, std::string_view name);

  std::vector<Entry> keys_, users_, tokens_;
};

Access AccessOf(net::Caller::Role role);

// Without credentials only this machine is served: the Host header must name loopback (a page on the
// web may not reach us by rebinding its name) and an Origin header, when present, must too. Fills the
// caller's region from the signature when there is one. kForbidden otherwise.
Status AdmitLocal(net::Request* request);

}  // namespace trine::server
