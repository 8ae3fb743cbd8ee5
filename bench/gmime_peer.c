// What bench/mime_bench.cc does, by GMime: reads every message of a corpus, its subject and sender, and decodes every body
// into memory. Built by mime_against_gmime.sh, for the comparison alone.

#include <gmime/gmime.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static size_t leaves, decoded, subject, senders;

static void read_part(GMimeObject *parent, GMimeObject *part, gpointer unused) {
  (void)parent;
  if (GMIME_IS_MESSAGE_PART(part)) {
    GMimeMessage *inner = g_mime_message_part_get_message((GMimeMessagePart *)part);
    if (inner != NULL) g_mime_message_foreach(inner, read_part, unused);
  } else if (GMIME_IS_PART(part)) {
    GMimeStream *out = g_mime_stream_mem_new();
    GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)part);
    if (content != NULL) g_mime_data_wrapper_write_to_stream(content, out);
    decoded += g_mime_stream_mem_get_byte_array((GMimeStreamMem *)out)->len;
    ++leaves;
    g_object_unref(out);
  }
}

static void read_message(const char *octets, size_t size) {
  GMimeStream *in = g_mime_stream_mem_new_with_buffer(octets, size);
  GMimeParser *parser = g_mime_parser_new_with_stream(in);
  GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
  const char *text = g_mime_message_get_subject(message);
  InternetAddressList *from = g_mime_message_get_from(message);
  subject += text != NULL ? strlen(text) : 0;
  senders += from != NULL ? internet_address_list_length(from) : 0;
  g_mime_message_foreach(message, read_part, NULL);
  g_object_unref(message);
  g_object_unref(parser);
  g_object_unref(in);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  enum { messages_max = 100000 };
  static char *octets[messages_max];
  static size_t sizes[messages_max];
  size_t messages = 0, total = 0;
  unsigned char length[4];
  FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
  if (file == NULL) return fprintf(stderr, "usage: gmime_peer CORPUS\n"), 2;
  while (messages < messages_max && fread(length, 1, 4, file) == 4) {
    size_t size = length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
    octets[messages] = malloc(size);
    if (octets[messages] == NULL || fread(octets[messages], 1, size, file) != size) return 1;
    sizes[messages++] = size;
    total += size;
  }
  fclose(file);
  g_mime_init();
  double began = seconds();
  for (size_t i = 0; i < messages; ++i) read_message(octets[i], sizes[i]);
  double took = seconds() - began;
  printf("{\"parser\": \"gmime\", \"messages\": %zu, \"seconds\": %.6f, \"MB_s\": %.1f, \"leaves\": %zu, \"decoded\": %zu, "
         "\"subject\": %zu, \"senders\": %zu}\n",
         messages, took, (double)total / 1e6 / took, leaves, decoded, subject, senders);
  return 0;
}
