//! How large a picture may be before it takes more memory than there is: a few bytes of a file can announce gigabytes.

use std::fs;

/// What a pixel takes while a frame is decoded and converted.
const BYTES_PER_PIXEL: u64 = 12;
/// The limit however much memory there is: 16 384 × 16 384 pixels, more than any camera makes.
const UPPER_PIXELS: u64 = 1 << 28;
/// The limit however little memory there is: somewhat more than a picture of 8K video.
const LOWER_PIXELS: u64 = 1 << 25;
/// Available memory where the system does not say it.
const ASSUMED_BYTES: u64 = 4 << 30;

/// The most pixels of one picture where so many videos are decoded at a time on this machine: what fits into each one's
/// share of the memory that is available now, and at least 8K, at most 16 384 × 16 384.
pub fn max_pixels(decoders: usize) -> u64 {
    let bytes = available_bytes().unwrap_or(ASSUMED_BYTES);
    pixels_within(bytes / decoders.max(1) as u64)
}

fn pixels_within(bytes: u64) -> u64 {
    (bytes / BYTES_PER_PIXEL).clamp(LOWER_PIXELS, UPPER_PIXELS)
}

/// What Linux says that programs can have without others being swapped out, and no more than a container's limit.
fn available_bytes() -> Option<u64> {
    let machine = mem_available(&fs::read_to_string("/proc/meminfo").ok()?)?;
    // The file exists only in a container; `max` stands for no limit.
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

    // Breaks if a picture may take more than there is, or ordinary video is refused where little is available.
    #[test]
    fn pixels_by_memory() {
        assert_eq!(pixels_within(12 * 100_000_000), 100_000_000);
        assert_eq!(pixels_within(u64::MAX), 16_384 * 16_384);
        assert!(pixels_within(0) >= 7_680 * 4_320);
        assert!(max_pixels(8) <= max_pixels(1));
        assert!(max_pixels(0) <= UPPER_PIXELS);
    }

    // Breaks if what the kernel says is misread, or nonsense from it ends in a panic.
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
