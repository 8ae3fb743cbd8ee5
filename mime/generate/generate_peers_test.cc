// What the generator makes, Python's email reads without a complaint.
#include <gtest/gtest.h>

#include "mime/generate/generate.h"
#include "mime/testing/python.h"

namespace mailrig::mime {
namespace {

constexpr std::string_view reader = R"PY(
import sys, os, email, email.policy, email.utils
folder = sys.argv[1]
names = sorted(n for n in os.listdir(folder) if n.endswith('.eml'))
for name in names:
    message = email.message_from_bytes(open(f'{folder}/{name}', 'rb').read(), policy=email.policy.default)
    for part in message.walk():
        for defect in part.defects: print(name, part.get_content_type(), repr(defect))
        for key, value in part.items():
            for defect in getattr(value, 'defects', []): print(name, key, str(value)[:60], repr(defect))
        if part.get_content_maintype() == 'text' and 'Content-Type' in part:
            text = part.get_payload(decode=True).decode(part.get_content_charset())
            if not text.strip(): print(name, 'an empty text')
        if part.get_content_type() == 'application/pdf':
            pdf = part.get_payload(decode=True)
            table = int(pdf[pdf.rindex(b'startxref') + 9:].split()[0])
            if not pdf.startswith(b'%PDF-') or pdf[table:table + 4] != b'xref': print(name, 'no PDF')
            for number in range(1, 6):
                at = int(pdf[table:].split(b'\n')[2 + number][:10])
                if not pdf[at:].startswith(b'%d 0 obj' % number): print(name, 'object', number, 'is not there')
            length = int(pdf[int(pdf[table:].split(b'\n')[7][:10]):].split(b'\n')[1])
            stream = pdf.index(b'stream\n') + 7
            if not pdf[stream + length:].startswith(b'\nendstream'): print(name, 'a stream of another length')
        if part.get_content_type() == 'application/ms-tnef':
            data, at = part.get_payload(decode=True), 6
            if data[:4] != b'\x78\x9f\x3e\x22': print(name, 'no TNEF')
            while at < len(data):
                size = int.from_bytes(data[at + 5:at + 9], 'little')
                if sum(data[at + 9:at + 9 + size]) & 0xFFFF != int.from_bytes(data[at + 9 + size:at + 11 + size], 'little'):
                    print(name, 'a wrong checksum')
                at += 11 + size
            if at != len(data): print(name, 'TNEF is cut')
    for field in ('From', 'To', 'Subject', 'Date', 'Message-ID', 'MIME-Version'):
        if message[field] is None: print(name, 'no', field)
print('read', len(names))
)PY";

TEST(GeneratePeers, pythons_email_has_no_complaint) {
  if (!testing::has_python()) GTEST_SKIP() << "python3 is not installed";
  testing::Folder folder("generate_peers");
  std::vector<std::string> habits{""};
  for (std::string_view name : habit_names()) habits.emplace_back(name);
  std::size_t made = 0;
  for (std::string_view profile : profile_names()) {
    for (const std::string& like : habits) {
      const Generator mail({.profile = std::string(profile),
                            .like = like,
                            .seed = 11,
                            .first = Instant{} + std::chrono::seconds{1'400'000'000},
                            .every = 1h});
      for (std::uint64_t index = 0; index < 6; ++index, ++made)
        folder.put(std::string(profile) + '-' + like + '-' + std::to_string(index) + ".eml", mail.message(index));
    }
  }
  EXPECT_EQ(testing::python(folder, reader), "read " + std::to_string(made) + "\n");
}

}  // namespace
}  // namespace mailrig::mime
