use proptest::prelude::*;

use super::*;

const HDR: [Colour; 4] = [
    Colour {
        transfer: Transfer::Pq,
        primaries: Primaries::Bt2020,
    },
    Colour {
        transfer: Transfer::Pq,
        primaries: Primaries::P3,
    },
    Colour {
        transfer: Transfer::Hlg,
        primaries: Primaries::Bt2020,
    },
    Colour {
        transfer: Transfer::Hlg,
        primaries: Primaries::Bt709,
    },
];

fn colours() -> impl Strategy<Value = Colour> {
    let transfers = prop::sample::select(vec![Transfer::Sdr, Transfer::Pq, Transfer::Hlg]);
    let primaries = prop::sample::select(vec![Primaries::Bt709, Primaries::Bt2020, Primaries::P3]);
    (transfers, primaries).prop_map(|(transfer, primaries)| Colour { transfer, primaries })
}

fn peaks() -> impl Strategy<Value = Mastering> {
    let nits = prop_oneof![
        Just(f32::NAN),
        Just(f32::INFINITY),
        Just(-1.0),
        Just(0.0),
        0.0_f32..20_000.0
    ];
    prop::option::of(nits).prop_map(|max_nits| Mastering { max_nits })
}

fn nits(nits: f32) -> Mastering {
    Mastering { max_nits: Some(nits) }
}

/// The result for one pixel.
fn pixel(code: [u16; 3], colour: Colour, peak: Mastering) -> [u16; 3] {
    to_sdr(&code, 1, colour, peak).try_into().unwrap()
}

/// The results for each code as grey.
fn greys(colour: Colour, peak: Mastering) -> Vec<[u16; 3]> {
    let ramp: Vec<u16> = (0..=u16::MAX).flat_map(|code| [code; 3]).collect();
    to_sdr(&ramp, 256, colour, peak).as_chunks().0.to_vec()
}

// Breaks if an interpolated curve falls anywhere, a grey is tinted by rounding, black is lifted, or the peak is not white.
// All 65536 codes are tried.
#[test]
fn greys_rise_from_black_to_white() {
    for colour in HDR {
        for peak in [
            Mastering::default(),
            nits(100.0),
            nits(400.0),
            nits(1000.0),
            nits(4000.0),
            nits(10_000.0),
        ] {
            let greys = greys(colour, peak);
            assert_eq!(greys[0], [0; 3]);
            assert_eq!(greys[65535], [u16::MAX; 3], "{colour:?} {peak:?}");
            for (code, pair) in greys.windows(2).enumerate() {
                assert!(pair[0][0] <= pair[1][0], "{colour:?} {peak:?} {code} {pair:?}");
            }
            assert!(
                greys.iter().all(|grey| *grey == [grey[0]; 3]),
                "{colour:?} {peak:?}"
            );
        }
    }
}

// Breaks if the curve of SDR differs between decoding and encoding: only the colours of SDR may change.
#[test]
fn sdr_greys_are_unchanged() {
    for primaries in [Primaries::Bt2020, Primaries::P3] {
        let colour = Colour {
            transfer: Transfer::Sdr,
            primaries,
        };
        for (code, grey) in greys(colour, Mastering::default()).into_iter().enumerate() {
            assert_eq!(grey, [code as u16; 3]);
        }
    }
}

// Breaks if a step, a table or the order of steps changes. The PQ codes of 100 nits and of 203 nits, and the 75 % of HLG,
// which are 203 nits too; computed apart from this code, from the formulas of the sources with 64-bit floats.
#[test]
fn reference_levels() {
    let [pq, _, hlg, _] = HDR;
    for (code, colour, expected) in REFERENCE {
        let colour = if colour == Transfer::Pq { pq } else { hlg };
        let result = pixel(code, colour, nits(1000.0));
        for (channel, expected) in result.into_iter().zip(expected) {
            assert!(channel.abs_diff(expected) <= 1, "{code:?} {colour:?} {result:?}");
        }
    }
}

const REFERENCE: [([u16; 3], Transfer, [u16; 3]); 7] = [
    ([33296, 33296, 33296], Transfer::Pq, [47731, 47731, 47731]),
    ([38055, 38055, 38055], Transfer::Pq, [58850, 58850, 58850]),
    ([49151, 49151, 49151], Transfer::Hlg, [58859, 58859, 58859]),
    ([40000, 30000, 20000], Transfer::Pq, [64297, 20546, 2106]),
    ([45000, 20000, 47000], Transfer::Pq, [65446, 0, 63865]),
    ([50000, 30000, 40000], Transfer::Hlg, [61971, 21725, 37667]),
    ([10000, 60000, 10000], Transfer::Hlg, [0, 64921, 36898]),
];

// Breaks if any bit of any result changes: on another machine, with another compiler, or by a change of this module. The
// sum is over a grid of colours.
#[test]
fn the_same_bits_everywhere() {
    let levels = (0..=u16::MAX).step_by(3855);
    let grid: Vec<u16> = levels
        .clone()
        .flat_map(|r| levels.clone().map(move |g| (r, g)))
        .flat_map(|(r, g)| levels.clone().flat_map(move |b| [r, g, b]))
        .collect();
    let sums = HDR.map(|colour| {
        // FNV-1a.
        to_sdr(&grid, 1, colour, nits(1000.0))
            .into_iter()
            .flat_map(u16::to_le_bytes)
            .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            })
    });
    assert_eq!(sums, SUMS, "{sums:#x?}");
}

const SUMS: [u64; 4] = [
    0x2218_fbb0_75ab_3019,
    0x476d_1a42_fd56_84cf,
    0x811c_42f9_1908_9043,
    0x22ff_561b_ad42_5d39,
];

// Breaks if a code point is not that of H.273, or HDR that became sRGB is still called HDR.
#[test]
fn code_points() {
    let [pq, p3, hlg, _] = HDR;
    assert_eq!(cicp(Colour::BT709), (1, 1, 0));
    assert_eq!(cicp(pq), (9, 16, 0));
    assert_eq!(cicp(p3), (12, 16, 0));
    assert_eq!(cicp(hlg), (9, 18, 0));
    assert_eq!(sdr_cicp(pq), (1, 13, 0));
    assert_eq!(
        sdr_cicp(Colour {
            transfer: Transfer::Sdr,
            primaries: Primaries::P3
        }),
        (1, 1, 0)
    );
}

proptest! {
    // Breaks if a length that is not that of a picture is read beyond its end, or a peak that makes no sense divides by 0.
    #[test]
    fn never_panics(
        pixels in prop::collection::vec(any::<u16>(), 0..200),
        width in prop_oneof![0_u32..20, Just(u32::MAX)],
        colour in colours(),
        peak in peaks(),
    ) {
        let result = to_sdr(&pixels, width, colour, peak);
        let line = width as usize * 3;
        prop_assert_eq!(result.len(), pixels.len().checked_div(line).unwrap_or(0) * line);
        ToSdr::new(colour, peak).convert(&mut pixels.clone());
    }

    // Breaks if SDR that needs nothing is touched.
    #[test]
    fn bt709_is_unchanged(pixels in prop::collection::vec(any::<u16>(), 0..200), peak in peaks()) {
        let whole = pixels.len() / 3 * 3;
        prop_assert_eq!(to_sdr(&pixels, 1, Colour::BT709, peak), &pixels[..whole]);
    }

    // Breaks if a grey comes out tinted, or black lifted, for any peak.
    #[test]
    fn grey_stays_grey(code in any::<u16>(), colour in colours(), peak in peaks()) {
        let [r, g, b] = pixel([code; 3], colour, peak);
        prop_assert!(r == g && g == b);
        prop_assert_eq!(pixel([0; 3], colour, peak), [0; 3]);
    }

    // Breaks if the curve falls between two greys for any peak.
    #[test]
    fn brighter_grey_is_not_darker(a in any::<u16>(), b in any::<u16>(), colour in colours(), peak in peaks()) {
        prop_assert!(pixel([a.min(b); 3], colour, peak) <= pixel([a.max(b); 3], colour, peak));
    }

    // Breaks if the tone curve or the gamut step acts on channels one by one: with BT.709 primaries, a colour brighter than
    // white keeps the order of its channels, and a channel of 0 stays 0.
    #[test]
    fn hue_is_kept(r in any::<u16>(), g in any::<u16>(), peak in peaks()) {
        let colour = Colour { transfer: Transfer::Pq, primaries: Primaries::Bt709 };
        let [red, green, blue] = pixel([r, g, 0], colour, peak);
        prop_assert_eq!(blue, 0);
        let kept = if r >= g { red >= green } else { red <= green };
        prop_assert!(kept);
    }

    // Breaks if lines depend on each other: a picture in two parts is the whole.
    #[test]
    fn parts_make_the_whole(pixels in prop::collection::vec(any::<[u16; 3]>(), 2..40), colour in colours()) {
        let (first, second) = pixels.split_at(pixels.len() / 2);
        let convert = |part: &[[u16; 3]]| to_sdr(part.as_flattened(), 1, colour, Mastering::default());
        prop_assert_eq!([convert(first), convert(second)].concat(), convert(&pixels));
    }
}
