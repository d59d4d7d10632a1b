//! The largest picture that the available memory allows. It must be limited, because a few bytes of a file can claim a
//! picture of gigabytes.

use std::fs;

/// Memory per pixel while a frame is decoded and converted.
const BYTES_PER_PIXEL: u64 = 12;
/// Largest limit: 16 384 × 16 384 pixels, more than any camera has.
const UPPER_PIXELS: u64 = 1 << 28;
/// Smallest limit: somewhat more than a picture of 8K video.
const LOWER_PIXELS: u64 = 1 << 25;
/// Available memory to assume if the system does not report it.
const ASSUMED_BYTES: u64 = 4 << 30;

/// Most pixels of one picture if `decoders` videos are decoded at the same time on this machine. Each gets the same share
/// of the memory that is available now. The limit is at least 8K and at most 16 384 × 16 384.
pub fn max_pixels(decoders: usize) -> u64 {
    let bytes = available_bytes().unwrap_or(ASSUMED_BYTES);
    pixels_within(bytes / decoders.max(1) as u64)
}

fn pixels_within(bytes: u64) -> u64 {
    (bytes / BYTES_PER_PIXEL).clamp(LOWER_PIXELS, UPPER_PIXELS)
}

/// Linux's estimate of the memory that is available without swapping, and at most the container's limit.
fn available_bytes() -> Option<u64> {
    let machine = mem_available(&fs::read_to_string("/proc/meminfo").ok()?)?;
    // The file exists only in a container. `max` means no limit.
    let container = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    let container = container.and_then(|text| text.trim().parse().ok());
    Some(machine.min(container.unwrap_or(u64::MAX)))
}

fn mem_available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim()
        .strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a picture may exceed the memory, or ordinary video is refused when little is available.
    #[test]
    fn pixels_by_memory() {
        assert_eq!(pixels_within(12 * 100_000_000), 100_000_000);
        assert_eq!(pixels_within(u64::MAX), 16_384 * 16_384);
        assert!(pixels_within(0) >= 7_680 * 4_320);
        assert!(max_pixels(8) <= max_pixels(1));
        assert!(max_pixels(0) <= UPPER_PIXELS);
    }

    // Breaks if the kernel's text is misread, or a malformed one causes a panic.
    #[test]
    fn what_is_available() {
        let meminfo =
            "MemTotal:        8138408 kB\nMemFree:  1 kB\nMemAvailable:    2048 kB\nBuffers: 3 kB\n";
        assert_eq!(mem_available(meminfo), Some(2048 << 10));
        for nonsense in [
            "",
            "MemAvailable: many kB",
            "MemAvailable: 18446744073709551615 kB",
        ] {
            assert_eq!(mem_available(nonsense), None);
        }
    }
}
