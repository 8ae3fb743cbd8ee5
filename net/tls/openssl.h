#pragma once
/// Owners for OpenSSL's objects, and its queue of errors as text. For .cc files of net/ and fakeservers/ only.
///
///   X509Ptr certificate(X509_new());
///   if (SSL_CTX_use_certificate(context, certificate.get()) != 1) return Error{Errc::bad_input, openssl_errors()};

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mailrig {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <class T, auto Free>
using OpensslPtr = std::unique_ptr<T, OpensslFree<Free>>;

using BioPtr = OpensslPtr<BIO, BIO_free>;
using KeyPtr = OpensslPtr<EVP_PKEY, EVP_PKEY_free>;
using X509Ptr = OpensslPtr<X509, X509_free>;
using CrlPtr = OpensslPtr<X509_CRL, X509_CRL_free>;
using SslPtr = OpensslPtr<SSL, SSL_free>;
using SslContextPtr = OpensslPtr<SSL_CTX, SSL_CTX_free>;

/// Takes this thread's queue of errors, oldest first, as numbers. Ask before the next co_await: the queue is the
/// thread's.
std::vector<unsigned long> take_openssl_errors();
/// "0A00010B wrong version number": the code as OpenSSL's own tools print it, and its text.
std::string openssl_text(unsigned long code);
/// The newest of the errors, which says most in a sentence; "no reason given" for an empty queue.
std::string openssl_errors();

/// A BIO that reads `bytes`, which must outlive it.
BioPtr bio_over(std::string_view bytes);

}  // namespace mailrig
