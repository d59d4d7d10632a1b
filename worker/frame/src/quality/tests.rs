use super::*;

const SIZE: (u32, u32) = (64, 36);

fn picture(value: impl Fn(u32, u32) -> u8) -> Quality {
    let pixels = (0..SIZE.0 * SIZE.1).flat_map(|at| {
        let value = value(at % SIZE.0, at / SIZE.0);
        [value, value, value, 255]
    });
    Quality::of(SIZE.0, SIZE.1, &pixels.collect::<Vec<_>>())
}

// Breaks if a night scene counts as black, a black frame with noise does not, or a white frame has no flaw.
#[test]
fn black_and_blank() {
    let night = |lit| picture(move |x, y| if y * SIZE.0 + x < lit { 200 } else { 8 });
    assert_eq!(night(30).flaw(), Some(Flaw::NearlyBlack));
    assert_eq!(night(300).flaw(), None);
    assert_eq!(picture(|x, _| 250 + (x % 3) as u8).flaw(), Some(Flaw::Blank));
    let nearly_white = picture(|x, y| if y * SIZE.0 + x < 30 { 0 } else { 250 });
    assert_eq!(nearly_white.flaw(), Some(Flaw::Blank));
    assert_eq!(picture(|x, _| (x * 4) as u8).flaw(), None);
    assert_eq!(Quality::of(0, 0, &[]).flaw(), Some(Flaw::Blank));
}

// Breaks if a blurred frame beside a sharp one is not detected, or a smooth one beside another scene counts as blurred.
#[test]
fn blurred_beside_the_same_sharp() {
    let bars = |soft: u32| {
        picture(move |x, _| {
            let sum: u32 = (0..=soft)
                .map(|back| if (x + 64 - back) / 2 % 2 == 0 { 30 } else { 220 })
                .sum();
            (sum / (soft + 1)) as u8
        })
    };
    let (sharp, blurred) = (bars(0), bars(2));
    assert!(blurred.is_blurred_beside(&sharp));
    assert!(!sharp.is_blurred_beside(&blurred) && !sharp.is_blurred_beside(&sharp));
    assert!(blurred.score(sharp.detail(), false) < sharp.score(sharp.detail(), false));
    let (left, right) = (picture(|x, _| (x * 4) as u8), picture(|x, _| 255 - (x * 4) as u8));
    assert!(!left.is_like(&right) && !left.is_blurred_beside(&right));
}

/// Noise in the levels from `least` on.
fn noise(x: u32, y: u32, least: u32, levels: u32) -> u8 {
    let mixed = (x * 7_919 + y * 104_729).wrapping_mul(2_654_435_761);
    (least + (mixed >> 16) % levels) as u8
}

// Breaks if a flaw costs nothing, or a score is none of 0 to 100.
#[test]
fn flaws_cost_points() {
    let good = picture(|x, y| noise(x, y, 20, 210));
    let usual = good.detail();
    let score = |picture: &Quality| picture.score(usual, false);
    assert!((60..=85).contains(&score(&good)), "{}", score(&good));
    let bars = picture(|x, y| {
        if (5..31).contains(&y) {
            noise(x, y, 20, 210)
        } else {
            0
        }
    });
    let title = picture(|x, y| {
        if (14..22).contains(&y) && x % 3 == 0 {
            230
        } else {
            40
        }
    });
    let soft = picture(|x, y| noise(x / 8, y / 8, 20, 210));
    let black = picture(|x, y| noise(x, y, 2, 8));
    for (name, worse) in [
        ("bars", &bars),
        ("title", &title),
        ("soft", &soft),
        ("black", &black),
    ] {
        assert!(score(worse) + 5 < score(&good), "{name}: {}", score(worse));
    }
    assert!(score(&title) < MIN_SCORE && score(&black) < 5);
    assert!(good.score(usual, true) < MIN_SCORE);
    assert_eq!(Quality::of(0, 0, &[]).score(0.0, false), 0);
}

// Breaks if a fade from black counts as motion, or motion as a fade.
#[test]
fn fades_go_one_way() {
    let faded = |part: u32| picture(move |x, y| (u32::from(noise(x, y, 20, 210)) * part / 100) as u8);
    let fade = [40, 43, 46, 49, 52].map(faded);
    let flicker = [40, 43, 42, 45, 48].map(faded);
    assert!(Quality::is_fade(fade.iter()) && Quality::is_fade(fade.iter().rev()));
    assert!(!Quality::is_fade(flicker.iter()) && !Quality::is_fade(fade[..2].iter()));
}
