#pragma once
/// Finds the parts of a message, piece by piece: what parse() and the MessageReader are made of.
///
///   TreeBuilder builder(message, limits, {});
///   std::size_t done = builder.read(text, true);            // the whole at once
///
/// A piece that ends where nobody can judge yet (within a header, or within a line that may be a boundary) is not done
/// with: the next one has to begin with what is left of it. So the tree does not depend on how the message was split.

#include <memory>
#include <optional>

#include "mime/message/message.h"
#include "mime/message/part_sink.h"

namespace mailrig::mime {

// RFC 2046 §5.1.1 allows a boundary of 70 characters, RFC 5322 a line of 998; what is longer than this is no boundary.
inline constexpr std::size_t boundary_line_octets_max = 2048;

class TreeBuilder {
 public:
  struct How {
    bool streamed = false;  // the text is gone after read(): headers are copied, and bodies are only measured
    PartSink* sink = nullptr;
    std::uint32_t decoded_in = Part::none;  // this part's message is read, as decoded
    std::uint32_t encoded_nesting = 0;      // encoded messages that it lies in
    std::size_t outer_levels = 0;           // of the tree
    std::string_view boundary = {};         // what is read is not a message, but the body of this encoded multipart
  };

  TreeBuilder(Message& message, const Limits& limits, How how);
  ~TreeBuilder();
  TreeBuilder(TreeBuilder&&) = delete;

  /// How many octets are done with: the next text begins behind them. All, with `last`.
  std::size_t read(std::string_view text, bool last);
  std::uint64_t offset() const { return offset_; }

 private:
  enum class State : std::uint8_t {
    header,
    encoding_in_doubt,  // the beginning of a message or multipart that is said to be encoded
    body
  };
  /// A multipart or message whose end was not reached yet.
  struct Level {
    std::uint32_t part = 0;
    std::string delimiter = {};    // "--" and the boundary without blanks at its end; empty for a message
    std::string blanks = {};       // those blanks
    bool invalid = false;          // it breaks the grammar of boundaries ...
    std::uint64_t written_at = 0;  // ... in the field here
    std::uint64_t written_length = 0;
    std::uint32_t parts = 0;
    bool closed = false;  // the epilogue: only boundaries of levels below count
  };
  struct Match {
    std::size_t level;
    bool closing;
  };
  struct EncodedBody;

  bool step(bool last);
  bool read_header(bool last);
  bool judge_encoding(bool last);
  bool read_body(bool last);

  void judge_message(bool is_field);
  void judge_multipart(std::string_view beginning);

  void end_header(std::string_view text);
  void take_content_type(Part& part, const Header& header);
  void take_encoding(Part& part, const Header& header);
  void begin_body(std::uint32_t number);
  void begin_multipart(std::uint32_t number);
  void begin_message(std::uint32_t number);
  void begin_encoded(std::uint32_t number, Part::Kind kind, std::string_view boundary = {});
  bool open_part(std::uint32_t parent);
  void drop_part();

  std::optional<Match> match_boundary(std::string_view line) const;
  void take_boundary(Match match, std::size_t line, std::size_t next);
  std::size_t content_end(std::size_t line) const;
  std::size_t undecided_from() const;
  void take_content(std::size_t end);
  void end_leaf(std::uint64_t end);
  void end_levels(std::size_t remaining, std::uint64_t end);

  void tell(DefectCode code, std::uint64_t offset, std::uint64_t length, std::string_view done);
  How how_for(std::uint32_t encoded, std::string_view boundary = {}) const;
  std::string path_of(const Part& part, bool has_parts) const;
  Part& part(std::uint32_t number) { return message_.parts_[number]; }
  std::uint64_t at(std::size_t position) const { return offset_ + position; }

  Message& message_;
  const Limits& limits_;
  How how_;
  Charsets charsets_;
  std::string_view text_;
  std::uint64_t offset_ = 0;   // of text_
  std::size_t position_ = 0;   // in text_: everything before is done with
  bool at_line_start_ = true;  // position_ is
  State state_ = State::header;
  std::size_t scanned_ = 0;   // from position_: a line starts here that has not ended yet ...
  std::size_t searched_ = 0;  // ... and here the search for its end goes on
  std::vector<Level> levels_;
  std::size_t multiparts_ = 0;            // among them
  std::uint32_t leaf_ = Part::none;       // whose body is being read; none in what surrounds the parts of a multipart
  std::uint32_t header_of_ = 0;           // whose header is being read
  bool default_is_message_ = false;       // it lies in a digest (RFC 2046 §5.1.5)
  std::unique_ptr<EncodedBody> encoded_;  // that is being decoded and read
  bool leaf_is_encoded_ = false;          // it is a message or multipart that has to be decoded
  std::string encoded_boundary_;          // of that multipart
  bool too_many_parts_ = false;
};

}  // namespace mailrig::mime
