//! Bytes that no program made on purpose.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;

use super::programs::{RECIPES, Recipe};
use super::{example, forms};
use crate::proof::{embed, extract};

/// Real files, and some made by hand, each without and with a packet.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let made = RECIPES.iter().filter_map(Recipe::make).chain(forms::avifs());
    made.flat_map(|file| {
        let embedded = embed(&file, &example().to_xmp()).unwrap();
        [file, embedded]
    })
    .collect()
});

const BEGINNINGS: [&[u8]; 5] = [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"RIFF\x40\0\0\0WEBP",
    b"\0\0\0\x10ftypavif\0\0\0\0",
];

/// What a packet goes into has that packet inside, takes another in its place, and grows by little more than the packet.
fn check(file: &[u8]) -> Result<(), TestCaseError> {
    let found = extract(file);
    prop_assert!(found.is_none_or(|packet| packet.len() <= file.len()));
    if let Ok(embedded) = embed(file, "<first/>") {
        let packet = extract(&embedded);
        prop_assert_eq!(packet.as_deref(), Some("<first/>"));
        let second = embed(&embedded, "<the second/>").unwrap();
        prop_assert_eq!(&second, &embed(file, "<the second/>").unwrap());
        prop_assert!(embedded.len() <= 4 * file.len() + 200);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    // Breaks if bytes behind the right beginning make a reader panic, or a file is written that is not read.
    #[test]
    fn any_bytes(beginning in prop::sample::select(&BEGINNINGS[..]), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check(&[beginning, &bytes].concat())?;
    }

    // Breaks if a length or number in a real file is trusted: some bits are turned, often near the front.
    #[test]
    fn damaged_files(which in any::<Index>(), bits in prop::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 0..6), cut in prop::option::of(any::<Index>())) {
        let mut file = which.get(&FILES).clone();
        if let Some(cut) = cut {
            file.truncate(cut.index(file.len()));
        }
        for (place, flipped, is_front) in bits {
            let range = if is_front { file.len().min(360) } else { file.len() };
            if range > 0 {
                file[place.index(range)] ^= flipped;
            }
        }
        check(&file)?;
    }
}

// Breaks if a file that ends too early anywhere panics, or is taken for whole before its picture begins.
#[test]
fn every_truncation() {
    for file in FILES.iter() {
        for end in 0..file.len().min(1500) {
            check(&file[..end]).unwrap();
        }
        assert!(embed(&file[..40.min(file.len())], "<x/>").is_err());
    }
}
