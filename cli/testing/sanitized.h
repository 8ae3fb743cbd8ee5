#pragma once
/// Whether a sanitizer is compiled in, which makes minutes of what takes seconds.

namespace mailrig::cli::testing {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif
#else
inline constexpr bool is_sanitized = false;
#endif

}  // namespace mailrig::cli::testing
