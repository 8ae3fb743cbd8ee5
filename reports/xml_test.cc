#include "reports/xml.h"

#include <gtest/gtest.h>

namespace mailrig::reports {
namespace {

const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

TEST(Xml, NestsAndIndents) {
  XmlWriter xml;
  xml.open("a").attribute("x", "1").attribute("y", "2");
  xml.open("b").text("t").close();
  xml.open("c").open("d").close().close();
  xml.close();
  EXPECT_EQ(xml.take(), head +
                            "<a x=\"1\" y=\"2\">\n"
                            "  <b>t</b>\n"
                            "  <c>\n"
                            "    <d/>\n"
                            "  </c>\n"
                            "</a>\n");
}

TEST(Xml, TextIsEscaped) {
  XmlWriter xml;
  xml.open("a").text("<&>\"'\n\t]]>\r\x01 é").close();
  EXPECT_EQ(xml.take(), head + "<a>&lt;&amp;&gt;\"'\n\t]]&gt;\\r\\x01 é</a>\n");
}

TEST(Xml, AttributesAreEscaped) {
  XmlWriter xml;
  xml.open("a").attribute("x", "<&>\"'\n\t\r\xFF").close();
  EXPECT_EQ(xml.take(), head + "<a x=\"&lt;&amp;&gt;&quot;'&#10;&#9;\\r\\xFF\"/>\n");
}

}  // namespace
}  // namespace mailrig::reports
