#pragma once
/// Takes secrets out of what a peer says, in every form in which it may repeat them.
///
///   Secrets secrets;
///   secrets.add_login("anna", "s3cret");
///   secrets.masked("-ERR no such command: PASS s3cret") == "-ERR no such command: PASS <password>";
///   secrets.masked("535 AGFubmEAczNjcmV0") == "535 <password>";
///
/// Forms: as it is; base64 at any of its three alignments, alone or within SASL PLAIN, LOGIN, XOAUTH2 and OAUTHBEARER,
/// with either alphabet, and base64 of that once more; hexadecimal, together or apart by blank, colon, \x;
/// percent-encoded; quoted-printable; escaped for JSON, for XML and by printable(). Case is ignored. Where a text is
/// cut (its end, a quote, "... (9 octets more)") the beginning of a secret is masked too, and at its front the end of
/// one, from 4 octets on, so that a secret split over two lines shows no more than 3 octets.
///
/// A secret of 1 to 3 octets is masked only where it is a word of its own, and its encoded forms likewise: such a
/// secret occurs by chance in every other word. Cost: linear in the text, whatever the number of secrets.

#include <memory>
#include <string>
#include <string_view>

namespace mailrig {

class Secrets {
 public:
  // Shorter ones are masked as words only.
  static constexpr std::size_t anywhere_octets_min = 4;
  static constexpr std::string_view mask = "<password>";

  Secrets();
  Secrets(Secrets&& other) noexcept;
  Secrets& operator=(Secrets&& other) noexcept;
  ~Secrets();

  void add(std::string_view secret);
  /// Also what SASL PLAIN, XOAUTH2 and OAUTHBEARER make of the two: the way in which a short secret is found in them.
  void add_login(std::string_view user, std::string_view password);

  bool empty() const { return index_ == nullptr; }
  std::string masked(std::string_view text) const;
  /// The same length, asterisks for what is secret: for a line of source with a caret under it.
  std::string blanked(std::string_view text) const;

 private:
  class Index;
  Index& index();
  std::unique_ptr<Index> index_;  // none while there is nothing to hide
};

}  // namespace mailrig
