#include "emotrain/core/protobuf.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace emotrain;

TEST_CASE("messages in Protocol Buffers' wire format, byte by byte") {
  struct Case {
    const char* what;
    ProtobufMessage message;
    std::string bytes;
  };
  using namespace std::string_literals;
  const std::vector<std::int64_t> several{3, 270, 86942};
  const Case cases[] = {
      {"an integer (the example of the format's description)", ProtobufMessage().integer(1, 150), "\x08\x96\x01"s},
      {"zero", ProtobufMessage().integer(1, 0), "\x08\x00"s},
      {"a field above 15 takes two bytes of tag", ProtobufMessage().integer(16, 1), "\x80\x01\x01"s},
      {"a negative integer", ProtobufMessage().integer(1, -2), "\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"s},
      {"the greatest integer", ProtobufMessage().integer(1, std::numeric_limits<std::int64_t>::max()),
       "\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"s},
      {"a string", ProtobufMessage().text(2, "testing"), "\x12\x07testing"s},
      {"a float", ProtobufMessage().number(3, 1.5F), "\x1d\x00\x00\xc0\x3f"s},
      {"a double", ProtobufMessage().number(1, -2.0), "\x09\x00\x00\x00\x00\x00\x00\x00\xc0"s},
      {"a message within", ProtobufMessage().message(3, ProtobufMessage().integer(1, 150)), "\x1a\x03\x08\x96\x01"s},
      {"packed integers", ProtobufMessage().integers(6, several), "\x32\x06\x03\x8e\x02\x9e\xa7\x05"s},
      {"fields in the order of the calls", ProtobufMessage().integer(2, 1).integer(1, 2), "\x10\x01\x08\x02"s},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    CHECK(c.message.bytes() == c.bytes);
  }
}
