#pragma once
/// Writes XML 1.0 that every parser takes: UTF-8, escaped, and free of the characters that §2.2 forbids.
///
///   XmlWriter xml;
///   xml.open("testsuite").attribute("name", "a<b").open("skipped").close().close();
///   xml.take() == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"a&lt;b\">\n
///   <skipped/>\n</testsuite>\n";
///
/// Names of elements and attributes are the program's own and not checked. An element holds either elements or one
/// text.

#include <string>
#include <string_view>
#include <vector>

namespace mailrig::reports {

class XmlWriter {
 public:
  XmlWriter& open(std::string_view element);
  /// Right after open().
  XmlWriter& attribute(std::string_view name, std::string_view value);
  XmlWriter& text(std::string_view value);
  XmlWriter& close();
  std::string take() { return std::move(out_); }

 private:
  struct Element {
    std::string name;
    bool has_children = false;
    bool has_text = false;
  };

  void finish_tag();

  std::string out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  std::vector<Element> open_;
  bool in_tag_ = false;
};

}  // namespace mailrig::reports
