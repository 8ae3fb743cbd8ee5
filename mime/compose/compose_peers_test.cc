// What the composer writes, Python's email reads back as it went in.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "mime/testing/python.h"
#include "mime/testing/random_draft.h"

namespace mailrig::mime {
namespace {

using testing::all_of;
using testing::RandomDraft;

// Prints what is wrong, one line each. A .want file has a line "name hex" for each thing that is wanted, in the order
// of the message.
constexpr std::string_view reader = R"PY(
import sys, os, base64, email, email.policy
from email.header import decode_header, make_header
from email.utils import getaddresses
folder = sys.argv[1]
names = sorted(n[:-4] for n in os.listdir(folder) if n.endswith('.eml'))
# Not the modern parser: it puts a blank between the encoded words of a name (CPython issue 92081).
def addresses(raw, name):
    fields = email.message_from_bytes(raw).get_all(name, [])
    return [str(make_header(decode_header(n))) + '<' + a + '>' for n, a in getaddresses(fields)]
for name in names:
    raw = open(f'{folder}/{name}.eml', 'rb').read()
    want = [line.split(' ') for line in open(f'{folder}/{name}.want').read().splitlines()]
    want = [(key, bytes.fromhex(value)) for key, value in want]
    message = email.message_from_bytes(raw, policy=email.policy.default)
    found = [('subject', str(message['subject']))]
    for field in ('from', 'reply-to', 'to', 'cc', 'bcc'):
        found += [(field, a) for a in addresses(raw, field)]
    found.append(('date', str(int(message['date'].datetime.timestamp()))))
    found.append(('references', ' '.join(str(message['references'] or '').split())))
    def walk(part):
        if part.get_content_type() == 'message/global':  # in base64 (RFC 6532 3.7), which this parser does not decode
            at = raw.index(b'Content-Type: message/global', walk.at)
            walk.at = raw.index(end, at)
            body = base64.b64decode(raw[raw.index(b'\r\n\r\n', at):walk.at])
            found.extend([('file', ''), ('message', body)])
            return
        for defect in part.defects: found.append(('defect', repr(defect)))
        for key, value in part.items():
            for defect in value.defects: found.append(('defect', key + ': ' + repr(defect)))
        if part.get_content_type() == 'message/rfc822':
            start = raw.index(b'Subject: inner\r\n', walk.at)
            walk.at = raw.index(end, start)
            found.extend([('file', ''), ('message', raw[start:walk.at])])
            return
        if part.is_multipart():
            for inner in part.iter_parts(): walk(inner)
            return
        # Not get_filename(), which strips blanks and quotes.
        disposition = part['content-disposition']
        found.append(('file', disposition.params.get('filename', '') if disposition else ''))
        found.append(('content', part.get_payload(decode=True)))
    walk.at = 0
    end = b'\r\n--' + (message.get_boundary() or '').encode()
    walk(message)
    found = [(key, value if isinstance(value, bytes) else value.encode('utf-8', 'surrogateescape')) for key, value in found]
    if found != want:
        for (a, b) in zip(found + [('nothing', b'')] * 100, want):
            if a != b:
                print(name, 'found', a, 'want', b)
                break
        else:
            print(name, 'more than wanted', found[len(want):][:3])
    for line in raw.split(b'\r\n'):
        if len(line) > 998: print(name, 'a line of', len(line))
print('read', len(names))
)PY";

std::string hex(std::string_view octets) {
  std::string out;
  for (char c : octets) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

struct Want {
  std::string lines;
  void add(std::string_view key, std::string_view value) { lines += std::string(key) + ' ' + hex(value) + '\n'; }
  void add(std::string_view key, const Address& mailbox) {
    add(key, RandomDraft::carried(mailbox.name) + '<' + mailbox.address + '>');
  }
  void add_part(const AttachmentSpec& part) {
    add("file", part.name);
    add(part.type == "message/rfc822" ? "message" : "content", all_of(part.content));
  }
};

Want wanted(const Draft& draft) {
  Want want;
  want.add("subject", RandomDraft::carried(draft.subject));
  for (const Address& mailbox : draft.from) want.add("from", mailbox);
  for (const Address& mailbox : draft.reply_to) want.add("reply-to", mailbox);
  for (const Recipient& recipient : draft.to) want.add("to", recipient.members[0]);
  for (const Recipient& recipient : draft.cc) want.add("cc", recipient.members[0]);
  want.add("date",
           std::to_string(std::chrono::duration_cast<std::chrono::seconds>(draft.date.time_since_epoch()).count()));
  std::string references;
  for (const std::string& id : draft.references) references += (references.empty() ? "<" : " <") + id + '>';
  want.add("references", references);
  auto text = [&](const std::string& content) {
    want.add("file", "");
    want.add("content", RandomDraft::in_lines(content));
  };
  if (draft.text) text(*draft.text);
  if (draft.html) text(*draft.html);
  for (const AttachmentSpec& part : draft.inline_parts) want.add_part(part);
  for (const AttachmentSpec& part : draft.attachments) want.add_part(part);
  if (!draft.text && !draft.html && draft.inline_parts.empty() && draft.attachments.empty()) text("");
  return want;
}

TEST(ComposePeers, pythons_email_reads_back_what_was_written) {
  if (!testing::has_python()) GTEST_SKIP() << "python3 is not installed";
  constexpr std::uint64_t seeds = 400;
  testing::Folder folder("compose_peers");
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Draft draft = RandomDraft(seed).make();
    Prng prng(seed);
    Result<std::string> message = compose(draft, {.eight_bit = seed % 2 == 0}, prng);
    ASSERT_TRUE(message) << seed << ' ' << message.error().message;
    folder.put(std::to_string(seed) + ".eml", *message);
    folder.put(std::to_string(seed) + ".want", wanted(draft).lines);
  }
  EXPECT_EQ(testing::python(folder, reader), "read 400\n");
}

}  // namespace
}  // namespace mailrig::mime
