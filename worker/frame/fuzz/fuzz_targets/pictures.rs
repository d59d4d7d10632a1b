//! Any bytes as a picture's file and as a sheet's cues, and any text as an output, a sheet and a request. What can be drawn is
//! drawn, and what is written is read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posterframe_contract::{JobRequest, OutputRequest, SheetRequest};
use posterframe_picture::proof::{Proof, SheetProof, extract};
use posterframe_picture::sheet::cues;
use posterframe_picture::{Image, PixelFormat, encode, render};

/// A larger output takes longer than it is worth.
const MAX_SIDE: u32 = 64;

fuzz_target!(|data: &[u8]| {
    let image = Image::decode_png(data);
    if let Some(xmp) = extract(data) {
        let _ = Proof::from_xmp(&xmp);
    }
    let _ = JobRequest::parse(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = cues(text);
    let _ = (Proof::from_xmp(text), SheetProof::from_xmp(text));
    if let Ok(sheet) = text.parse::<SheetRequest>() {
        assert_eq!(sheet.to_string().parse(), Ok(sheet));
    }
    let Ok(output) = text.parse::<OutputRequest>() else { return };
    assert_eq!(output.to_string().parse(), Ok(output.clone()));
    let is_small = |side: Option<u32>| side.is_none_or(|side| side <= MAX_SIDE);
    if output.size.is_some_and(|size| !is_small(size.width) || !is_small(size.height)) {
        return;
    }
    let plain = Image::new(PixelFormat::Rgba16, 24, 16, vec![0x5a; 24 * 16 * 8]).expect("a picture");
    for image in [Ok(plain), image].into_iter().flatten() {
        if image.width().max(image.height()) > MAX_SIDE {
            continue;
        }
        if let Ok(picture) = render(&image, &output) {
            let _ = encode(&picture, &output, None);
        }
    }
});
