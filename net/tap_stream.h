#pragma once
/// Reports the raw bytes of both directions as they pass. Below TLS it hears what the wire hears: the judge of "no
/// secret in clear" listens there.
///
///   stream = with_tap(std::move(tcp), [&](TapDirection direction, std::string_view bytes) { judge.hear(direction,
///   bytes); }); stream = with_tls(std::move(stream), trust, "pop.isp.test", world.calendar);

#include <functional>
#include <memory>
#include <string_view>

#include "net/stream.h"

namespace mailrig {

enum class TapDirection : std::uint8_t { sent, received };  // as the owner of the stream sees it

/// Hears what is sent before the stream below is given it, and what is received before the owner is.
using TapListener = std::function<void(TapDirection, std::string_view)>;

std::unique_ptr<Stream> with_tap(std::unique_ptr<Stream> below, TapListener listener);

}  // namespace mailrig
